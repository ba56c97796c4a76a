"""A receiver that is there again gets at once what waited; one that is gone gets nothing more."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditRow, Member
from chat.mail import jobs, parked
from chat.models import Visitor, Webhook, WebhookAttempt, WebhookDelivery
from chat.posting import batches
from chat.stream import notes, sequencer
from chat.webhooks import deliveries, recovery
from chat.webhooks.sender import Outcome
from tests.chat.api.program import program_of
from tests.chat.api.schemas import DOCUMENT, faults
from tests.chat.helpers import draft_of, new_guest

from .receivers import refuse, seqs

pytestmark = pytest.mark.django_db(transaction=True)
State = WebhookDelivery.State


def begin(team) -> str:
    return batches.post(new_guest(team).draft("hello"))["group"]


def fail(receiver, send, pass_time, times: int) -> None:
    receiver.status = 500
    for _ in range(times):
        pass_time(100_000)
        send()


def test_the_first_success_sends_all_that_waits_in_order(
    hook, receiver, send, pass_time, team, group
):
    groups = [group, begin(team), begin(team)]
    fail(receiver, send, pass_time, 9)
    assert WebhookDelivery.objects.filter(tries__gt=1).count() == 3
    receiver.status, receiver.got = 200, []
    groups.append(begin(team))
    send()
    assert [seqs(receiver, each) for each in groups] == [[1, 2]] * 4


def test_what_alone_is_refused_keeps_to_its_schedule(
    hook, receiver, send, pass_time, team, group, monkeypatch
):
    monkeypatch.setattr(deliveries, "DELAYS", [5_000] * 10)
    refuse(receiver, group)
    send()
    for _ in range(5):
        begin(team)
        send()
    assert len(seqs(receiver, group)) == 2
    pass_time(10_000)
    begin(team)
    send()
    assert len(seqs(receiver, group)) == 3


def test_a_receiver_that_stumbles_on_its_way_up_gets_it_soon(
    hook, receiver, send, pass_time, team, group
):
    fail(receiver, send, pass_time, 8)
    refuse(receiver, group)
    begin(team)
    send()
    waiting = WebhookDelivery.objects.get(tries__gt=0, state=State.DUE)
    assert waiting.due_at - timezone.now() < timedelta(seconds=10)
    WebhookDelivery.objects.update(created_at=timezone.now() - timedelta(days=2), tries=8)
    fail(receiver, send, pass_time, 2)
    refuse(receiver, group)
    begin(team)
    send()
    assert WebhookDelivery.objects.get(pk=waiting.pk).state == State.PARKED


def test_a_pause_that_the_receiver_asks_for_is_kept(hook, receiver, send, pass_time, team, group):
    refuse(receiver, group)
    receiver.headers = [("Retry-After", "600")]
    send()
    delivery = WebhookDelivery.objects.get(tries=1)
    assert delivery.due_at - delivery.attempts.get().at >= timedelta(seconds=600)
    receiver.status, receiver.headers = 200, []
    begin(team)
    send()
    pass_time(300)
    send()
    assert seqs(receiver, group) == [1]
    pass_time(400)
    send()
    assert seqs(receiver, group) == [1, 1, 2]


@pytest.mark.parametrize(("status", "sent"), [(503, [1, 2]), (429, [])])
def test_a_pause_ends_where_who_asked_for_it_was_down_and_is_back(
    hook, receiver, send, team, group, status, sent
):
    begin(team)
    receiver.status, receiver.headers = status, [("Retry-After", "3600")]
    send()
    receiver.status, receiver.headers, receiver.got = 200, [], []
    begin(team)
    send()
    assert seqs(receiver, group) == sent


def test_what_waits_is_sent_now_by_hand_and_before_it_what_is_earlier(
    hook, receiver, send, pass_time, group, alice
):
    batches.post(draft_of(alice, group, "later"))
    receiver.headers = [("Retry-After", "3600")]
    fail(receiver, send, pass_time, 3)
    receiver.status, receiver.got = 200, []
    deliveries.replay(WebhookDelivery.objects.order_by("event")[1])
    send()
    assert seqs(receiver, group) == [1, 2, 3]
    running = WebhookDelivery.objects.order_by("event").first()
    lease = {
        "state": State.DUE,
        "lease": "x",
        "leased_until": timezone.now() + timedelta(seconds=9),
    }
    WebhookDelivery.objects.filter(pk=running.pk).update(**lease)
    deliveries.replay(running)
    assert WebhookDelivery.objects.get(pk=running.pk).lease == "x", "it would be sent twice"


def test_a_receiver_that_is_gone_switches_its_webhook_off_and_the_managers_learn_it(
    hook, receiver, send, group, manager, mailoutbox
):
    Member.objects.filter(pk=manager.pk).update(email="m@example.com")
    Webhook.objects.update(told_at=timezone.now())
    receiver.status = 410
    send()
    send()
    assert len(receiver.got) == 1 and not Webhook.objects.get().active
    row = AuditRow.objects.filter(kind="webhook").last()
    assert (row.action, row.source) == ("changed", "webhook-gone")
    jobs.send(parked.take_due())
    (mail,) = mailoutbox
    assert "410" in mail.body and "switched off" in mail.body
    receiver.status = 200
    Webhook.objects.update(active=True)
    deliveries.replay(WebhookDelivery.objects.get(state=State.PARKED))
    send()
    assert seqs(receiver, group) == [1, 1, 2]
    assert [each.status for each in WebhookAttempt.objects.order_by("pk")] == [410, 200, 200]


def test_a_late_answer_of_a_former_address_switches_nothing_off(hook, team, group):
    sequencer.look()
    deliveries.make_new()
    letter = deliveries.due(set())[0]
    Webhook.objects.update(url="https://new.example.com/")
    recovery.settle("", letter, Outcome(0.1, 410))
    assert Webhook.objects.get().active


def test_what_is_told_of_a_visitor_without_a_row(hook, receiver, send, enterprise):
    gone = Visitor(ent_id=enterprise.code, label="x")
    notes.visitor_updated(gone, timezone.now())
    notes.visitor_erased(gone, timezone.now())
    send()
    told = [json.loads(body) for _headers, body in receiver.got]
    assert [(each["type"], each["data"]) for each in told] == [
        ("visitor.erased", {"visitor": gone.uuid})
    ]
    page = program_of(enterprise).get("events/").json()
    assert page["events"] and faults(page, DOCUMENT["components"]["schemas"]["EventPage"]) == []
    assert not WebhookDelivery.objects.filter(state=State.PARKED).exists()
