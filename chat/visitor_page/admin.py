"""The customer's page in the administration, and what is done there."""

import uuid

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit, factors, hours
from chat.background import upkeep
from chat.customers import links
from chat.limits import limits, member_keys
from chat.models import LegalHold, Visitor
from chat.posting import batches, beginnings, visitor_forms
from chat.posting.visitor_actions import VisitorAction
from chat.protocol import fields
from chat.protocol.errors import Refused, explain

from . import edits, page, preview

DONE = {
    "block": _("The visitor is blocked."),
    "unblock": _("The visitor may write again."),
    "erase": _("The visitor was erased."),
    "hold": _("The legal hold is placed."),
    "lift": _("The legal hold is lifted."),
    "link": _("They are shown as one customer from now on."),
    "part": _("They are two customers again."),
    "attributes": _("The attributes are saved."),
    "note": _("The note is written."),
    "tag": _("The tag is added."),
    "untag": _("The tag is removed."),
}
"""What is said once something was done."""


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
        if request.POST.get("action") == "begin":
            return self.begin(request, people)
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
            "draft": draft,
            "wrong": wrong,
            "client_ids": {"begin": uuid.uuid4(), "note": uuid.uuid4()}
            | {draft.get("action"): draft.get("client_id")},
            "fields": edits.fields(enterprise.code, shown["values"], draft, wrong),
            **shown,
        }
        with timezone.override(hours.zone_named(enterprise.zone)):
            return render(request, f"admin/chat/visitor/{template}", context)

    def begin(self, request, people):
        """Writes to the visitor who names the customer, and goes on in the workspace."""
        if request.user.enterprise is None:
            raise PermissionDenied
        try:
            limits.take("message", member_keys(request.user.uuid))
            begun = beginnings.begin(
                request.user, {**request.POST.dict(), "visitor": people[0].uuid}
            )
        except Refused as refused:
            messages.error(request, explain(refused))
            return self.show(request, people, refused)
        return redirect("conversation", begun.group)

    def act(self, request, people):
        """Does what the form asks for: links or parts a visitor, or does something about all."""
        member, name = request.user, request.POST["action"]
        if member.enterprise is None:
            raise PermissionDenied
        place, origin = request.get_full_path(), audit.of_request(request)
        try:
            if name not in DONE:
                known = ", ".join(DONE)
                raise Refused("bad_field", f"action is one of {known}.")
            if name == "erase" and not factors.fresh.is_fresh(request):
                return factors.fresh.ask(request)
            limits.take("message", member_keys(member.uuid))
            if name == "link":
                other = request.POST.get("other", "")
                links.link(member, people[0].uuid, other, origin=origin)
                place = place_of(people[0])
            elif name == "part":
                links.part(member, request.POST.get("other", ""), origin)
            elif name in edits.EDITS:
                edits.EDITS[name](member, people, request.POST)
            else:
                for action in asked(request, people):
                    batches.do(action)
        except Refused as refused:
            if not refused.facts.get("wrong"):
                messages.error(request, explain(refused))
            if name in edits.EDITS:
                return self.show(request, people, refused)
        else:
            # The sockets of a visitor who is blocked now are closed with the next upkeep.
            upkeep.soon()
            messages.success(request, DONE[name])
        return redirect(place)


def place_of(visitor: Visitor) -> str:
    return reverse("admin:chat_visitor_change", args=[visitor.pk])


def asked(request, people: list[Visitor]) -> list[VisitorAction]:
    """What a form asks for about each of these visitors, from their latest conversation if they
    have one. Those on whom a hold is placed come first: an erasure of them is refused before
    anything is erased."""
    latest, found = page.latest_groups(people), []
    for visitor in people:
        group = latest.get(visitor.uuid, "")
        action = visitor_forms.check(request.POST, request.user.uuid, group)
        if action.name == "hold" and not (action.whole or group):
            raise Refused("not_found", "There is no conversation to be kept.")
        action.visitor, action.address = visitor.uuid, request.META.get("REMOTE_ADDR", "")
        holds = LegalHold.objects.of(visitor.uuid, visitor.ent_id)
        if action.name == "lift" and not holds.filter(pk=action.hold).exists():
            continue
        found.append((not holds.exists(), action))
    return [action for _free, action in sorted(found, key=lambda pair: pair[0])]
