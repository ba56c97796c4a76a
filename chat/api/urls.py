"""The API's addresses: what is mounted, and its document."""

from functools import lru_cache

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET
from ninja import NinjaAPI

from . import (
    articles,
    conversations,
    events,
    messages,
    own_token,
    people,
    reports,
    search,
    visitor_list,
    visitors,
    webhooks,
)
from .answers import answer_errors
from .bodies import StrictParser
from .event_schemas import WEBHOOKS
from .unknown import refuse_unknown

PREFIX = "api/v1/"
api = NinjaAPI(
    title="Kefu",
    version="1.0",
    description="Customer service chat. Words and objects are those of docs/protocol.md;"
    " docs/api.md shows how to begin.",
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
    parser=StrictParser(),
    openapi_extra={"webhooks": WEBHOOKS},
)
answer_errors(api)
api.add_decorator(refuse_unknown)
api.add_router("conversations/", conversations.router)
api.add_router("conversations/", messages.router)
api.add_router("search/", search.router)
api.add_router("", people.router)
api.add_router("visitors/", visitor_list.router)
api.add_router("visitors/", visitors.router)
api.add_router("reports/", reports.router)
api.add_router("articles/", articles.router)
api.add_router("events/", events.router)
api.add_router("webhooks/", webhooks.router)
api.add_router("token/", own_token.router)


@lru_cache
def document() -> bytes:
    """The OpenAPI document of all that is mounted."""
    return orjson.dumps(api.get_openapi_schema(path_prefix=PREFIX), option=orjson.OPT_NON_STR_KEYS)


@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(document(), content_type="application/json")


urlpatterns = [
    path("openapi.json", openapi, name="api-document"),
    path("", api.urls),
]
