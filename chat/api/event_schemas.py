"""The shapes of visitors, and of the events of the stream and of webhooks."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Literal

from pydantic import Field, create_model

from chat.protocol.notices import Notice
from chat.stream import types
from chat.webhooks.deliveries import TEST

from . import examples
from .examples import GROUP, VISITOR
from .message_schemas import (
    NOTICES,
    Answer,
    AnyNotice,
    Kind,
    Message,
    Why,
    absent,
    identifier,
    other_than,
    whole,
)

ATTRIBUTES = Field(
    description="By the keys that the enterprise has defined: texts, links, choices, dates as"
    " 2026-11-30, numbers",
    examples=[{"plan": "gold", "spent": 129.5}],
)


class Identity(Answer):
    """Of who has signed in on the site."""

    id: str
    name: str
    email: str


class Page(Answer):
    url: str
    at: datetime


class Block(Answer):
    until: datetime | None = Field(description="null: for good")
    reason: str
    by_name: str


class VisitorFacts(Answer):
    visitor: str = identifier(VISITOR)
    name: str
    contact: str
    identity: Identity | None
    attributes: dict[str, str | int | float] = ATTRIBUTES
    contacts_hidden: bool
    contact_proven: bool = Field(description="Whether the e-mail address in contact is proven")
    referrer: str
    language: str
    device: str
    browser: str
    address: str
    path: list[Page] = Field(description="The pages visited")
    created_at: datetime
    consented_at: datetime | None
    blocked: Block | None
    erased: bool


class Standing(Answer):
    """How a conversation stands now."""

    group: str = identifier(GROUP)
    team: str = Field(description="A slug")
    state: Literal["open", "closed"]
    channel: Kind | None = Field(description="How its visitor writes; null: on a page")


class KnownVisitor(VisitorFacts):
    conversations: list[Standing]


ErasedVisitor = create_model(
    "ErasedVisitor",
    __base__=Answer,
    visitor=(str, identifier(VISITOR)),
    **{
        name: (field.annotation, absent(description=field.description))
        for name, field in KnownVisitor.model_fields.items()
        if name != "visitor"
    },
)
"""Where even the row is deleted, `visitor` is alone."""


class ConversationFacts(Standing):
    visitor: str = identifier(VISITOR)
    identity: str | None = Field(description="The visitor's id on the enterprise's site")


class MessageFacts(ConversationFacts):
    seq: int
    message: Message
    notice: AnyNotice = absent(description="Of an edit, a recall, and what is no message any more")


class NoticeFacts(ConversationFacts):
    seq: int
    notice: AnyNotice


class ClosedFacts(NoticeFacts):
    reason: str = Field(description="Empty where none was given")


class QuarantinedFacts(ConversationFacts):
    quarantined: Why | None = Field(description="Why; null where it is over")
    seq: int = absent(description="Where an agent has said that it is no spam")
    notice: AnyNotice = absent()


class MergedFacts(ConversationFacts):
    """All but `group` is about the conversation `into`."""

    into: str = identifier(GROUP)
    offset: int = Field(description="The message with the number n has the number n + offset there")


SPECIAL = {
    types.CLOSED: ClosedFacts,
    types.QUARANTINED: QuarantinedFacts,
    types.MERGED: MergedFacts,
    types.VISITOR_ERASED: ErasedVisitor,
}
USUAL = {"message": MessageFacts, "conversation": NoticeFacts, "visitor": KnownVisitor}


def facts_of(type: str) -> type[Answer]:
    """The `data` of the events of a type: with the notices that these may be about, or that became
    of them."""
    word = type.partition(".")[0]
    base = SPECIAL.get(type) or USUAL[word]
    notices = [NOTICES[one] for one, name in types.OF_NOTICES.items() if name == type]
    if not notices:
        return base
    known = reduce(or_, [*notices, NOTICES[Notice.ERASED]])
    more = {"notice": (known, ... if base.model_fields["notice"].is_required() else absent())}
    return create_model(f"{title_of(type)}Facts", __base__=base, **more)


def title_of(type: str) -> str:
    return type.title().replace(".", "").replace("_", "")


DATA = {type: facts_of(type) for type in types.TYPES}
"""By its type, the `data` of an event."""


def event_of(type: str) -> type[Answer]:
    return create_model(
        f"{title_of(type)}Event",
        __base__=Answer,
        id=(str, Field(description="Sorts in the order of the stream")),
        type=(Literal[type], ...),
        at=(datetime, ...),
        data=(DATA[type], ...),
    )


class OtherEvent(Answer):
    """One that this version does not know."""

    id: str
    type: str = other_than(types.TYPES)
    at: datetime
    data: dict[str, Any]


class EventPage(Answer):
    model_config = whole(examples.EVENTS)

    events: list[reduce(or_, map(event_of, DATA)) | OtherEvent]  # type: ignore[valid-type]
    cursor: str = Field(description="Where to go on; the same one where nothing came")


def webhook(type: str, data: dict) -> dict:
    """What webhooks get of a type of events, as the document describes it."""
    properties = {
        "type": {"const": type},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": data,
    }
    schema = {"type": "object", "required": list(properties), "properties": properties}
    return {
        "post": {
            "summary": f"{type} happened",
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": {"2XX": {"description": "It has arrived"}},
        }
    }


WEBHOOKS = {
    type: webhook(type, {"$ref": f"#/components/schemas/{data.__name__}"})
    for type, data in DATA.items()
}
WEBHOOKS[TEST] = webhook(TEST, {"type": "object", "maxProperties": 0})
