"""Who is on the enterprise's sites: told by their pages, seen and invited by agents."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Enterprise, Team
from accounts.models.greeting_rule import MAX_WORDS
from accounts.requests import wants_json
from chat.presence import leases
from chat.protocol.errors import Refused
from chat.visitors import invitations, site_visits

from ..limits import limits, of_member
from ..models import SiteVisit
from .common import json, refusal
from .framing import origin_header
from .visitor import guest_of, keys_of, limited
from .widget import for_sites
from .workspace import for_agents


@csrf_exempt
@require_POST
@limited
@for_sites
def tell(request: HttpRequest, enterprise: Enterprise, team: Team) -> HttpResponse:
    """A page of a site tells that it is looked at; the answer is what it has to show. As with a
    token, the Origin stands in the place of one against forged requests (identity.py). Of our own
    pages, where a manager tries the widget out, nothing is kept."""
    origin = origin_header(request)
    if not origin:
        raise Refused("forbidden", "Only a page of the enterprise's sites tells this.")
    wanted = enterprise.visits_told and origin in enterprise.site_origins()
    if not wanted or "1" in (request.headers.get("Sec-GPC"), request.headers.get("DNT")):
        return json({"invitation": None})
    keys = keys_of(request, None, enterprise.code)
    limits.take("visit", keys)
    told = site_visits.check(request.POST, origin, enterprise.queries_told)
    guest = guest_of(request, enterprise)
    if guest and guest.blocked:
        return json({"invitation": None})
    who = guest.uuid if guest and guest.stored else None
    return json({"invitation": invitations.of(site_visits.record(enterprise, told, who, keys))})


@require_safe
@for_agents
def page(request: HttpRequest) -> HttpResponse:
    """The list. Whoever opens it is there; its script, which fetches it again and again, also
    while nobody looks, says nothing of anybody."""
    if request.headers.get("X-Requested-With") != "XMLHttpRequest":
        leases.visit(request.user.uuid)
    return show(request)


def show(request: HttpRequest, status: int = 200) -> HttpResponse:
    enterprise = request.user.enterprise
    told = enterprise.visits_told
    context = {
        "me": request.user,
        "told": told,
        "rows": site_visits.listed(request.user) if told else [],
        "most": site_visits.MOST,
        "words": invitations.usual(request.user) if told else "",
        "max_words": MAX_WORDS,
    }
    return render(request, "chat/site_visits.html", context, status=status)


@require_POST
@for_agents
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """`text` is said to this visit. A page without scripts comes back with how it went."""
    if not SiteVisit.objects.filter(enterprise=request.user.enterprise, pk=pk).exists():
        raise Http404
    try:
        limits.take("message", of_member(request.user.uuid))
        invitations.invite(request.user, pk, request.POST)
    except Refused as refused:
        if wants_json(request):
            return refusal(refused)
        messages.error(request, why(refused))
        return redirect("site-visits")
    if wants_json(request):
        return json({"ok": True})
    messages.success(request, _("Invited. They see it within a few seconds."))
    return redirect("site-visits")


def why(refused: Refused) -> str:
    """What a person reads of an invitation that was not made."""
    words = {
        "not_found": _("Not invited: they have left the site."),
        "too_long": _("Not invited: the text is too long."),
        "bad_field": _("Not invited: enter a text first."),
        "declined": _("Not invited: they have declined an invitation."),
        "invited": _("Not invited: a colleague has already invited them."),
        "chatting": _("Not invited: they have already started a conversation."),
    }
    reason = refused.facts.get("state", refused.code)
    return words.get(reason, _("Not done. Try again in a moment."))
