"""Access tokens, by which programs prove who they are."""

from datetime import datetime

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .member import Member

MAX_NAME = 60
"""Characters in the name of a token, from which its service account gets its own."""


class AccessToken(models.Model):
    """A program's token. Only its digest is stored; the text is shown once, when it is made."""

    member = models.ForeignKey(
        Member, models.CASCADE, related_name="access_tokens", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=MAX_NAME)
    scopes = models.JSONField(_("scopes"), default=list)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    class Meta:
        db_table = "access_token"
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")

    def __str__(self):
        return self.name

    def is_valid(self, now: datetime) -> bool:
        """Whether it opens anything: neither ended nor expired, of a program that is enabled."""
        if self.ended_at is not None or (self.expires_at is not None and self.expires_at <= now):
            return False
        return self.member.is_program and self.member.is_active
