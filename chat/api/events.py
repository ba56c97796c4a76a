"""What happened, as a stream to follow."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from accounts import rights
from accounts.models import Member
from chat.models import ChatGroup, Conversation, theirs
from chat.stream import reader, types, waits
from chat.views.common import json_response

from . import event_schemas, pages, schemas
from .door import ANY, named

router = Router(tags=["events"])


class EventsQuery(pages.PageQuery):
    after: str | None = Field(None, description="The cursor of the answer before")
    limit: int = Field(50, ge=1, le=reader.MAX_LIMIT)
    wait: int = Field(
        0,
        ge=0,
        le=waits.LONGEST,
        description=f"Seconds to wait for an event where there is none; a token waits {waits.MOST}"
        " times at once",
    )


@router.get(
    "",
    auth=ANY,
    response={200: event_schemas.EventPage, **schemas.ERRORS},
    **named("events", "list_events", "Follow what happens"),
)
def events(request: HttpRequest, query: Query[EventsQuery]) -> HttpResponse:
    """Every event of the enterprise once, within two seconds, a conversation's in the order of its
    numbers; without `after` from the oldest that is kept. The token's scopes choose the types. Ask
    again with `cursor` and `wait`."""
    token, member = request.token, request.token.member
    code, readable = member.enterprise.code, types.readable(token.scopes)
    keep = list if member.may(rights.READ_ALL) else partial(of_seats, member)
    found, cursor = reader.page(code, query.after, query.limit, readable, keep=keep)
    wait = getattr(request, "scope", {}).get("wait")
    if query.wait and wait is not None and not found:
        wait.begin(token.pk, code, readable, cursor=cursor, seconds=query.wait)
    return json_response({"events": found, "cursor": cursor})


def of_seats(member: Member, found: list[dict]) -> list[dict]:
    """Those of conversations in which the member (a bot) has a seat, and of their visitors."""
    places = {place_of(each) for each in found}
    seats = ChatGroup.objects.held_by(member)
    known = set(seats.filter(uuid__in=places).values_list("uuid", flat=True))
    code = member.enterprise.code  # type: ignore[union-attr]  # a program has one
    rows = Conversation.objects.whole().filter(theirs(code))
    visitors = dict(rows.filter(visitor_id__in=places).values_list("uuid", "visitor_id"))
    held = set(seats.filter(uuid__in=visitors).values_list("uuid", flat=True))
    known |= held | {visitors[group] for group in held}
    shown = [each for each in found if place_of(each) in known]
    for data in (each["data"] for each in shown if "conversations" in each["data"]):
        data["conversations"] = [one for one in data["conversations"] if one["group"] in known]
    return shown


def place_of(event: dict) -> str:
    """The group in which somebody has a seat who gets the event; of a visitor's their uuid."""
    data = event["data"]
    return data.get("into") or data.get("group") or data["visitor"]
