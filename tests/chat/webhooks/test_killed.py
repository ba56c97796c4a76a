"""The sender is killed again and again while the receiver fails now and then: nothing is lost, and
each conversation arrives in order."""

import json
import random
import time
from subprocess import Popen

import pytest

from chat.models import WebhookDelivery
from chat.posting import batches
from chat.webhooks import deliveries
from tests.chat.helpers import draft_of, new_guest
from tests.chat.two_processes import started

pytestmark = [pytest.mark.release, pytest.mark.django_db(transaction=True)]
SENDER = """
import time, django
django.setup()
from chat.stream import sequencer
from chat.webhooks import deliveries
from chat.webhooks.dispatcher import Dispatcher
deliveries.DELAYS = [0] * 1000
dispatcher = Dispatcher()
print("ready", flush=True)
while True:
    try:
        sequencer.look()
        dispatcher.step()
    except Exception:
        pass
    time.sleep(0.01)
"""


def kill(sender: Popen) -> None:
    sender.kill()
    sender.communicate()
    # Its leases would end in a while.
    now = deliveries.database_now()
    WebhookDelivery.objects.filter(leased_until__gt=now).update(leased_until=now)


def test_a_sender_that_is_killed_anywhere_loses_nothing(hook, receiver, team, alice, bob):
    dice = random.Random(7)

    def answer(number: int) -> int:
        time.sleep(0.03)
        return 500 if dice.random() < 0.2 else 200

    receiver.status = answer
    groups = [batches.post(new_guest(team).draft("first"))["group"] for _ in range(3)]
    expected = 6
    for round in range(4):
        sender = started(SENDER, WEBHOOK_ALLOW="127.0.0.0/8")
        for number in range(4):
            for group in groups:
                batches.post(draft_of(alice, group, f"{round} {number}"))
                expected += 1
            time.sleep(dice.random() * 0.15)
        kill(sender)
    sender = started(SENDER, WEBHOOK_ALLOW="127.0.0.0/8")
    try:
        end = time.monotonic() + 60
        done = WebhookDelivery.objects.filter(state=WebhookDelivery.State.DONE)
        while done.count() < expected:
            assert time.monotonic() < end, f"{done.count()} of {expected} arrived"
            time.sleep(0.1)
    finally:
        kill(sender)
    assert len(set(receiver.ids())) == expected
    for group in groups:
        told = [json.loads(body)["data"] for _headers, body in receiver.got]
        seqs = [each["seq"] for each in told if each["group"] == group]
        firsts = list(dict.fromkeys(seqs))
        assert firsts == sorted(firsts) == list(range(1, 19))
