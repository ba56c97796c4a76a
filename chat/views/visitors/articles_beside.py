"""Articles beside the chat: the parts of the page that show them, and when one has spared a visitor
the conversation."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Enterprise, Team
from chat.knowledge import articles, beside, uses
from chat.limits import limits
from chat.protocol.errors import Refused
from chat.views.common import json_response
from chat.views.refusals import for_address, limit_requests

from .guests import closed_page, enterprise_and_team_or_404
from .visits import Visit, for_the_visitor
from .widget import for_sites


@require_safe
@never_cache
@limit_requests(for_address)
def parts(request: HttpRequest, ent_id: str) -> HttpResponse:
    """The card with suggestions and the sheet that shows an article, for
    static/js/visitor/articles.js. 404 where there is nothing to show."""
    enterprise, _team = enterprise_and_team_or_404(request, ent_id)
    if not enterprise.is_open:
        return closed_page(request)
    if not articles.has_public(enterprise):
        raise Http404
    return render(request, "chat/visitor/articles_beside.html", {"enterprise": enterprise})


@require_safe
@for_sites
def one(request: HttpRequest, enterprise: Enterprise, team: Team, slug: str) -> HttpResponse:
    """The article's title and where it stands, for `Kefu.article`."""
    found = beside.find(enterprise, slug, get_language() or "")
    if found is None:
        raise Refused("not_found", "There is no such article.")
    return json_response(beside.facts(enterprise, found))


@require_POST
@for_the_visitor
def solved(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Stores that an article (`slug`, `lang`) has answered what the visitor was about to ask."""
    limits.take("helpful", visit.keys)
    sent = request.POST
    found = beside.find(visit.enterprise, sent.get("slug", ""), sent.get("lang", ""))
    if found is None:
        raise Refused("not_found", "There is no such article.")
    uses.solved(found, visit.who)
    return json_response({"ok": True})
