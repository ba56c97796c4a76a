"""Webhooks: made, changed, removed, and the log of what was sent."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from accounts import audit, rights
from accounts.models import AccessToken
from accounts.tokens import Scope
from chat.models import Webhook, WebhookDelivery
from chat.protocol.errors import Refused
from chat.stream import types
from chat.views.common import json_response
from chat.webhooks import deliveries, hooks, trials

from . import pages, schemas, webhook_schemas
from .door import named, reads, writes

router = Router(tags=["webhooks"])
STATES: dict[int, str] = {
    WebhookDelivery.State.DUE: "due",
    WebhookDelivery.State.DONE: "delivered",
    WebhookDelivery.State.PARKED: "parked",
}


class DeliveriesQuery(pages.PageQuery):
    cursor: str | None = Field(None, description="That of the page before")
    limit: int = Field(50, ge=1, le=100)


def own(token: AccessToken):
    """The webhooks of the token's enterprise. They get what happens in all of it, so a bot, which
    reads the conversations of its seats, has nothing to do with them."""
    if not token.member.may(rights.READ_ALL):
        raise Refused("forbidden", "Webhooks are for service accounts.")
    return Webhook.objects.filter(enterprise=token.member.enterprise)


def hook_or_refuse(token: AccessToken, webhook: UUID) -> Webhook:
    hook = own(token).filter(uuid=str(webhook)).first()
    if hook is None:
        raise Refused("not_found", "There is no such webhook.")
    return hook


def changeable(token: AccessToken, webhook: UUID) -> Webhook:
    """A webhook that gets nothing which the token may not read: who changes its address reads what
    is sent there."""
    hook = hook_or_refuse(token, webhook)
    refuse_beyond(token, hook.events)
    return hook


def refuse_beyond(token: AccessToken, events: list[str]) -> None:
    missing = set(events) & set(types.TYPES) - set(types.readable(token.scopes))
    if missing:
        detail = f"This token may not read {', '.join(sorted(missing))}."
        raise Refused("forbidden", detail, field="events")


def shown(hook: Webhook, with_secret: bool = False) -> dict:
    facts = {
        "id": hook.uuid,
        "url": hook.url,
        "events": hook.events,
        "active": hook.active,
        "created_at": hook.created_at,
    }
    return facts | ({"secret": hook.secret} if with_secret else {})


@router.get(
    "",
    **reads(webhook_schemas.WebhookList, Scope.WEBHOOKS),
    **named("webhooks", "list_webhooks", "List webhooks"),
)
def listed(request: HttpRequest) -> HttpResponse:
    rows = own(request.token).order_by("pk")
    return json_response({"webhooks": [shown(hook) for hook in rows]})


@router.post(
    "",
    **writes(webhook_schemas.Webhook, Scope.WEBHOOKS),
    **named("webhooks", "create_webhook", "Make a webhook"),
)
def create(request: HttpRequest, body: webhook_schemas.NewWebhook) -> HttpResponse:
    """Sends what happens from now on to `url`. Without `events` it gets all types that the token
    may read. The answer alone has the `secret`."""
    token = request.token
    own(token)
    events = types.readable(token.scopes) if body.events is None else body.events
    refuse_beyond(token, events)
    with audit.during(request):
        hook = hooks.create(token.member.enterprise, body.url, events)
    hook.refresh_from_db()
    return json_response(shown(hook, with_secret=True))


@router.get(
    "{uuid:webhook}/",
    **reads(webhook_schemas.Webhook, Scope.WEBHOOKS),
    **named("webhook", "get_webhook", "Read a webhook"),
)
def read(request: HttpRequest, webhook: UUID) -> HttpResponse:
    return json_response(shown(hook_or_refuse(request.token, webhook)))


@router.patch(
    "{uuid:webhook}/",
    **writes(webhook_schemas.Webhook, Scope.WEBHOOKS),
    **named("webhook", "change_webhook", "Change a webhook"),
)
def change(
    request: HttpRequest, webhook: UUID, body: webhook_schemas.WebhookChange
) -> HttpResponse:
    """What is left out stays as it is. With `rotate_secret` it gets another secret, which this
    answer alone has; the former one signs beside it for 24 hours."""
    hook = changeable(request.token, webhook)
    given = body.dict(exclude={"rotate_secret"}, exclude_none=True)
    for name, value in given.items():
        setattr(hook, name, value)
    refuse_beyond(request.token, hook.events)
    if "url" in given or "events" in given:
        hook.events = hooks.check(hook.url, hook.events)
    with audit.during(request):
        # The others may change at the same time: a receiver's 410 switches it off.
        hook.save(update_fields=given)
        if body.rotate_secret:
            hooks.rotate(hook)
    return json_response(shown(hook, with_secret=body.rotate_secret))


@router.delete(
    "{uuid:webhook}/",
    **writes(schemas.Done, Scope.WEBHOOKS),
    **named("webhook", "delete_webhook", "Remove a webhook and its log"),
)
def delete(request: HttpRequest, webhook: UUID) -> HttpResponse:
    hook = changeable(request.token, webhook)
    with audit.during(request):
        hook.delete()
    return json_response({"ok": True})


@router.post(
    "{uuid:webhook}/test/",
    **writes(webhook_schemas.Trial, Scope.WEBHOOKS),
    **named("webhook-test", "test_webhook", "Send a test and see what comes of it"),
)
def test(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """Sends an event without content now, also while the webhook is switched off, and answers once
    the receiver has, after 15 seconds at most. It is logged, and tried again where it failed. An
    enterprise sends one test at a time."""
    outcome = trials.send(changeable(request.token, webhook))
    return json_response(
        {
            "delivered": outcome.arrived,
            "status": outcome.status,
            "milliseconds": round(outcome.seconds * 1000),
            "error": outcome.error,
        }
    )


@router.get(
    "{uuid:webhook}/deliveries/",
    **reads(webhook_schemas.DeliveryPage, Scope.WEBHOOKS),
    **named("webhook-deliveries", "list_deliveries", "Read the log of a webhook"),
)
def log(request: HttpRequest, webhook: UUID, query: Query[DeliveriesQuery]) -> HttpResponse:
    """The newest first, each with its attempts. It is kept for 14 days, and what could not be
    delivered for 30."""
    token = request.token
    hook = changeable(token, webhook)
    rows = WebhookDelivery.objects.filter(webhook=hook).order_by("-pk")
    if after := pages.place(query.cursor, token, hook.uuid, int):
        rows = rows.filter(pk__lt=after[0])
    found = list(rows.prefetch_related("attempts")[: query.limit])
    more = len(found) == query.limit
    cursor = pages.cursor(token, hook.uuid, found[-1].pk) if more else None
    return json_response({"deliveries": [told(each) for each in found], "cursor": cursor})


def told(delivery: WebhookDelivery) -> dict:
    attempts = sorted(delivery.attempts.all(), key=lambda attempt: attempt.pk)
    return {
        "id": delivery.pk,
        "event": None if delivery.event is None else f"{delivery.event:019d}",
        "type": delivery.type,
        "state": STATES[delivery.state],
        "created_at": delivery.created_at,
        "due_at": delivery.due_at if delivery.state == WebhookDelivery.State.DUE else None,
        "attempts": [
            {
                "at": attempt.at,
                "seconds": attempt.seconds,
                "status": attempt.status,
                "error": attempt.error,
                "lines": attempt.lines,
            }
            for attempt in attempts
        ],
    }


@router.post(
    "{uuid:webhook}/deliveries/{int:delivery}/replay/",
    **writes(schemas.Done, Scope.WEBHOOKS),
    **named("webhook-replay", "replay_delivery", "Have an event sent again"),
)
def replay(request: HttpRequest, webhook: UUID, delivery: int) -> HttpResponse:
    """Now, under the same `webhook-id`, as what it tells is now. What is earlier in the same
    conversation and waits for its next try goes before it."""
    hook = changeable(request.token, webhook)
    # Ids beyond what a database holds are none.
    row = WebhookDelivery.objects.filter(webhook=hook, pk=min(delivery, 2**62)).first()
    if row is None:
        raise Refused("not_found", "There is no such delivery.")
    deliveries.replay(row)
    return json_response({"ok": True})
