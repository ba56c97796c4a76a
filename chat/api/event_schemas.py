"""The shapes of what happens: notices, messages, and the events of the stream and of webhooks."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Literal, get_type_hints

from ninja import Schema
from pydantic import ConfigDict, Field, RootModel, create_model

from chat.protocol import channels
from chat.protocol.notices import Facts, Notice
from chat.stream import types
from chat.visitors import spam

from . import examples
from .examples import GROUP, VISITOR

IDENTIFIER = {"format": "uuid"}
Kind = Literal[channels.KINDS]  # type: ignore[valid-type]
Why = Literal[spam.REASONS]  # type: ignore[valid-type]
FACTS = get_type_hints(Facts)


def identifier(example: str, **more):
    """A UUID as text."""
    return Field(json_schema_extra=IDENTIFIER, examples=[example], **more)


def whole(*examples: dict) -> ConfigDict:
    """The configuration of a schema that is shown by these examples."""
    return ConfigDict(json_schema_extra={"examples": list(examples)})


def absent(**more):
    """A field that may be missing. No answer is made from these schemas, so the value that takes
    its place here is never seen."""
    return Field(default_factory=dict, **more)


def other_than(values: list[str]):
    """A field with any value but these."""
    return Field(json_schema_extra={"not": {"enum": values}})


class Answer(Schema):
    model_config = ConfigDict(extra="allow")


def shape_of(notice: Notice) -> type[Answer]:
    """The facts of a notice: `data` of its row, `notice` of its event."""
    fields: dict[str, Any] = {"event": (Literal[notice.value], ...)}
    fields |= {name: (FACTS[name], ...) for name in notice.required}
    fields |= {name: (FACTS[name], absent()) for name in notice.optional}
    name = notice.value.title().replace("_", "")
    return create_model(f"{name}Notice", __base__=Answer, **fields)


class OtherNotice(Answer):
    """One that this version does not know."""

    event: str = other_than(list(Notice))


NOTICES = {notice: shape_of(notice) for notice in Notice}


class AnyNotice(RootModel):
    """Of some events a row keeps further facts."""

    root: reduce(or_, NOTICES.values()) | OtherNotice  # type: ignore[valid-type]


class Attachment(Answer):
    url: str = Field(
        description="A path on this host, to be read with the same Authorization header; it needs"
        " the scope messages:read"
    )
    thumbnail: str | None
    name: str
    size: int
    mime: str
    width: int | None
    height: int | None


class Quote(Answer):
    seq: int
    sender: str
    sender_name: str
    excerpt: str
    recalled: bool
    attachment: Literal["picture", "file"] = absent()


class Current(Answer):
    """A message as it is after an edit."""

    content: str
    excerpt: str
    edited: int
    formatted: list[Any] = absent()


class NamedArticle(Answer):
    title: str
    url: str = Field(description="Its path in the help centre")


class Citation(Answer):
    """What stands under a mark such as [1] in the text of an assistant's message."""

    n: int
    slug: str
    lang: str
    revision: int
    title: str
    url: str = Field(description="The article's path in the help centre")
    quote: str = Field(description="Words of that revision that prove the sentence")


class Window(Answer):
    until: datetime | None
    left: int | None = Field(description="Messages, those counted that are on their way")


class Sending(Answer):
    """How far a message is on its way by a channel."""

    channel: Kind
    state: Literal["sending", "sent", "failed"]
    reason: str = Field(description="Why it failed: a code of the channel's other side, or of ours")


class Mail(Answer):
    subject: str
    from_: str = Field(alias="from")
    message_id: str
    raw: str = Field(description="The path of the mail as it came, for agents")


class Offered(Answer):
    """What a message offers the visitor: a bot's the answers, an automatic one an article; on what
    an answer that a model wrote stands; how it goes out by a channel, and of which mail it is."""

    buttons: list[str] = absent()
    article: NamedArticle = absent()
    generated: Literal[True] = absent(description="A model wrote it")
    citations: list[Citation] = absent()
    delivery: Sending = absent()
    mail: Mail = absent()
    quoted: str = absent(description="What a mail quotes of others, below its own text")


class Message(Answer):
    """A message, a note (agents only) or a notice."""

    id: int
    group: str = identifier(GROUP)
    seq: int = Field(description="The number within the conversation: 1, 2, 3 … without a gap")
    kind: Literal["message", "note", "notice"]
    sender: str = Field(description="A UUID, or empty for the system", examples=[VISITOR])
    sender_name: str
    sender_avatar: str
    sender_role: Literal["visitor", "agent", "system", "bot"]
    content: str
    client_id: str
    created_at: datetime
    attachment: Attachment | None
    data: AnyNotice | Offered | None = Field(
        description="The facts of a notice; what a message offers the visitor, and its citations"
    )
    reply_to: Quote = absent()
    mentions: list[str] = absent(description="The UUIDs of members, of a note")
    formatted: list[Any] = absent(description="The tree of docs/protocol.md, Formatting")
    edited: int = absent(description="The seq of the last notice of an edit")
    question: int = absent(description="The number of a quick question that was answered at once")
    automatic: Literal[True] = absent()
    current: Current = absent(description="Of the notice of an edit")


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


def webhook(type: str) -> dict:
    """What webhooks get of a type of events, as the document describes it."""
    data = DATA[type].__name__
    properties = {
        "type": {"const": type},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": {"$ref": f"#/components/schemas/{data}"},
    }
    schema = {"type": "object", "required": list(properties), "properties": properties}
    return {
        "post": {
            "summary": f"{type} happened",
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": {"2XX": {"description": "It has arrived"}},
        }
    }


WEBHOOKS = {type: webhook(type) for type in types.TYPES}
