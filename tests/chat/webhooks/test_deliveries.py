"""Every event leaves: signed, in order, under a stable id, until it has arrived."""

import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from standardwebhooks import Webhook as StandardWebhook
from standardwebhooks import WebhookVerificationError

from chat.models import StreamEvent, Webhook, WebhookAttempt, WebhookDelivery
from chat.posting import batches
from chat.posting.actions import Recall
from chat.posting.visitor_actions import VisitorAction
from chat.protocol.errors import Refused
from chat.stream import reader, sequencer
from chat.stream.types import TYPES
from chat.webhooks import deliveries, hooks, sender
from chat.webhooks.dispatcher import Dispatcher
from tests.chat.helpers import draft_of, new_guest

from .receivers import Receiver, bare, refuse, seqs

pytestmark = pytest.mark.django_db(transaction=True)
State = WebhookDelivery.State


def verify(secret: str, headers: dict, body: bytes) -> dict:
    return StandardWebhook(secret).verify(body, headers)


def test_every_event_arrives_in_order_and_the_standard_library_verifies_it(
    hook, receiver, send, enterprise, group, alice
):
    for text in ("one", "two", "three"):
        batches.post(draft_of(alice, group, text))
    send()
    while WebhookDelivery.objects.filter(state=State.DUE).exists():
        send()
    events, _cursor = reader.page(enterprise.code, None, 200, TYPES)
    assert receiver.ids() == [each["id"] for each in events]
    for headers, body in receiver.got:
        told = verify(hook.secret, headers, body)
        assert told.keys() == {"type", "timestamp", "data"}
    assert [json.loads(body)["data"]["seq"] for _headers, body in receiver.got] == [1, 2, 3, 4, 5]
    assert json.loads(receiver.got[-1][1])["data"]["message"]["content"] == "three"


def contents(receiver) -> list[str]:
    told = [json.loads(body)["data"] for _headers, body in receiver.got]
    return [each["message"]["content"] for each in told]


def test_a_process_that_is_behind_does_not_stop_a_webhook(
    receiver, send, enterprise, group, alice, monkeypatch
):
    sequencer.look()
    hook = hooks.create(enterprise, receiver.url, ["message.posted"])
    older = reader.head_of(enterprise.code)
    batches.post(draft_of(alice, group, "one"))
    sequencer.look()
    deliveries.make_some(hook.pk, enterprise.code)
    made = Webhook.objects.get().place
    with monkeypatch.context() as patch:
        patch.setattr(reader, "head_of", lambda ent_id: older)
        deliveries.make_some(hook.pk, enterprise.code)
    assert Webhook.objects.get().place == made > older.last
    batches.post(draft_of(alice, group, "two"))
    send()
    send()
    assert contents(receiver) == ["one", "two"]


def test_a_webhook_whose_place_has_gone_back_goes_on(receiver, send, enterprise, group, alice):
    sequencer.look()
    hook = hooks.create(enterprise, receiver.url, ["message.posted"])
    hook.refresh_from_db()
    batches.post(draft_of(alice, group, "one"))
    send()
    Webhook.objects.update(place=hook.place)
    batches.post(draft_of(alice, group, "two"))
    send()
    send()
    assert contents(receiver) == ["one", "two"]


def test_during_a_rotation_both_secrets_verify_and_afterwards_the_new_one(
    hook, receiver, send, group, alice
):
    former = hook.secret
    hooks.rotate(hook)
    send()
    for secret in (former, hook.secret):
        assert verify(secret, *receiver.got[0])
    Webhook.objects.update(former_until=timezone.now() - timedelta(seconds=1))
    batches.post(draft_of(alice, group, "later"))
    send()
    send()
    assert verify(hook.secret, *receiver.got[-1])
    with pytest.raises(WebhookVerificationError):
        verify(former, *receiver.got[-1])


