"""Who writes articles, and in which shell: the same pages stand in the workspace and, for those who
publish, in the administration. The namespace of the address says where."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts import hours
from accounts.models import Enterprise, Member
from chat.knowledge import articles
from chat.models import Article
from chat.views.common import note_archive_read

from .workspace import for_agents


@dataclass(frozen=True, slots=True)
class Desk:
    """Of one request."""

    request: HttpRequest
    member: Member
    enterprise: Enterprise
    namespace: str

    @property
    def in_administration(self) -> bool:
        return self.namespace == "admin-articles"

    @property
    def may_publish(self) -> bool:
        return articles.may_publish(self.member)

    def address(self, name: str, *args: str) -> str:
        """The address of such a page in the same shell."""
        return reverse(f"articles:{name}", args=args, current_app=self.namespace)

    def editor(self, slug: str, lang: str) -> str:
        """The address of the editor for an article in a language; of a new one without a slug."""
        new = f"{self.address('new')}?lang={lang}"
        return self.address("article", slug, lang) if slug else new

    def note_reading(self) -> None:
        """As of the archive."""
        note_archive_read(self.request, self.enterprise)

    def show(self, template: str, context: dict, status: int = 200) -> HttpResponse:
        """A page with times on the enterprise's clocks."""
        context = {
            **(admin.site.each_context(self.request) if self.in_administration else {}),
            "frame": f"chat/articles/{'admin' if self.in_administration else 'agent'}.html",
            "enterprise": self.enterprise,
            "may_publish": self.may_publish,
            "audiences": Article.Audience.choices,
            **context,
        }
        with timezone.override(hours.zone_named(self.enterprise.zone)):
            template = f"chat/articles/{template}.html"
            return render(self.request, template, context, status=status)


def for_writers(view: Callable) -> Callable:
    """Decorates a view for members who write articles; in the administration for those of them who
    publish. It gets a `Desk` after the request. Others are answered as `for_agents` does."""

    @for_agents
    @wraps(view)
    def guarded(request: Any, *args, **kwargs) -> HttpResponse:
        member, namespace = request.user, request.resolver_match.namespace
        desk = Desk(request, member, member.enterprise, namespace)
        if not (desk.may_publish if desk.in_administration else articles.may_write(member)):
            raise PermissionDenied
        return view(request, desk, *args, **kwargs)

    return guarded
