"""The customer's page in the administration, and what is done there."""

from functools import partial

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts import factors, hours
from chat.customers import links
from chat.models import Visitor
from chat.protocol import fields
from chat.protocol.errors import Refused, explain

from . import acts, page, preview


def require_there(visitor: Visitor) -> None:
    """Raises `Refused` for a visitor who was erased: a page that is older than that would store
    their data again."""
    if visitor.is_erased:
        raise Refused("conflict", "The visitor was erased.", state="erased")


class VisitorPage:
    """A mixin for the admin of visitors: a page about a customer in place of the form. A form that
    names an `action` does it; without one it changes the row, as that of Django does."""

    def get_object(self, request, object_id, from_field=None):
        """Other pages know the visitor's uuid alone."""
        if fields.UUID.match(str(object_id)):
            found = self.get_queryset(request).filter(uuid=object_id).first()
            object_id = found.pk if found else ""
        return super().get_object(request, object_id, from_field)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        visitor = self.get_object(request, unquote(object_id))
        if visitor is None:
            return super().change_view(request, object_id, form_url, extra_context)
        if not self.has_view_permission(request, visitor):
            raise PermissionDenied
        people = links.visitors_of(visitor)
        if request.method != "POST":
            if people[0] != visitor or object_id != str(visitor.pk):
                return redirect(place_of(people[0]))
            return self.show(request, people)
        if "action" in request.POST:
            return self.act(request, people)
        try:
            require_there(visitor)
            return super().change_view(request, object_id, form_url, extra_context)
        except Refused as refused:
            messages.error(request, explain(refused))
            return redirect(request.get_full_path())

    def show(self, request, people, refused=None):
        """The page, with times on the enterprise's clocks; that it was opened is noted. Or what a
        link with another visitor would show together. `refused` is why the form that was sent was
        not done: what was written stands in it again."""
        visitor, other = people[0], request.GET.get("with", "")
        draft, wrong = (request.POST, refused.facts.get("wrong", {})) if refused else ({}, {})
        try:
            shown = page.context(request.user, people, request.GET)
            template = "page.html"
            if shown["links"] and (other or "link" in request.GET):
                shown |= preview.context(request.user, people, other, request.GET.get("link", ""))
                template = "link.html"
        except Refused as refused:
            raise Http404 from refused
        enterprise = shown["enterprise"]
        page.note_opened(request, enterprise, visitor)
        # A masked contact must not be saved in place of the whole one.
        whole = not (visitor.is_erased or shown["visitor"]["contacts_hidden"])
        changes = whole and self.has_change_permission(request, visitor)
        form = self.get_form(request, visitor, change=True)(instance=visitor) if changes else None
        context = {
            **self.admin_site.each_context(request),
            "title": visitor.label,
            "opts": self.opts,
            "pk": visitor.pk,
            "thread": "archive-thread",
            "preserved_filters": self.get_preserved_filters(request),
            "changes": changes,
            "form": form,
            **acts.drafts(people, shown["values"], draft, wrong),
            **shown,
        }
        with timezone.override(hours.zone_named(enterprise.zone)):
            return render(request, f"admin/chat/visitor/{template}", context)

    def act(self, request, people):
        if request.user.enterprise is None:
            raise PermissionDenied
        if request.POST["action"] == "erase" and not factors.fresh.is_fresh(request):
            return factors.fresh.ask(request)
        return acts.answer(request, people, partial(self.show, request, people))


def place_of(visitor: Visitor) -> str:
    return reverse("admin:chat_visitor_change", args=[visitor.pk])
