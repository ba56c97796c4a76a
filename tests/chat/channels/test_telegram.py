import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Enterprise
from chat.channels import arrivals, deliveries, setup
from chat.channels.contract import Called, Failed, Outgoing
from chat.channels.telegram.adapter import adapter, arrived_of
from chat.models import (
    Channel,
    ChannelContact,
    ChannelDelivery,
    Conversation,
    GroupMessage,
    Visitor,
)
from chat.posting import batches
from chat.posting.actions import Edit, Recall
from chat.protocol.errors import Refused
from chat.views import channels as calls
from tests.fakes.telegram import TOKEN

from .conftest import deliver, receive, take_in
from .talks import answer, said

pytestmark = pytest.mark.django_db


def test_a_message_opens_a_conversation_once(channel, fake, alice):
    update = fake.writes(42, "Where is my order?")
    receive(channel)
    fake.updates = [update]
    channel.cursor = {}
    channel.save()
    receive(channel)
    conversation = Conversation.objects.get()
    assert conversation.channel == "telegram" and conversation.waiting_since
    assert said(conversation.uuid) == [("Person 42", "Where is my order?")]
    visitor = Visitor.objects.get()
    assert visitor.identity["id"] == f"telegram:{channel.key}:42"


def test_an_answer_is_sent_once_and_in_order(channel, fake, alice):
    fake.writes(42, "Hello")
    receive(channel)
    conversation = Conversation.objects.get()
    answer(conversation, alice, "Good morning")
    answer(conversation, alice, "What can I do?")
    for _ in range(3):
        deliver(channel)
    assert fake.sent == [("42", "Good morning"), ("42", "What can I do?")]
    states = [
        row.data["delivery"]["state"] for row in GroupMessage.objects.filter(sender=alice.uuid)
    ]
    assert states == ["sent", "sent"]


def test_a_blocked_bot_is_told_at_the_message(channel, fake, alice):
    fake.writes(42, "Hello")
    receive(channel)
    conversation = Conversation.objects.get()
    fake.blocked.add("42")
    answer(conversation, alice, "Good morning")
    deliver(channel)
    row = GroupMessage.objects.get(sender=alice.uuid)
    assert row.data["delivery"] == {"channel": "telegram", "state": "failed", "reason": "403"}
    last = GroupMessage.objects.filter(group_id=conversation.uuid).order_by("seq").last()
    assert last.data["event"] == "undelivered" and last.data["of"] == row.seq


def test_a_file_becomes_an_attachment(channel, fake, alice):
    ref = fake.has_file("list.txt", b"one, two")
    fake.writes(42, caption="Two of these", document={"file_id": ref, "file_name": "list.txt"})
    fake.writes(42, sticker={"emoji": ":)"})
    receive(channel)
    first, second = GroupMessage.objects.filter(message_type=1).order_by("seq")
    assert first.data["attachment"]["name"] == "list.txt"
    assert first.message_content == "Two of these" and second.message_content == "Sticker :)"


def test_a_call_needs_the_secret(enterprise, team, fake, settings):
    settings.CHANNEL_ALLOW, settings.PUBLIC_URL = ["127.0.0.0/8"], "http://kefu.example"
    given = {"token": "123456:fake-token", "api": fake.url, "mode": "webhook"}
    channel = setup.add(enterprise, "telegram", given, team=team)
    body = b'{"update_id": 7, "message": {"chat": {"id": 5, "first_name": "A"}, "text": "Hi"}}'
    name = "x-telegram-bot-api-secret-token"
    assert adapter.called(channel, Called("POST", {}, {name: "no"}, body)).status == 403
    right = Called("POST", {}, {name: fake.webhook["secret_token"]}, body)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    assert calls.answer(channel.key, right).status == 404
    Enterprise.objects.update(status=Enterprise.Status.OPEN)
    found = calls.answer(channel.key, right)
    assert found.status == 200
    arrivals.keep(channel, found.arrived)
    take_in(channel)
    assert fake.webhook["url"] == f"http://kefu.example/channels/{channel.key}/"
    assert GroupMessage.objects.get(message_type=1).message_content == "Hi"


