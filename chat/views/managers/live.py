"""The live view, and changing a colleague's state from it."""

from functools import wraps
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, hours, rights
from accounts.models import Enterprise, Member
from accounts.requests import wants_json
from chat.overview import live
from chat.periods import enterprise_of
from chat.presence import leases
from chat.protocol.errors import Refused
from chat.views.agents.workspace import for_member, set_state
from chat.views.common import json_response, unauthorised
from chat.views.refusals import limit_requests

from .administration import answer_refused


def for_supervisors(view):
    """Decorates a view for who may see the live view. The view gets the enterprise, too: the
    member's own, or the one that a superuser names in the address. What is refused is answered as
    JSON where that was asked for."""
    counted = limit_requests(for_member)(never_cache(view))

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        member = request.user
        if not member.is_authenticated:
            if wants_json(request):
                return unauthorised()
            return redirect_to_login(request.get_full_path())
        if not (member.is_superuser or member.may(rights.LIVE)):
            refused = Refused("forbidden", "The live view is for managers and supervisors.")
            return answer_refused(request, refused, _("Live"))
        try:
            enterprise = enterprise_of(member, request.GET.get("enterprise"))
            return counted(request, enterprise=enterprise)
        except Refused as refused:
            return answer_refused(request, refused, _("Live"))

    return guarded


@require_safe
@for_supervisors
def page(request: HttpRequest, enterprise: Enterprise) -> HttpResponse:
    """How things stand now, as a page that renews itself or as JSON."""
    now = timezone.now()
    board = live.board(enterprise, now)
    if wants_json(request):
        return json_response(board)
    zone = hours.zone_named(enterprise.zone)
    context = admin.site.each_context(request) | {
        "title": _("Live"),
        "has_permission": True,
        "board": board,
        "enterprise": enterprise,
        "query": query(request.user, enterprise),
        # Without a zone: a template shows others by the server's clock.
        "local": now.astimezone(zone).replace(tzinfo=None),
        "states": (leases.ONLINE, leases.BUSY, leases.OFFLINE),
        # Its socket is of the member's own enterprise.
        "pushed": request.user.enterprise == enterprise and request.user.may(rights.LIVE),
        "reads": request.user.enterprise == enterprise and request.user.may(rights.READ_ALL),
    }
    return render(request, "admin/overview/live.html", context)


@require_POST
@for_supervisors
def change_state(request: HttpRequest, enterprise: Enterprise) -> HttpResponse:
    """Sets the `state` of a `member` (an account) as their own switch does: online, busy or
    offline."""
    member = colleague_of(enterprise, request.POST.get("member", ""))
    with audit.during(request):
        wish = set_state(member, request.user, request.POST.get("state"))
        about = {"kind": "member", "object_id": str(member.pk), "object_name": member.name}
        details = {"after": {"state": wish}}
        audit.note(audit.Action.CHANGED, enterprise.pk, details=details, **about)
    if wants_json(request):
        return json_response(leases.for_colleagues(wish))
    return redirect(reverse("live") + query(request.user, enterprise))


def colleague_of(enterprise: Enterprise, account: str) -> Member:
    """The member who serves visitors of this enterprise. Raises `Refused`."""
    rows = Member.objects.filter(enterprise=enterprise, name=account.lower())
    member = rows.filter(status=Member.Status.NORMAL).first()
    if member is None or not member.may(rights.WORKSPACE):
        raise Refused("not_found", "There is no such member.", member=account)
    return member


def query(member: Member, enterprise: Enterprise) -> str:
    """The query that keeps what a superuser has chosen."""
    return f"?{urlencode({'enterprise': enterprise.code})}" if member.is_superuser else ""
