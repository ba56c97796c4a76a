"""The live view, and changing a colleague's state from it."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, rights
from accounts.models import Enterprise, Member
from accounts.requests import wants_json
from chat.overview import live
from chat.presence import leases
from chat.protocol.errors import Refused
from chat.views.agents.workspace import set_state
from chat.views.common import json_response

from .administration import answer_refused, chosen, gate, pages_of, place

TITLE = gettext_lazy("Live")
show = pages_of("overview", TITLE)


def check_supervisor(request: HttpRequest) -> None:
    member = cast(Member, request.user)
    if not (member.is_superuser or member.may(rights.LIVE)):
        raise Refused("forbidden", "The live view is for managers and supervisors.")


for_supervisors = gate(
    check_supervisor, lambda request, refused: answer_refused(request, refused, str(TITLE))
)


@require_safe
@for_supervisors
def page(request: HttpRequest) -> HttpResponse:
    """How things stand now, as a page that renews itself or as JSON."""
    enterprise, now = chosen(request), timezone.now()
    board = live.board(enterprise, now)
    if wants_json(request):
        return json_response(board)
    own = request.user.enterprise == enterprise
    context = {
        "board": board,
        "states": (leases.ONLINE, leases.BUSY, leases.OFFLINE),
        # Its socket is of the member's own enterprise.
        "pushed": own and request.user.may(rights.LIVE),
        "reads": own and request.user.may(rights.READ_ALL),
    }
    return show(request, enterprise, "live.html", context)


@require_POST
@for_supervisors
def change_state(request: HttpRequest) -> HttpResponse:
    """Sets the `state` of a `member` (an account) as their own switch does: online, busy or
    offline."""
    enterprise = chosen(request)
    member = colleague_of(enterprise, request.POST.get("member", ""))
    with audit.during(request):
        wish = set_state(member, request.user, request.POST.get("state"))
        about = {"kind": "member", "object_id": str(member.pk), "object_name": member.name}
        details = {"after": {"state": wish}}
        audit.note(audit.Action.CHANGED, enterprise.pk, details=details, **about)
    if wants_json(request):
        return json_response(leases.for_colleagues(wish))
    return redirect(place("live", request, enterprise))


def colleague_of(enterprise: Enterprise, account: str) -> Member:
    """The member who serves visitors of this enterprise. Raises `Refused`."""
    rows = Member.objects.filter(enterprise=enterprise, name=account.lower())
    member = rows.filter(status=Member.Status.NORMAL).first()
    if member is None or not member.may(rights.WORKSPACE):
        raise Refused("not_found", "There is no such member.", member=account)
    return member
