"""An agent's own figures, beside those of their teams."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import hours
from accounts.requests import error_page
from chat.protocol.errors import Refused
from chat.reports.showing import own
from chat.views.refusals import answer_refusals

from .workspace import for_agents


def refused_page(request: HttpRequest, refused: Refused) -> HttpResponse:
    detail = _("Reports are being counted. Try again in a few minutes.")
    return error_page(request, refused.status, _("Temporarily unavailable"), detail)


@require_safe
@for_agents
@answer_refusals(refused_page)
def page(request: HttpRequest) -> HttpResponse:
    """This week, the last one and thirty days; nobody else's numbers."""
    member = request.user
    context = {
        "periods": own.periods(member, timezone.now()),
        "days": own.DAYS,
        "teams": [place.team.name for place in member.own_places],
        "zone": hours.zone_named(member.enterprise.zone).key,
    }
    return render(request, "chat/agent/figures.html", context)
