"""A test that is sent while somebody waits for what comes of it."""

import uuid

from django.db import transaction

from chat.models import Webhook, WebhookDelivery
from chat.protocol.errors import Refused

from . import deliveries, recovery, sender
from .deliveries import Letter, State
from .sender import Outcome


def send(hook: Webhook) -> Outcome:
    """Sends an event without content, and returns what came of it. Raises Refused (conflict) while
    another test of the enterprise is under way: each holds the thread of a page for as long as a
    try may take."""
    letter = leased(hook)
    outcome = sender.post(letter.url, letter.headers, letter.body)
    recovery.settle("", letter, outcome)
    return outcome


@transaction.atomic
def leased(hook: Webhook) -> Letter:
    """A test, ready to be sent: the one that waits for its next try, if there is one."""
    hooks = Webhook.objects.select_for_update().filter(enterprise=hook.enterprise_id)
    known = {each.pk: each for each in hooks.order_by("pk")}
    now = deliveries.database_now()
    tests = WebhookDelivery.objects.filter(webhook__in=known, event=None, state=State.DUE)
    if tests.filter(deliveries.under_way(now)).exists():
        raise Refused("conflict", "Another test is being sent. Wait for its outcome.")
    if hook.pk not in known:
        raise Refused("not_found", "There is no such webhook.")
    row = tests.filter(webhook=hook.pk).first() or deliveries.send_test(hook)
    row.lease, row.leased_until = str(uuid.uuid4()), now + deliveries.LEASE
    row.save(update_fields=["lease", "leased_until"])
    (letter,) = deliveries.letters(known[hook.pk], [row], row.lease, now)
    return letter
