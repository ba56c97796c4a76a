"""What is to be sent to webhooks, in order within a conversation, until it has arrived.

Deliveries are made from the stream under the lock of their webhook, with the place up to which that
was done. Who sends one has a lease on its row, by the database's clock, and of each conversation
only the first is leased. So any process may send, and be killed anywhere: the lease runs out, and
the delivery is sent again under the same id.
"""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.dispatch import Signal

from accounts.models import Enterprise
from chat import metrics, sweeps
from chat.database import aware_datetime, select
from chat.models import (
    GroupMessage,
    MergedConversation,
    StreamEvent,
    Visitor,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
    theirs,
)
from chat.protocol.frames import encode
from chat.stream import payloads, reader
from chat.stream.types import VISITOR_UPDATED

from . import logs, signatures
from .sender import Outcome

State = WebhookDelivery.State
DELAYS = [5, 30, 120, 600, 1800, 3600, 7200, 14400, 21600, 43200]
"""Seconds to the next try after each that failed, 26 hours in all, and up to JITTER of it more.
Then a delivery is parked."""
JITTER = 0.2
LEASE = timedelta(seconds=40)
"""Longer than a try takes."""
PARALLEL = 4
"""Tries of a webhook under way, in all processes together; one while the last has failed."""
MAX_OPEN = 2_000
"""Deliveries of a webhook to be sent; what comes later waits in the stream."""
BATCH = 500
"""Events that one transaction makes deliveries of, and rows that one deletes."""
KEPT, PARKED_KEPT = timedelta(days=14), timedelta(days=30)
"""How long the log is kept, of what has arrived and of what is parked."""
TEST = "webhook.test"
broken = Signal()
"""Sent in the transaction that parks what a webhook did not take, or switches it off, with its
`hook` and since when (`since`, a text) that is said once."""


@dataclass(slots=True)
class Letter:
    """A leased delivery, ready to be sent."""

    delivery: int
    webhook: int
    lease: str
    url: str
    headers: dict[str, str]
    body: bytes


def database_now() -> datetime:
    """The time by the database's clock, by which all processes compare leases."""
    stamp = "CURRENT_TIMESTAMP(6)"
    if connection.vendor == "sqlite":
        stamp = "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now')"
    return aware_datetime(select(f"SELECT {stamp}", [])[0][0])


def active():
    """The webhooks to which something is sent."""
    return Webhook.objects.filter(active=True, enterprise__status=Enterprise.Status.OPEN)


def make_new() -> None:
    """Makes deliveries of new events."""
    for hook in active().select_related("enterprise"):
        head = reader.head_of(hook.enterprise.code)
        while hook.place < head.last and sweeps.run_step(make_some, hook.pk, head.ent_id):
            hook.refresh_from_db()


def make_some(hook_id: int, ent_id: str) -> bool:
    """Makes deliveries of the webhook's next events; whether there may be more."""
    with transaction.atomic():
        hook = Webhook.objects.select_for_update().get(pk=hook_id)
        # Under the lock: another process may have been further than a head that was read before.
        head = reader.head_of(ent_id)
        open_ones = WebhookDelivery.objects.filter(webhook=hook, state=State.DUE)
        if open_ones[:MAX_OPEN].count() >= MAX_OPEN:
            return False
        found = list(reader.behind(head, max(hook.place, head.deleted))[:BATCH])
        ids = [each.row_id for each in found if each.row_id]
        groups = GroupMessage.objects.filter(theirs(ent_id)).in_bulk(ids)
        people = existing(ent_id, [each.about for each in found if each.type == VISITOR_UPDATED])
        moved = payloads.merged_ones(ent_id, found)
        now = database_now()
        # What was made by a version that let the place go back is there already.
        WebhookDelivery.objects.bulk_create(
            (
                WebhookDelivery(
                    webhook=hook,
                    event=each.pk,
                    type=each.type,
                    about=about(each, groups, moved),
                    due_at=now,
                    created_at=now,
                )
                for each in found
                if each.type in hook.events
                and (each.about or each.row_id in groups)
                and (each.type != VISITOR_UPDATED or each.about in people)
            ),
            ignore_conflicts=True,
        )
        place = found[-1].place if len(found) == BATCH else head.last
        hook.place = max(hook.place, place)
        hook.save(update_fields=["place"])
        return len(found) == BATCH


def existing(ent_id: str, visitors: list[str]) -> set[str]:
    """Those of these visitors (uuids) who are there: an import that is undone deletes some."""
    rows = Visitor.objects.filter(theirs(ent_id), uuid__in=visitors)
    return set(rows.values_list("uuid", flat=True))


def about(
    event: StreamEvent, rows: dict[int, GroupMessage], moved: dict[str, MergedConversation]
) -> str:
    """The conversation or visitor whose events are sent one after the other. The deliveries of a
    conversation that was merged follow one another as those of the other one (logs.move)."""
    if event.row_id is not None:
        return rows[event.row_id].group_id  # type: ignore[return-value]  # null in no row of ours
    return moved[event.about].into if event.about in moved else event.about


def due(failing: set[int]) -> list[Letter]:
    """Leases what is due, and returns it ready to be sent. Of webhooks in `failing` (ids) one at a
    time."""
    hooks = {hook.pk: hook for hook in active()}
    waiting = WebhookDelivery.objects.filter(
        webhook__in=hooks, state=State.DUE, due_at__lte=database_now()
    )
    found = []
    for pk in sorted(set(waiting.values_list("webhook_id", flat=True).distinct())):
        most = 1 if pk in failing else PARALLEL
        found += sweeps.run_step(lease, pk, most) or []
    return found


