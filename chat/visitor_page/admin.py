"""The visitor's page in the administration, and what is done there."""

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit, factors, hours
from chat.background import upkeep
from chat.ledger.access import READING
from chat.limits import limits, member_keys
from chat.models import Visitor
from chat.posting import batches, visitor_forms
from chat.protocol.errors import Refused, explain

from . import page

DONE = {
    "block": _("The visitor is blocked."),
    "unblock": _("The visitor may write again."),
    "erase": _("The visitor was erased."),
    "hold": _("The legal hold is placed."),
    "lift": _("The legal hold is lifted."),
}
"""What is said once something was done."""


def require_there(visitor: Visitor) -> None:
    """Raises `Refused` for a visitor who was erased: a page that is older than that would store
    their data again."""
    if visitor.is_erased:
        raise Refused("conflict", "The visitor was erased.", state="erased")


class VisitorPage:
    """A mixin for the admin of visitors: a page about one of them in place of the form. A form that
    names an `action` does it; without one it changes the row, as that of Django does."""

    def change_view(self, request, object_id, form_url="", extra_context=None):
        visitor = self.get_object(request, unquote(object_id))
        if visitor is None:
            return super().change_view(request, object_id, form_url, extra_context)
        if not self.has_view_permission(request, visitor):
            raise PermissionDenied
        if request.method != "POST":
            return self.show(request, visitor)
        if "action" in request.POST:
            return self.act(request, visitor)
        try:
            require_there(visitor)
            return super().change_view(request, object_id, form_url, extra_context)
        except Refused as refused:
            messages.error(request, explain(refused))
            return redirect(request.get_full_path())

    def show(self, request, visitor):
        """The page, with times on the enterprise's clocks; that it was opened is noted."""
        try:
            shown = page.context(request.user, visitor, request.GET.get("cursor"))
        except Refused as refused:
            raise Http404 from refused
        enterprise = shown["enterprise"]
        about = {"kind": "visitor", "object_id": visitor.uuid, "visitor": visitor.uuid}
        origin = audit.of_request(request)
        audit.note_once(READING, audit.Action.READ, enterprise.pk, origin, **about)
        # A masked contact must not be saved in place of the whole one.
        whole = not (visitor.is_erased or shown["visitor"]["contacts_hidden"])
        changes = whole and self.has_change_permission(request, visitor)
        form = self.get_form(request, visitor, change=True)(instance=visitor) if changes else None
        context = {
            **self.admin_site.each_context(request),
            "title": visitor.label,
            "opts": self.opts,
            "pk": visitor.pk,
            "preserved_filters": self.get_preserved_filters(request),
            "changes": changes,
            "form": form,
            **shown,
        }
        with timezone.override(hours.zone_named(enterprise.zone)):
            return render(request, "admin/chat/visitor/page.html", context)

    def act(self, request, visitor):
        """Does what the form asks for, as from the latest conversation of the visitor."""
        member, latest = request.user, page.conversations(visitor).first()
        if latest is None or member.enterprise is None:
            raise PermissionDenied
        try:
            action = visitor_forms.check(request.POST, member.uuid, latest.uuid)
            if action.name not in DONE:
                raise Refused("bad_field", "action is block, unblock, erase, hold or lift.")
            if action.name == "erase" and not factors.fresh.is_fresh(request):
                return factors.fresh.ask(request)
            action.address = request.META.get("REMOTE_ADDR", "")
            limits.take("message", member_keys(member.uuid))
            batches.do(action)
        except Refused as refused:
            messages.error(request, explain(refused))
        else:
            # The sockets of a visitor who is blocked now are closed with the next upkeep.
            upkeep.soon()
            messages.success(request, DONE[action.name])
        return redirect(request.get_full_path())
