"""Visits to the enterprise's sites: pages report them, agents see them and invite visitors."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Enterprise, Team
from accounts.models.greeting_rule import MAX_TEXT
from accounts.requests import wants_json
from chat.limits import limits, member_keys
from chat.models import SiteVisit
from chat.presence import leases
from chat.protocol.errors import Refused
from chat.views.agents.workspace import for_agents
from chat.views.common import json_response
from chat.views.refusals import answer_refusals
from chat.visitors import invitations, site_visits

from .embed import origin_header
from .guests import guest_of, limit_keys
from .widget import for_sites


@csrf_exempt
@require_POST
@for_sites
def report(request: HttpRequest, enterprise: Enterprise, team: Team) -> HttpResponse:
    """Stores that a page of a site is open, and answers the invitation for it or None.

    The header Origin protects against forged requests, as in identity.py. Reports of this site's
    own pages, where a manager tries the widget, are not stored.
    """
    origin = origin_header(request)
    if not origin:
        raise Refused("forbidden", "Only a page of the enterprise's sites tells this.")
    wanted = enterprise.visits_told and origin in enterprise.site_origins()
    if not wanted or "1" in (request.headers.get("Sec-GPC"), request.headers.get("DNT")):
        return json_response({"invitation": None})
    keys = limit_keys(request, None, enterprise.code)
    limits.take("visit", keys)
    visit = site_visits.check_report(request.POST, origin, enterprise.queries_told)
    guest = guest_of(request, enterprise)
    if guest and guest.blocked:
        return json_response({"invitation": None})
    who = guest.uuid if guest and guest.stored else None
    return json_response(
        {
            "invitation": invitations.invitation_of(
                site_visits.record_visit(enterprise, visit, who, keys)
            )
        }
    )


@require_safe
@for_agents
def page(request: HttpRequest) -> HttpResponse:
    """The list of visits. Opening it counts as presence of the member; the requests of its script,
    which also come while nobody looks, do not."""
    if request.headers.get("X-Requested-With") != "XMLHttpRequest":
        leases.renew_page_lease(request.user.uuid)
    return render_list(request)


def render_list(request: HttpRequest) -> HttpResponse:
    reported = request.user.enterprise.visits_told
    context = {
        "me": request.user,
        "told": reported,
        "rows": site_visits.list_visits(request.user) if reported else [],
        "most": site_visits.MAX_LISTED,
        "words": invitations.suggested_text(request.user) if reported else "",
        "max_words": MAX_TEXT,
    }
    return render(request, "chat/agent/site_visits.html", context)


def redirect_refused(request: HttpRequest, refused: Refused, pk: int) -> HttpResponse:
    """Back to the list, with the reason."""
    messages.error(request, refusal_words(refused))
    return redirect("site-visits")


@require_POST
@for_agents
@answer_refusals(redirect_refused)
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Invites the visitor of the visit `pk` with the words `text`."""
    if not SiteVisit.objects.filter(enterprise=request.user.enterprise, pk=pk).exists():
        raise Http404
    limits.take("message", member_keys(request.user.uuid))
    invitations.invite(request.user, pk, request.POST)
    if wants_json(request):
        return json_response({"ok": True})
    messages.success(request, _("Invited. They see it within a few seconds."))
    return redirect("site-visits")


def refusal_words(refused: Refused) -> str:
    """What an agent reads about an invitation that was refused."""
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
