"""An article as agents use it beside a conversation: to read it, and to put it into an answer."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.models import Enterprise
from accounts.requests import wants_json
from chat.knowledge import beside
from chat.protocol.errors import Refused
from chat.views.common import json_response
from chat.views.refusals import answer_refusals

from .workspace import for_agents


@require_safe
@for_agents
@answer_refusals()
def article(request: HttpRequest) -> HttpResponse:
    """The article `slug`, rather in the language `lang`. As JSON its `title`, `url` (a path) and
    `text`, for visitors, so of a public one alone; else leads to where the member reads it."""
    enterprise: Enterprise = request.user.enterprise  # type: ignore  # for_agents
    slug, lang = request.GET.get("slug", ""), request.GET.get("lang", "")
    found = beside.find(enterprise, slug, lang)
    if wants_json(request):
        if found is None:
            raise Refused("not_found", "There is no such article for visitors.")
        facts = beside.facts(enterprise, found)
        return json_response(facts | {"text": beside.message_text(found.body)})
    if found:
        return redirect(beside.facts(enterprise, found)["url"])
    internal = beside.find(enterprise, slug, lang, "internal")
    if internal is None:
        raise Http404
    return redirect("articles:article", internal.slug, internal.lang)
