"""The shapes of requests and answers, for the document and for reading requests. Answers may have
further fields, and more may come: readers ignore what they do not know."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from accounts.tokens import SCOPES
from chat.protocol import checks, fields
from chat.protocol.errors import HTTP_STATUS

from . import examples
from .event_schemas import VisitorFacts
from .examples import GROUP, PERSON, PROGRAM, SENT, VISITOR
from .message_schemas import (
    IDENTIFIER,
    Answer,
    Attachment,
    Kind,
    Message,
    Why,
    Window,
    absent,
    identifier,
    one_of,
    up_to,
    whole,
)

Identifier = Annotated[str, Field(json_schema_extra=IDENTIFIER)]
Content = Annotated[str, up_to(fields.MAX_CONTENT)]
Tag = Annotated[str, up_to(fields.MAX_TAG)]
Minutes = Annotated[
    int, Field(json_schema_extra={"minimum": 1, "maximum": checks.MAX_SNOOZE_MINUTES})
]
Standing = Literal["open", "waiting", "closed", "quarantined"]
State = Literal["online", "busy", "away", "offline"]
Buttons = Annotated[
    list[Annotated[str, up_to(fields.MAX_BUTTON)]],
    Field(json_schema_extra={"minItems": 1, "maxItems": fields.MAX_BUTTONS}),
]


class Asked(Schema):
    """A request's body: types are taken as they are, and unknown fields are refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Error(Answer):
    """Why a request was refused. Some codes bring further fields, as docs/protocol.md lists
    them."""

    model_config = whole(
        examples.NOT_FOUND,
        examples.BAD_FIELD,
        examples.NO_SCOPE,
        examples.LIMITED,
        examples.MERGED,
    )

    error: Literal[tuple(HTTP_STATUS)] | str  # type: ignore[valid-type]
    detail: str


ERRORS = {400: Error, 401: Error, 403: Error, 404: Error, 410: Error, 429: Error, 503: Error}
"""What every operation may answer."""
WRITE_ERRORS = {**ERRORS, 409: Error, 413: Error, 415: Error}


class History(Answer):
    model_config = whole(examples.HISTORY)

    messages: list[Message] = Field(description="In ascending order")
    last_seq: int
    more: bool = Field(description="Of newer ones with after, of older ones with before")


class Rating(Answer):
    score: int
    comment: str


class NamedVisitor(Answer):
    visitor: str = identifier(VISITOR)
    name: str
    erased: bool


class Seat(Answer):
    member: str = identifier(PERSON)
    name: str
    avatar: str
    leader: bool
    online: bool
    state: State
    read_seq: int
    bot: Literal[True] = absent()


class Conversation(Answer):
    group: str = identifier(GROUP)
    group_name: str = Field(description="The visitor's name", examples=["Visitor 7536"])
    team: str = Field(examples=["service"])
    team_name: str
    open: bool
    claimed_by: str | None = Field(description="The UUID of the member who looks after it")
    claimed_name: str | None
    waiting_since: datetime | None
    rating: Rating | None
    tags: list[str]
    quarantined: Why | None = Field(description="Why it is in quarantine")
    channel: Kind | None = Field(description="How its visitor writes; null: on a page")
    window: Window | None = Field(description="What may be sent there; null: anything")
    last_seq: int
    visitor: VisitorFacts | NamedVisitor = Field(
        description="All that is known of the visitor with the scope visitors:read; else visitor,"
        " name and erased"
    )
    members: list[Seat] = Field(description="The agents with a seat in it")
    messages: list[Message] | None = Field(
        None,
        description="Of one conversation, with the scope messages:read: the newest 50, ascending",
    )


class ConversationAnswer(Answer):
    model_config = whole(examples.ONE_CONVERSATION)

    conversation: Conversation


class NewConversation(Asked):
    """Sent again with the same client_id, it gets the first answer."""

    visitor: Identifier = Field(examples=[VISITOR])
    team: str | None = Field(
        None, description="A slug; without it, the default team", examples=["service"]
    )
    content: Content = Field(examples=["Your parcel is on its way."])
    client_id: Identifier | None = Field(None, examples=[SENT])


class ConversationPage(Answer):
    model_config = whole(examples.CONVERSATIONS)

    conversations: list[Conversation] = Field(description="The latest begun first")
    cursor: str | None = Field(description="For the next page; null at the end")


