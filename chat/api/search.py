"""Words in the messages of all conversations."""

from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from accounts import rights
from accounts.tokens import Scope
from chat.archive import pages_of_rows, question, rows
from chat.archive.pages_of_rows import Place
from chat.archive.rows import Row
from chat.limits import limits, member_keys
from chat.protocol import cursors
from chat.protocol.errors import Refused
from chat.reading.search import MAX_QUERY
from chat.views.common import json_response

from . import pages, schemas
from .door import named, reads

router = Router(tags=["messages"])
DAY = {"format": "date"}


class SearchQuery(pages.PageQuery):
    q: str = Field(
        min_length=1, max_length=MAX_QUERY, description="Words, all of which one message has"
    )
    from_: str | None = Field(
        None, alias="from", description="Written on this day or later", json_schema_extra=DAY
    )
    to: str | None = Field(None, description="Written on this day or before", json_schema_extra=DAY)
    state: Literal["open", "waiting", "closed"] | None = Field(None, description="Without it, all")
    team: str | None = Field(None, description="The slug of a team")
    cursor: str | None = Field(None, description="That of the page before")
    limit: int = Field(30, ge=1, le=100)


@router.get(
    "",
    **reads(schemas.SearchPage, Scope.MESSAGES_READ),
    by_alias=True,
    **named("search", "search_messages", "Search messages"),
)
def search(request: HttpRequest, query: Query[SearchQuery]) -> HttpResponse:
    """The conversations with a message, a note or a file's name that has all words, the latest
    active first, each with its newest hit. A page may have few or none, as a search stops after
    0.6 s: go on with `cursor` until it is null."""
    token = request.token
    if not token.member.may(rights.READ_ALL):
        raise Refused("forbidden", "The search is for service accounts.")
    limits.take("search", member_keys(token.member.uuid))
    asked = question.ask_about(token.member.enterprise, query.dict(by_alias=True))
    if not asked.terms("q"):
        raise Refused("bad_field", "q has no words.", field="q")
    place = pages.place(query.cursor, token, "search", str, int)
    after = Place(cursors.parse_moment(place[0]), place[1]) if place else None
    walked = pages_of_rows.walk(asked, after, query.limit)
    found = rows.rows_of(asked, [group for group, _place in walked.found])
    cursor = walked.place and pages.cursor(
        token, "search", cursors.moment(walked.place.at), walked.place.number
    )
    return json_response({"conversations": [shown(row) for row in found], "cursor": cursor})


def shown(row: Row) -> dict:
    names = ("group", "name", "team_name", "state", "last_activity", "hit")
    return {name: getattr(row, name) for name in names}