def test_what_fails_is_tried_again_later_under_the_same_id_and_holds_up_its_conversation_only(
    hook, receiver, send, pass_time, team, group
):
    refuse(receiver, group)
    send()
    first = receiver.ids()[0]
    assert seqs(receiver, group) == [1]
    delivery = WebhookDelivery.objects.get(event=int(first))
    attempt = delivery.attempts.get()
    seconds = (delivery.due_at - attempt.at).total_seconds() - attempt.seconds
    assert 4.9 < seconds < 5 * (1 + deliveries.JITTER) + 0.1
    other = batches.post(new_guest(team).draft("elsewhere"))["group"]
    send()
    send()
    assert seqs(receiver, other) == [1, 2] and set(seqs(receiver, group)) == {1}
    receiver.status = 200
    pass_time(100)
    send()
    send()
    *again, last = seqs(receiver, group)
    assert set(again) == {1} and last == 2 and receiver.ids().count(first) == len(again)
    attempts = WebhookAttempt.objects.filter(delivery=delivery).order_by("pk")
    assert [each.status for each in attempts] == [500] * (len(again) - 1) + [200]


def test_retries_last_for_a_day_and_then_it_is_parked_and_the_next_goes_on(
    hook, receiver, send, pass_time, group
):
    receiver.status = 500
    assert sum(deliveries.DELAYS) >= 24 * 3600
    for _ in range(len(deliveries.DELAYS) + 1):
        send()
        pass_time(100_000)
    first = WebhookDelivery.objects.order_by("event").first()
    assert first.state == State.PARKED and first.tries == 11
    receiver.status = 200
    send()
    assert WebhookDelivery.objects.order_by("event").last().state == State.DONE
    deliveries.replay(first)
    send()
    first.refresh_from_db()
    assert first.state == State.DONE
    assert receiver.ids().count(f"{first.event:019d}") == 12


def test_a_dead_receiver_holds_up_no_other(hook, receiver, enterprise, group):
    with bare(None) as url:
        for _ in range(5):
            hooks.create(enterprise, url, TYPES)
        Webhook.objects.exclude(pk=hook.pk).update(place=0)
        sequencer.look()
        dispatcher = Dispatcher()
        end = time.monotonic() + 60
        while len(receiver.got) < 2:
            dispatcher.step()
            assert time.monotonic() < end
            time.sleep(0.01)
        assert dispatcher.under_way >= 5
    while dispatcher.under_way:
        dispatcher.step()
        time.sleep(0.01)


def test_two_processes_send_each_event_once_in_order(hook, receiver, enterprise, group, alice):
    for number in range(10):
        batches.post(draft_of(alice, group, str(number)))
    sequencer.look()
    pair = Dispatcher(), Dispatcher()
    end = time.monotonic() + 60
    while WebhookDelivery.objects.filter(state=State.DUE).exists() or not receiver.got:
        for each in pair:
            each.step()
        assert time.monotonic() < end
    assert receiver.ids() == sorted(set(receiver.ids()))
    assert len(receiver.got) == 12


def test_what_a_killed_process_had_leased_is_sent_again_after_the_lease(
    hook, receiver, send, pass_time, group
):
    sequencer.look()
    deliveries.make_new()
    (letter,) = deliveries.due(set())
    sender.post(letter.url, letter.headers, letter.body)
    send()
    assert len(receiver.got) == 1
    pass_time(60)
    send()
    send()
    assert receiver.ids()[0] == receiver.ids()[1]
    assert len(set(receiver.ids())) == 2
    deliveries.store("", letter, sender.Outcome(1.0, 500))
    assert not WebhookDelivery.objects.exclude(state=State.DONE).exists()


