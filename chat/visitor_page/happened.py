"""What happened to a customer beside their conversations: who was linked with them, and as whom a
visitor signed in. It stands among the receptions, by its time."""

from dataclasses import dataclass
from datetime import datetime

from chat.customers import links
from chat.models import Conversation, Visitor
from chat.protocol.notices import Notice

from .ends import ends
from .timeline import Entry


@dataclass(slots=True)
class Event:
    """`link` is how a visitor came to the customer; `former` the name that one had before they
    signed in as `name`."""

    at: datetime
    visitor: str
    name: str
    by: str = ""
    former: str = ""


@dataclass(slots=True)
class Line:
    """A reception, or an event."""

    at: datetime
    entry: Entry | None = None
    event: Event | None = None


def among(
    people: list[Visitor], talks: list[Conversation], page: dict, *, filtered: bool
) -> list[Line]:
    """The entries of a page of the line of time, with the events of that time, newest first;
    without events where it is `filtered`."""
    found = [Line(one.reception.opened_at, entry=one) for one in page["entries"]]
    if not filtered:
        first = found[-1].at if found and page["more"] else None
        happened = linked(people) + signed_in(people[0], talks)
        found += [
            Line(one.at, event=one)
            for one in happened
            if (first is None or one.at >= first)
            and (page["began"] is None or one.at < page["began"])
        ]
    return sorted(found, key=lambda line: line.at, reverse=True)


def linked(people: list[Visitor]) -> list[Event]:
    known = {one.uuid: one for one in people}
    rows = links.pointing_at(links.links_of(people[0].ent_id), people[0].uuid)
    return [
        Event(row.linked_at, row.visitor_id, known[row.visitor_id].label, by=row.linked_by_name)
        for row in rows
        if row.visitor_id in known
    ]


def signed_in(visitor: Visitor, talks: list[Conversation]) -> list[Event]:
    """From the ends of their conversations: once for each sign-in, which has a notice in all."""
    rows = ends(visitor, talks).filter(data__event=Notice.IDENTIFIED).order_by("-created_at")
    facts = {
        (row.data["former"], row.data["name"]): row.created_at
        for row in rows
        if row.data and row.created_at
    }
    return [
        Event(at, "", name, former=former) for (former, name), at in facts.items() if former != name
    ]
