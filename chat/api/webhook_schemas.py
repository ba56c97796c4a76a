"""The shapes of what is asked about webhooks, and answered."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from chat.stream import types
from chat.webhooks.addresses import MAX_URL
from chat.webhooks.deliveries import TEST

from . import examples
from .examples import HOOK
from .message_schemas import Answer, identifier, one_of, up_to, whole
from .schemas import Asked

RECEIVER = "https://crm.example.com/hook"
Address = Annotated[str, up_to(MAX_URL)]
Type = Annotated[str, one_of(types.TYPES)]


class Webhook(Answer):
    model_config = whole(examples.WEBHOOK, examples.WITH_SECRET)

    id: str = identifier(HOOK)
    url: str = Field(examples=[RECEIVER])
    events: list[Type] = Field(examples=[["message.posted", "conversation.closed"]])
    active: bool
    created_at: datetime
    secret: str | None = Field(
        None, description="Only when it is made or replaced", examples=["whsec_…"]
    )


class WebhookList(Answer):
    model_config = whole(examples.WEBHOOKS)

    webhooks: list[Webhook]


class NewWebhook(Asked):
    url: Address = Field(examples=[RECEIVER])
    events: list[Type] | None = Field(None, examples=[["message.posted"]])


class WebhookChange(Asked):
    """What is left out stays as it is."""

    url: Address | None = Field(None, examples=[RECEIVER])
    events: list[Type] | None = Field(None, examples=[["message.posted"]])
    active: bool | None = Field(None, examples=[False])
    rotate_secret: bool = False


class Attempt(Answer):
    at: datetime
    seconds: float
    status: int | None
    error: str
    lines: str = Field(description="The beginning of the answer")


class Delivery(Answer):
    id: int
    event: str | None = Field(description="The id of the event, webhook-id; null for a test")
    type: Annotated[str, one_of([*types.TYPES, TEST])]
    state: Literal["due", "delivered", "parked"]
    created_at: datetime
    due_at: datetime | None = Field(description="When it is tried next")
    attempts: list[Attempt]


class DeliveryPage(Answer):
    model_config = whole(examples.DELIVERIES)

    deliveries: list[Delivery] = Field(description="The newest first")
    cursor: str | None


class Trial(Answer):
    model_config = whole(examples.TRIAL, examples.FAILED_TRIAL)

    delivered: bool
    status: int | None = Field(description="Of the receiver's answer; null where there was none")
    milliseconds: int
    error: str = Field(description="Why there was no answer; else empty")
