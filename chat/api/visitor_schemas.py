"""The shapes of visitors in requests and answers."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from chat.posting.visitor_forms import MAX_LINE
from chat.visitors.identities import MAX_ID

from . import examples
from .event_schemas import ATTRIBUTES, VisitorFacts
from .examples import GROUP, VISITOR
from .message_schemas import Answer, identifier, up_to, whole
from .schemas import Asked, Standing

Line = Annotated[str, up_to(MAX_LINE)]


class Visitor(VisitorFacts):
    online: bool
    last_seen_at: datetime | None
    conversations: list[dict[str, Any]] = Field(
        description="group, team_name, topic, open and last_activity of each"
    )
    receptions: list[dict[str, Any]] = Field(description="The last ten that have ended")


class VisitorAnswer(Answer):
    model_config = whole(examples.ONE_VISITOR)

    visitor: Visitor


GIVEN_ATTRIBUTES = Field(
    None,
    description="Values by key; null takes one away",
    examples=[{"plan": "gold", "spent": 129.5}],
)


class VisitorChange(Asked):
    """What is left out stays as it is."""

    name: Line | None = Field(None, examples=["王建国"])
    contact: Line | None = Field(None, examples=["wang@example.com"])
    attributes: dict[str, Any] | None = GIVEN_ATTRIBUTES


class NewVisitor(Asked):
    """What is left out stays as it is."""

    identity: Annotated[str, up_to(MAX_ID)] = Field(
        description="The id in the accounts of your site", examples=["4711"]
    )
    name: Line | None = Field(None, examples=["王建国"])
    email: Line | None = Field(None, examples=["wang@example.com"])
    language: str | None = Field(None, examples=["zh-hans"])
    attributes: dict[str, Any] | None = GIVEN_ATTRIBUTES


class Met(Answer):
    group: str = identifier(GROUP)
    team: str = Field(description="A slug")
    state: Standing


class Listed(Answer):
    visitor: str = identifier(VISITOR)
    name: str
    contact: str
    email: str
    identity: str | None = Field(description="The id that the site knows them by")
    attributes: dict[str, str | int | float] = ATTRIBUTES
    contacts_hidden: bool
    customer: str = identifier(
        VISITOR, description="The visitor with whom they are linked as one person, or themselves"
    )
    conversations: list[Met] = Field(description="The latest active first")


class ListedVisitor(Answer):
    model_config = whole(examples.GIVEN_VISITOR)

    visitor: Listed


class VisitorPage(Answer):
    model_config = whole(examples.VISITORS)

    visitors: list[Listed] = Field(description="The newest first")
    cursor: str | None = Field(description="For the next page; null at the end")
