"""What the outcome of a try means for the whole webhook: its receiver is there again, or is gone
for good."""

from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from accounts import audit
from chat.models import Webhook, WebhookAttempt, WebhookDelivery

from . import deliveries
from .deliveries import Letter, State, broken
from .sender import Outcome

TOO_MANY = 429
AFRESH = timedelta(days=1)
"""How long after an event its schedule may begin anew. What a receiver refuses while it takes all
else would otherwise never be parked."""


def settle(key: str, letter: Letter, outcome: Outcome) -> None:
    """Stores what came of a try, and does what follows from it. If the process ends in between,
    the next try does it."""
    deliveries.store(key, letter, outcome)
    if outcome.arrived:
        send_waiting(letter)
    elif outcome.is_gone:
        switch_off(letter)


def send_waiting(arrived: Letter) -> None:
    """Makes due now what waits for its next try, as the receiver is there, also what was to wait
    for a receiver that was down. Where it fails again, its schedule begins anew."""
    now = deliveries.database_now()
    open_ones = WebhookDelivery.objects.filter(webhook=arrived.webhook, state=State.DUE)
    waiting = open_ones.filter(due_at__gt=now)
    if not waiting.exists():
        return
    done = WebhookDelivery.objects.filter(webhook=arrived.webhook, state=State.DONE)
    # About the latest one: the table has an index for this order.
    others = done.exclude(pk=arrived.delivery).order_by("-due_at")
    before = others.values_list("ended_at", flat=True).first()
    found = waiting if before is None else while_down(waiting, before)
    mine = waiting.filter(pk__in=list(found.values_list("pk", flat=True)))
    mine.filter(created_at__gt=now - AFRESH).update(tries=0)
    if was_down(waiting, before):
        # Of a receiver that asks for fewer the pauses stay.
        paused = mine.filter(lease="").exclude(attempts__status=TOO_MANY)
        waiting.filter(pk__in=list(paused.values_list("pk", flat=True))).update(leased_until=None)
    mine.update(due_at=now)


def was_down(waiting: QuerySet[WebhookDelivery], before: datetime | None) -> bool:
    """Whether more than one try has failed since others arrived: else it was this event's."""
    failed = WebhookAttempt.objects.filter(delivery__in=waiting)
    return (failed.filter(at__gt=before) if before else failed)[:2].count() == 2


def while_down(waiting: QuerySet[WebhookDelivery], before: datetime) -> QuerySet[WebhookDelivery]:
    """Those that failed because the receiver was down: not where others have arrived (the last of
    them at `before`) since the last try but one. Then the receiver refuses this one, and would do
    so again after each success of others."""
    since = Count("attempts", filter=Q(attempts__at__gt=before))
    tried = waiting.annotate(tried=Count("attempts"), since=since)
    return tried.filter(Q(tried__lt=2) | Q(since__gte=2))


def switch_off(letter: Letter) -> None:
    """Switches a webhook off whose receiver is gone, unless it has another address by now. Its
    managers get a mail of what was parked by that, although they may have had one today."""
    with audit.recording(audit.Origin(source="webhook-gone")):
        sent_to = Webhook.objects.select_for_update().filter(pk=letter.webhook, url=letter.url)
        hook = sent_to.filter(active=True).first()
        if hook:
            hook.active, hook.told_at = False, None
            hook.save(update_fields=["active", "told_at"])
            broken.send(Webhook, hook=hook, since=f"{deliveries.database_now():%Y-%m-%d %H:%M}")