def test_delivery_rows_hold_no_text_and_what_was_recalled_is_sent_as_it_is_now(
    hook, receiver, send, pass_time, group, alice
):
    receiver.status = lambda number: 500 if number == 3 else 200
    sent = batches.post(draft_of(alice, group, "a marker of the text"))
    for _ in range(3):
        send()
    assert b"a marker of the text" in receiver.got[2][1]
    rows = [*WebhookDelivery.objects.values(), *WebhookAttempt.objects.values()]
    rows += StreamEvent.objects.values()
    assert "marker" not in str(rows)
    batches.run([Recall(alice.uuid, group, sent["seq"])])
    pass_time(10)
    for _ in range(3):
        send()
    assert receiver.ids().count(receiver.ids()[2]) == 2
    assert all(b"marker" not in body for _headers, body in receiver.got[3:])


@pytest.mark.parametrize("what", ["recall", "erase"])
def test_answers_that_repeat_what_was_sent_go_with_it(
    hook, receiver, send, group, alice, manager, what
):
    sent = batches.post(draft_of(alice, group, "marker"))
    receiver.body = b"you said: marker"
    for _ in range(3):
        send()
    assert WebhookAttempt.objects.filter(lines__contains="marker").count() == 3
    late = WebhookDelivery.objects.order_by("event").last()
    if what == "recall":
        batches.run([Recall(alice.uuid, group, sent["seq"])])
    else:
        batches.run([VisitorAction("erase", manager.uuid, group)])
    assert not WebhookAttempt.objects.filter(lines__contains="marker").exists()
    # A try that was under way meanwhile.
    WebhookDelivery.objects.filter(pk=late.pk).update(state=State.DUE, lease="x")
    letter = deliveries.Letter(late.pk, hook.pk, "x", hook.url, {}, b"")
    deliveries.store("", letter, sender.Outcome(1.0, 200, lines="you said: marker"))
    assert not WebhookAttempt.objects.filter(lines__contains="marker").exists()


def test_a_backlog_waits_in_the_stream(hook, receiver, send, group, alice, monkeypatch):
    monkeypatch.setattr(deliveries, "MAX_OPEN", 2)
    monkeypatch.setattr(deliveries, "BATCH", 1)
    for number in range(4):
        batches.post(draft_of(alice, group, str(number)))
    sequencer.look()
    deliveries.make_new()
    assert WebhookDelivery.objects.count() == 2
    for _ in range(8):
        send()
    assert len(set(receiver.ids())) == 6


def test_what_is_switched_off_gets_nothing_and_later_all_of_it(hook, receiver, send, group):
    Webhook.objects.update(active=False)
    send()
    assert receiver.got == []
    Webhook.objects.update(active=True)
    send()
    send()
    assert len(receiver.got) == 2


def test_the_log_is_deleted_after_its_days(hook, receiver, send, group):
    send()
    send()
    assert WebhookAttempt.objects.count() == 2
    deliveries.delete_old(timezone.now() + timedelta(days=13))
    assert WebhookDelivery.objects.count() == 2
    deliveries.delete_old(timezone.now() + timedelta(days=15))
    assert not WebhookDelivery.objects.exists() and not WebhookAttempt.objects.exists()


def test_an_enterprise_has_so_many_webhooks_and_no_more(enterprise, receiver, monkeypatch):
    monkeypatch.setattr(hooks, "MOST", 1)
    hooks.create(enterprise, receiver.url, TYPES)
    with pytest.raises(Refused) as refused:
        hooks.create(enterprise, receiver.url, TYPES)
    assert refused.value.code == "conflict"
    assert Webhook.objects.count() == 1


def test_the_receiver_is_killed_and_comes_back(enterprise, send, pass_time, group):
    down = Receiver()
    hook = hooks.create(enterprise, down.url, TYPES)
    down.close()
    send()
    assert WebhookAttempt.objects.filter(error__startswith="no connection").exists()
    back = Receiver()
    try:
        hook.url = back.url
        hook.save(update_fields=["url"])
        for _ in range(3):
            pass_time(100)
            send()
        assert back.ids() == sorted(set(back.ids())) and len(back.got) == 2
    finally:
        back.close()
