"""What a token may be used for. docs/api.md says what each of them opens."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    CONVERSATIONS_READ = "conversations:read", _("read conversations")
    MESSAGES_READ = "messages:read", _("read messages and notes")
    MESSAGES_WRITE = "messages:write", _("write messages and notes")
    CONVERSATIONS_WRITE = "conversations:write", _("close, transfer, tag … conversations")
    VISITORS_READ = "visitors:read", _("read all of visitors, contact data included")
    VISITORS_WRITE = "visitors:write", _("edit and erase visitors")
    WEBHOOKS = "webhooks", _("set up webhooks")
    REPORTS_READ = "reports:read", _("read reports")
    KNOWLEDGE_READ = "knowledge:read", _("read published articles")
    KNOWLEDGE_INTERNAL = "knowledge:internal", _("read drafts and internal articles")
    KNOWLEDGE_WRITE = "knowledge:write", _("write, publish and remove articles")


SCOPES: list[str] = list(Scope.values)
"""All scopes, in the order in which pages and commands list them."""
