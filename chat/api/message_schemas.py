"""The shapes of messages and notices, and what all shapes are made with."""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Literal, get_type_hints

from ninja import Schema
from pydantic import ConfigDict, Field, RootModel, create_model

from chat.knowledge.articles import LANGUAGES
from chat.protocol import channels
from chat.protocol.notices import Facts, Notice
from chat.visitors import spam

from .examples import GROUP, VISITOR

IDENTIFIER = {"format": "uuid"}
Kind = Literal[channels.KINDS]  # type: ignore[valid-type]
Lang = Literal[LANGUAGES]  # type: ignore[valid-type]
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


def one_of(values: Iterable[str]):
    """A text that is one of these, in the document alone."""
    return Field(json_schema_extra={"enum": list(values)})


def up_to(most: int):
    """Bounds a text of a request in the document alone: the operation itself refuses others."""
    return Field(json_schema_extra={"maxLength": most})


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
    lang: Lang
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


Mail = create_model(
    "Mail",
    __base__=Answer,
    subject=(str, ...),
    message_id=(str, absent()),
    raw=(str, absent(description="The path of the mail as it came, for agents")),
    **{"from": (str, absent(description="Of a mail that came"))},
)
"""Of a mail that an agent began there is the subject alone."""


class Offered(Answer):
    """What a message offers the visitor: a bot's the answers, an automatic one an article; on what
    an answer that a model wrote stands; how it goes out by a channel, and of which mail it is."""

    buttons: list[str] = absent()
    article: NamedArticle = absent()
    generated: Literal[True] = absent(description="A model wrote it")
    citations: list[Citation] = absent()
    delivery: Sending = absent()
    mail: Mail = absent()  # type: ignore[valid-type]
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