def lease(hook_id: int, most: int) -> list[Letter]:
    """Leases up to `most` deliveries of a webhook, fewer where some are under way: of each
    conversation the first that has not arrived."""
    with transaction.atomic():
        hook = Webhook.objects.select_for_update().get(pk=hook_id)
        now = database_now()
        open_ones = WebhookDelivery.objects.filter(webhook=hook, state=State.DUE)
        free = most - open_ones.filter(under_way(now)).count()
        if free <= 0 or not hook.active:
            return []
        earlier = WebhookDelivery.objects.filter(
            about=OuterRef("about"),
            webhook=hook,
            state=State.DUE,
            event__lt=OuterRef("event"),
        )
        idle = Q(leased_until=None) | Q(leased_until__lte=now)
        first = open_ones.filter(idle, ~Exists(earlier), due_at__lte=now)
        found = list(first.order_by("due_at", "event")[:free])
        token = str(uuid.uuid4())
        WebhookDelivery.objects.filter(pk__in=[each.pk for each in found]).update(
            lease=token, leased_until=now + LEASE
        )
        return letters(hook, found, token, now)


def under_way(now: datetime) -> Q:
    return Q(leased_until__gt=now) & ~Q(lease="")


def letters(hook: Webhook, found: list[WebhookDelivery], token: str, now: datetime) -> list[Letter]:
    code = hook.enterprise.code
    told_of = StreamEvent.objects.filter(pk__in=[each.event for each in found])
    told = payloads.shape(code, list(reader.within(reader.head_of(code), told_of)))
    keys = [hook.secret]
    if hook.former_secret and hook.former_until and hook.former_until > now:
        keys.append(hook.former_secret)
    ready = []
    for each in found:
        if each.event is None:
            id, at, data = f"test_{each.pk}", each.created_at, {}
        elif each.event in told:
            event = told[each.event]
            id, at, data = event["id"], event["at"], event["data"]
        else:
            park(each, now, "what it tells is not kept any more")
            continue
        body = encode({"type": each.type, "timestamp": at, "data": data})
        stamp = int(now.timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Kefu",
            "webhook-id": id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": signatures.signature(keys, id, stamp, body),
        }
        ready.append(Letter(each.pk, hook.pk, token, hook.url, headers, body))
    return ready


def park(delivery: WebhookDelivery, now: datetime, error: str) -> None:
    WebhookAttempt.objects.create(delivery=delivery, at=now, seconds=0, error=error)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        state=State.PARKED, ended_at=now, lease="", leased_until=None
    )


def store(_key: str, letter: Letter, outcome: Outcome) -> None:
    """Stores what came of a try, unless its lease has ended and another process has it."""
    with transaction.atomic():
        seen = WebhookDelivery.objects.filter(pk=letter.delivery).first()
        if seen is None:
            return
        # Before the delivery, as an erasure locks them in this order.
        keeps = logs.may_keep_lines(seen)
        mine = WebhookDelivery.objects.select_for_update().filter(pk=seen.pk, lease=letter.lease)
        delivery = mine.filter(state=State.DUE).first()
        if delivery is None:
            return
        now = database_now()
        WebhookAttempt.objects.create(
            delivery=delivery,
            at=now - timedelta(seconds=outcome.seconds),
            seconds=outcome.seconds,
            status=outcome.status,
            error=outcome.error,
            lines=outcome.lines if keeps else "",
        )
        delivery.tries += 1
        delivery.lease, delivery.leased_until = "", None
        if outcome.arrived:
            delivery.state, delivery.ended_at = State.DONE, now
        elif outcome.is_gone or delivery.tries > len(DELAYS):
            delivery.state, delivery.ended_at = State.PARKED, now
            if not outcome.is_gone:
                broken.send(Webhook, hook=delivery.webhook, since=f"{now:%Y-%m-%d}")
        else:
            seconds = DELAYS[delivery.tries - 1] * (1 + JITTER * random.random())
            delivery.due_at = now + timedelta(seconds=max(seconds, outcome.pause))
            if outcome.pause:
                # Until then nobody sends it, whatever makes it due before; but see recovery.py.
                delivery.leased_until = now + timedelta(seconds=outcome.pause)
        delivery.save()
    metrics.WEBHOOKS.labels("arrived" if outcome.arrived else "failed").inc()


def replay(delivery: WebhookDelivery) -> None:
    """Has it sent now, as what it tells is now, before anything later about the same. What is
    earlier about the same and still to be sent goes before it, so that is sent now, too."""
    now = database_now()
    asked = Q(pk=delivery.pk)
    if delivery.event is not None:
        asked |= Q(about=delivery.about, state=State.DUE, event__lt=delivery.event)
    found = WebhookDelivery.objects.filter(asked, webhook=delivery.webhook_id)
    found.exclude(under_way(now)).update(
        state=State.DUE, tries=0, due_at=now, ended_at=None, lease="", leased_until=None
    )


def send_test(hook: Webhook) -> WebhookDelivery:
    """Has an event without content sent, which is logged and tried again like all others."""
    now = database_now()
    return WebhookDelivery.objects.create(
        webhook=hook, type=TEST, about=str(uuid.uuid4()), due_at=now, created_at=now
    )


def delete_old(now: datetime | None = None) -> None:
    now = now or database_now()
    for state, kept in ((State.DONE, KEPT), (State.PARKED, PARKED_KEPT)):
        while sweeps.run_step(delete_some, str(state), state, now - kept):
            pass


def delete_some(_key: str, state: int, before: datetime) -> bool:
    old = WebhookDelivery.objects.filter(ended_at__lt=before, state=state).order_by("ended_at")
    ids = list(old.values_list("pk", flat=True)[:BATCH])
    WebhookDelivery.objects.filter(pk__in=ids).delete()
    return len(ids) == BATCH
