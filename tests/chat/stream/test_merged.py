"""A conversation that a sign-in has merged with another one, in the stream."""

import pytest
from django.utils import timezone

from accounts import setup
from chat.models import Conversation, StreamEvent, WebhookDelivery
from chat.posting import batches
from chat.stream import notes, payloads, sequencer
from chat.stream.types import QUARANTINED, TYPES
from chat.webhooks import deliveries, hooks
from tests.chat.api.program import bot_of
from tests.chat.helpers import draft_of
from tests.chat.signed_visitors import sign_in

pytestmark = pytest.mark.django_db


def test_the_stream_tells_it_after_what_was_said_before(merged, enterprise, read, alice):
    group, into, offset = merged
    events = read(enterprise.code)
    (told,) = [each for each in events if each["type"] == "conversation.merged"]
    assert told["data"] == {
        "group": group,
        "into": into,
        "offset": offset,
        "team": "service",
        "state": "open",
        "channel": None,
        "visitor": Conversation.objects.get(uuid=into).visitor_id,
        "identity": "7",
    }
    posted = [each for each in events if each["type"] == "message.posted"]
    assert all(each["id"] < told["id"] and each["data"]["group"] == into for each in posted)
    batches.post(draft_of(alice, into, "afterwards"))
    assert read(enterprise.code)[-1]["data"]["message"]["content"] == "afterwards"


def test_a_bot_hears_of_the_merging_of_what_it_reads_alone(merged, enterprise, team, read):
    read(enterprise.code)
    for bot, told in (
        (bot_of(setup.find_or_create_team(enterprise, "sales"), name="outside"), False),
        (bot_of(team, name="inside"), True),
    ):
        types = [each["type"] for each in bot.get("events/").json()["events"]]
        assert ("conversation.merged" in types) == told


def test_webhooks_send_it_in_its_order_among_those_of_the_other_one(
    customer, guest, group, enterprise, alice
):
    hook = hooks.create(enterprise, "https://crm.example.com/hook", TYPES)
    sequencer.look()
    deliveries.make_new()
    sign_in(guest)
    batches.post(draft_of(alice, customer.group, "afterwards"))
    sequencer.look()
    deliveries.make_new()
    rows = WebhookDelivery.objects.filter(webhook=hook).exclude(type__startswith="visitor.")
    assert set(rows.values_list("about", flat=True)) == {customer.group}
    types = list(rows.order_by("event").values_list("type", flat=True))
    assert types[-1] == "message.posted" and "conversation.merged" in types


def test_the_beginning_of_its_quarantine_goes_along(customer, guest, group, enterprise):
    hooks.create(enterprise, "https://crm.example.com/hook", [QUARANTINED])
    notes.quarantined(enterprise.code, group, "links", timezone.now())
    sign_in(guest)
    sequencer.look()
    deliveries.make_new()
    row = WebhookDelivery.objects.get()
    told = payloads.shape(enterprise.code, list(StreamEvent.objects.all()))[row.event]["data"]
    assert (row.about, told["group"], told["quarantined"]) == (
        customer.group,
        customer.group,
        "links",
    )


def test_a_conversation_that_is_merged_while_it_is_read_is_read_whole(
    read, customer, guest, group, enterprise, monkeypatch
):
    before = read(enterprise.code)
    plain, pending = payloads.messages, [lambda: sign_in(guest)]

    def meanwhile(*args):
        if pending:
            pending.pop()()
        return plain(*args)

    monkeypatch.setattr(payloads, "messages", meanwhile)
    told = payloads.shape(enterprise.code, list(StreamEvent.objects.order_by("id")))
    assert len(told) >= len(before)
    groups = {each["data"]["group"] for each in told.values() if "group" in each["data"]}
    assert groups == {customer.group}
