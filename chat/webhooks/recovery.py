"""What the outcome of a try means for the whole webhook: its receiver is there again, or is gone
for good."""

from datetime import datetime, timedelta

from accounts import audit
from chat.models import Webhook, WebhookDelivery

from . import deliveries
from .deliveries import Letter, State
from .sender import Outcome

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
        switch_off(letter.webhook)


def send_waiting(arrived: Letter) -> None:
    """Makes due now what waits for its next try, as the receiver is there. Where it fails again,
    its schedule begins anew."""
    now = deliveries.database_now()
    open_ones = WebhookDelivery.objects.filter(webhook=arrived.webhook, state=State.DUE)
    waiting = list(open_ones.filter(due_at__gt=now).prefetch_related("attempts"))
    if not waiting:
        return
    done = WebhookDelivery.objects.filter(webhook=arrived.webhook, state=State.DONE)
    # About the latest one: the table has an index for this order.
    others = done.exclude(pk=arrived.delivery).order_by("-due_at")
    before = others.values_list("ended_at", flat=True).first()
    found = [each.pk for each in waiting if before is None or was_down(each, before)]
    mine = open_ones.filter(pk__in=found, due_at__gt=now)
    mine.filter(created_at__gt=now - AFRESH).update(tries=0)
    mine.update(due_at=now)


def was_down(waiting: WebhookDelivery, before: datetime) -> bool:
    """Whether it failed because the receiver was down: not where others have arrived (the last of
    them at `before`) since its last try but one. Then the receiver refuses this one, and would do
    so again after each success of others."""
    tries = sorted(attempt.at for attempt in waiting.attempts.all())
    return len(tries) < 2 or tries[-2] > before


def switch_off(hook_id: int) -> None:
    """Switches a webhook off whose receiver is gone. Its managers get a mail of what was parked by
    that, although they may have had one today."""
    with audit.recording(audit.Origin(source="webhook-gone")):
        hook = Webhook.objects.select_for_update().filter(pk=hook_id, active=True).first()
        if hook:
            hook.active, hook.told_at = False, None
            hook.save(update_fields=["active", "told_at"])