def test_a_picture_that_is_none_for_telegram_goes_as_a_file(channel, fake, monkeypatch):
    takes = fake.take_file

    def as_telegram(body):
        unfit = {"ok": False, "error_code": 400, "description": "PHOTO_INVALID_DIMENSIONS"}
        return (400, unfit) if b'name="photo"' in body else takes(body)

    monkeypatch.setattr(fake, "take_file", as_telegram)
    long = Outgoing("1-0-a", name="long.png", mime="image/png", content=b"x")
    adapter.send(channel, ChannelContact(their_id="42"), long)
    assert fake.sent == [("42", "long.png", b"x")]


def test_a_live_location_is_one_message_however_long_it_moves(channel):
    place = {"chat": {"id": 42}, "location": {"latitude": 1.1, "longitude": 2}}
    updates = [{"update_id": 1, "message": place}, {"update_id": 2, "edited_message": place}]
    assert [one.key for one in arrived_of(updates)] == ["1"]


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_only_who_writes_to_the_bot_alone_is_a_visitor(kind):
    message = {"chat": {"id": -42, "type": kind, "title": "Us"}, "from": {"id": 7}, "text": "Hi"}
    assert not arrived_of([{"update_id": 1, "message": message}])


def test_what_has_left_is_neither_edited_nor_recalled(channel, fake, alice):
    fake.writes(42, "Hello")
    receive(channel)
    group = Conversation.objects.get().uuid
    answer(Conversation.objects.get(), alice, "Good morning")
    seq = GroupMessage.objects.get(sender=alice.uuid).seq
    batches.do(Edit(alice.uuid, group, seq, "Good evening"))
    deliver(channel)
    assert fake.sent == [("42", "Good evening")]
    for change in (Edit(alice.uuid, group, seq, "Good night"), Recall(alice.uuid, group, seq)):
        with pytest.raises(Refused) as refused:
            batches.do(change)
        assert refused.value.code == "conflict"


def test_what_has_left_in_part_or_leaves_just_now_stays_and_what_waits_may_be_changed(
    channel, fake, alice, monkeypatch
):
    def then_busy(delivery, their_id):
        fake.busy = 1
        arrived(delivery, their_id)

    def try_to(*changes) -> list[str]:
        return [batches.run([one])[0]["code"] for one in changes]

    arrived = deliveries.arrived
    fake.writes(42, "Hello")
    receive(channel)
    group = Conversation.objects.get().uuid
    answer(Conversation.objects.get(), alice, "word " * 1_000)
    seq = GroupMessage.objects.get(sender=alice.uuid).seq
    changes = Edit(alice.uuid, group, seq, "Good night"), Recall(alice.uuid, group, seq)
    assert try_to(Edit(alice.uuid, group, seq, "word " * 1_900)) == ["conflict"], "a third piece"
    channel.refresh_from_db()
    delivery = ChannelDelivery.objects.get()
    assert deliveries.claim(channel, delivery)
    setup.change(channel, {})
    assert try_to(*changes) == ["conflict"] * 2
    deliveries.settle_failure(channel, delivery, Failed("429"))
    batches.do(Edit(alice.uuid, group, seq, "Good evening, " + "word " * 1_000))
    monkeypatch.setattr(deliveries, "arrived", then_busy)
    ChannelDelivery.objects.update(due_at=timezone.now())
    deliver(channel)
    (piece,) = fake.sent
    assert piece[1].startswith("Good evening")
    assert try_to(*changes) == ["conflict"] * 2


def test_a_channel_without_keys_says_so(channel):
    Channel.objects.update(sealed="")
    channel.refresh_from_db()
    failed = setup.test(channel)
    assert failed and failed.words == "token is missing"


def test_an_account_has_one_channel(channel, enterprise, team, fake):
    given = {"token": f"{TOKEN}-renewed", "api": fake.url}
    with pytest.raises(ValidationError):
        setup.add(enterprise, "telegram", given, team=team)