class Part(Answer):
    text: str
    hit: bool


class Hit(Answer):
    seq: int
    sender_name: str
    note: bool
    where: Literal["text", "file"]
    parts: list[Part]


class Found(Answer):
    """A conversation that a search found."""

    group: str = identifier(GROUP)
    name: str = Field(description="The visitor's name")
    team_name: str
    state: Standing
    last_activity: datetime
    hit: Hit | None = Field(
        description="The newest message with the words. Null where it was taken back meanwhile"
    )


class SearchPage(Answer):
    model_config = whole(examples.SEARCH)

    conversations: list[Found] = Field(description="The latest active first")
    cursor: str | None = Field(description="Where to search on; null at the end")


class TeamState(Answer):
    team: str = Field(description="The slug, as transfer takes it", examples=["sales"])
    name: str
    state: Literal["online", "offline", "closed"] = Field(
        description="Whether an agent is there; closed outside of its hours"
    )


class TeamList(Answer):
    model_config = whole(examples.TEAMS)

    teams: list[TeamState]


class Colleague(Answer):
    member: str = identifier(PERSON, description="As invite and transfer take it")
    account: str | None = Field(
        None, description="As reports take it; not for bots", examples=["alice@demo"]
    )
    name: str
    avatar: str
    online: bool
    state: State
    teams: list[str] = Field(description="The slugs of their teams")


class MemberList(Answer):
    model_config = whole(examples.MEMBERS)

    members: list[Colleague]


class OwnToken(Answer):
    model_config = whole(examples.TOKEN)

    name: str = Field(examples=["crm"])
    member: str = identifier(PROGRAM, description="The account's UUID: the sender of its messages")
    account: str = Field(examples=["crm@demo"])
    bot: bool = Field(description="Whether it is a bot's; else a service account's")
    enterprise: str = Field(description="The code of the enterprise", examples=["demo"])
    enterprise_name: str
    scopes: list[Annotated[str, one_of(SCOPES)]]
    expires_at: datetime | None


class NewMessage(Asked):
    """Sent again with the same client_id, it is stored once."""

    content: Content = Field(examples=["Your parcel is on its way."])
    client_id: Identifier | None = Field(None, examples=[SENT])
    note: bool = Field(False, description="Only agents see it; else the visitor reads it")
    seen: int | None = Field(
        None, description="If a colleague's message has come after this seq, nothing is stored"
    )
    reply_to: int | None = Field(None, description="The seq of the message that it answers")
    buttons: Buttons | None = Field(
        None, description="Of a bot: answers that the visitor can press", examples=[["Yes", "No"]]
    )


class Accepted(Answer):
    model_config = whole(examples.ACCEPTED)

    type: Literal["message.accepted"]
    client_id: str = identifier(SENT)
    group: str = identifier(GROUP)
    seq: int
    id: int
    created_at: datetime


class FileFields(Schema):
    """What comes with a file, as fields of the form."""

    client_id: Identifier | None = Field(None, examples=[SENT])
    note: bool = Field(False, description="Only agents see it; else the visitor reads it")
    seen: int | None = Field(None, description="As of a message; bots have to give it")


class AcceptedFile(Accepted):
    model_config = whole(examples.ACCEPTED_FILE)

    attachment: Attachment


ACTIONS = ("handover", *checks.ACTIONS)
"""Handover is a visitor's frame, too, so it has a check of its own."""


class Action(Asked):
    """Some actions have fields: member of invite and remove; member or team of transfer; reason and
    summary of close; tag of tag and untag; minutes of snooze. A note may come with any."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"action": "close", "reason": "solved", "summary": "A new one was sent."},
                {"action": "transfer", "team": "sales", "note": "wants ten"},
                {"action": "tag", "tag": "refund"},
            ]
        },
    )

    action: str = Field(examples=["close"], json_schema_extra={"enum": list(ACTIONS)})
    member: Identifier | None = Field(None, examples=[PERSON])
    team: str | None = Field(None, examples=["sales"])
    note: Content | None = None
    tag: Tag | None = None
    minutes: Minutes | None = None
    reason: Annotated[str, up_to(checks.MAX_REASON)] | None = None
    summary: Annotated[str, up_to(checks.MAX_SUMMARY)] | None = None


class Done(Answer):
    model_config = whole(examples.DONE)

    ok: Literal[True]
