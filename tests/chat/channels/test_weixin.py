import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from chat.channels import setup
from chat.channels.contract import Called, Failed, Outgoing
from chat.channels.weixin.adapter import adapter
from chat.limits import Buckets, limits
from chat.models import ChannelContact, ChannelDelivery, Conversation, GroupMessage
from chat.rates import Rate
from chat.views import channels as view
from tests.chat.sample_files import animation, clear, picture
from tests.fakes.weixin import KEYS, Weixin

from .conftest import deliver, take_in
from .talks import answer, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake():
    with Weixin() as one:
        yield one


@pytest.fixture
def channel(enterprise, team, fake, settings):
    settings.CHANNEL_ALLOW = ["127.0.0.0/8"]
    return setup.add(enterprise, "weixin", {**KEYS, "api": fake.url}, team=team)


@pytest.fixture
def call(channel, client, monkeypatch):
    """Calls the channel's address, and takes in what came."""
    monkeypatch.setattr(view.CALLS, "submit", at_once)

    def one(told):
        query, body = told
        found = client.post(f"/channels/{channel.key}/", body, "text/xml", query_params=query)
        take_in(channel)
        return found

    return one


def at_once(function, *arguments):
    """As the pool's, on this thread, whose database the test has."""
    future = view.Future()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(connection, "close", lambda: None)
            future.set_result(function(*arguments))
    except Exception as error:
        future.set_exception(error)
    return future


def window() -> tuple[int, int]:
    """How many messages are left, and for how many minutes."""
    contact = ChannelContact.objects.get()
    return contact.left, round((contact.until - timezone.now()).total_seconds() / 60)


def test_a_message_that_is_repeated_is_stored_once(call, fake):
    told = fake.says("o-1", "在吗?")
    for _ in range(3):
        found = call(told)
        assert (found.status_code, found.content) == (200, b"")
    conversation = Conversation.objects.get()
    assert conversation.channel == "weixin" and window() == (5, 48 * 60)
    assert [text for _name, text in said(conversation.uuid)] == ["在吗?"]


def test_the_check_of_the_address_is_answered(channel, fake, client):
    query = {**fake.told({}, secure=False)[0], "echostr": "4711"}
    assert adapter.called(channel, Called("GET", query, {}, b"")).body == "4711"
    query["signature"] = "0" * 40
    assert adapter.called(channel, Called("GET", query, {}, b"")).status == 403


def test_a_plain_message_is_refused_where_a_key_is_set(call, channel, fake):
    assert call(fake.says("o-1", "plain", secure=False)).status_code == 403
    query, body = fake.says("o-1", "changed")
    assert call((query | {"nonce": "n2"}, body)).status_code == 403
    assert call((query, b"<xml><Encrypt>")).status_code == 400
    assert not channel.arrivals.exists()
    setup.change(channel, {"aeskey": ""})
    assert setup.stored_secrets(channel)["aeskey"] == KEYS["aeskey"]


def test_forged_calls_are_limited_and_what_is_theirs_counts_for_nothing(
    call, fake, client, django_assert_num_queries
):
    limits.buckets["forged_call"]["address"] = Buckets(Rate(3, 0.01))
    for number in range(5):
        assert call(fake.says("o-1", f"{number}")).status_code == 200
    query, body = fake.says("o-1", "changed")
    forged = query | {"nonce": "n2"}, body
    assert [call(forged).status_code for _ in range(2)] == [403, 403]
    assert client.get("/channels/nothing/").status_code == 404
    with django_assert_num_queries(0):
        found = client.post("/channels/nothing/", body, "text/xml")
    assert (found.status_code, found["Retry-After"]) == (429, "100")
    assert call(fake.says("o-1", "still here")).status_code == 200, "others called from there"


def test_a_plain_message_is_taken_where_no_key_is_set(enterprise, team, fake, settings):
    settings.CHANNEL_ALLOW = ["127.0.0.0/8"]
    plain = setup.add(enterprise, "weixin", {**KEYS, "aeskey": "", "api": fake.url}, team=team)
    query, body = fake.says("o-1", "plain", secure=False)
    assert adapter.called(plain, Called("POST", query, {}, body)).arrived[0].content == "plain"
    forged = Called("POST", query | {"signature": ""}, {}, body)
    assert adapter.called(plain, forged).status == 403


def test_what_the_database_does_not_take_in_time_comes_again(channel, fake, client, monkeypatch):
    free, real = threading.Event(), view.answer
    monkeypatch.setattr(view, "WITHIN", 0.0)
    monkeypatch.setattr(view, "answer", lambda *call: free.wait(60))
    query, body = fake.says("o-1", "Hello")
    found = client.post(f"/channels/{channel.key}/", body, "text/xml", query_params=query)
    assert (found.status_code, found.content) == (503, b"") and not channel.arrivals.exists()
    free.set()
    monkeypatch.setattr(view, "answer", real)
    monkeypatch.setattr(view, "WITHIN", 60.0)
    monkeypatch.setattr(view.CALLS, "submit", at_once)
    for _ in range(2):
        found = client.post(f"/channels/{channel.key}/", body, "text/xml", query_params=query)
        assert found.status_code == 200
    assert channel.arrivals.count() == 1


def test_what_is_no_text_becomes_a_row(call, fake):
    call(fake.says("o-1", MsgType="image", MediaId=fake.has_file("x.png", picture())))
    call(fake.says("o-1", MsgType="voice", MediaId=fake.has_file("x.amr", b"#!AMR\nvoice")))
    call(fake.says("o-1", MsgType="image", MediaId="gone"))
    place = {"Location_X": "31.2", "Location_Y": "121.4", "Label": "上海"}
    call(fake.says("o-1", MsgType="location", **place))
    call(fake.says("o-1", MsgType="link", Title="Shoes", Url="https://example.com/1"))
    call(fake.says("o-1", MsgType="new"))
    call(fake.does("o-1", "CLICK", "help"))
    rows = GroupMessage.objects.filter(message_type=1).order_by("seq")
    names = [(row.data or {}).get("attachment", {}).get("name") for row in rows]
    texts = [row.message_content for row in rows]
    assert names[:2] == ["image.png", "voice.amr"]
    assert "40007" not in texts[2] and "invalid media_id" in texts[2]
    assert texts[3].startswith("Location: 31.2, 121.4\n上海")
    assert texts[4:] == [
        "Shoes\nhttps://example.com/1",
        "Something that cannot be shown here",
        "Pressed in the menu: help",
    ]


def test_an_event_grants_less_than_a_message(call, fake):
    call(fake.does("o-1", "subscribe"))
    assert not Conversation.objects.exists()
    call(fake.does("o-1", "CLICK", "help"))
    assert window() == (3, 1)
    ChannelContact.objects.update(left=0)
    call(fake.does("o-1", "VIEW", "https://example.com"))
    assert window()[0] == 0
    call(fake.does("o-1", "SCAN", "shop"))
    assert window() == (3, 1)
    call(fake.says("o-1", "Hello"))
    assert window() == (5, 48 * 60)
    call(fake.does("o-1", "unsubscribe"))
    assert window() == (5, 48 * 60) and GroupMessage.objects.filter(message_type=1).count() == 2


def test_a_late_message_grants_from_when_it_was_written(call, fake):
    then = timezone.now() - timedelta(hours=47)
    call(fake.says("o-1", "Hello", CreateTime=int(then.timestamp())))
    assert window() == (5, 60)
    call(fake.says("o-2", "Hello", CreateTime=int((then - timedelta(days=1)).timestamp())))
    assert ChannelContact.objects.get(their_id="o-2").left == 0


def test_a_token_that_dies_is_replaced_once(call, channel, fake, alice):
    call(fake.says("o-1", "Hello"))
    conversation = Conversation.objects.get()
    answer(conversation, alice, "One")
    deliver(channel)
    fake.expire()
    answer(conversation, alice, "Two!")
    deliver(channel)
    fake.refuses = [40001]
    answer(conversation, alice, "Three")
    deliver(channel)
    assert [text for _who, _kind, text in fake.sent] == ["One", "Two!", "Three"]
    assert (fake.issued, fake.forced) == (3, 1)


def test_too_many_calls_pause_the_channel(call, channel, fake, alice):
    call(fake.says("o-1", "Hello"))
    answer(Conversation.objects.get(), alice, "One")
    fake.refuses = [45009]
    deliver(channel)
    delivery = ChannelDelivery.objects.get()
    assert delivery.state == "sending" and delivery.due_at > timezone.now() + timedelta(seconds=50)


def test_files_go_out_as_wechat_takes_them(channel, fake):
    contact = ChannelContact(their_id="o-1")
    fake.says("o-1", "Hello")
    piece = adapter_piece("a.png", "image/png", b"picture")
    adapter.send(channel, contact, piece)
    assert fake.sent == [("o-1", "image", b"picture")]
    with pytest.raises(Failed) as failed:
        adapter.send(channel, contact, adapter_piece("a.pdf", "application/pdf", b"%PDF-"))
    assert failed.value.final and failed.value.code == "file_kind"


@pytest.mark.parametrize(
    ("content", "head"),
    [
        (animation("WEBP"), b"GIF89a"),
        (picture("WEBP"), b"\xff\xd8"),
        (clear(), b"\x89PNG"),
    ],
)
def test_it_gets_no_webp(channel, fake, content, head):
    """Which an upload makes of each animation."""
    fake.says("o-1", "Hello")
    adapter.send(
        channel, ChannelContact(their_id="o-1"), adapter_piece("a.webp", "image/webp", content)
    )
    ((_who, kind, sent),) = fake.sent
    assert kind == "image" and sent.startswith(head)


def adapter_piece(name, mime, content):
    return Outgoing("1-0-a", name=name, mime=mime, content=content)


def test_the_test_says_what_is_wrong(channel, fake):
    assert setup.test(channel) is None
    setup.change(channel, {"secret": "wrong-one"})
    failed = setup.test(channel)
    assert failed.code == "40125" and failed.words.startswith("The AppSecret is refused.")
    assert "wrong-one" not in failed.words
    fake.fails = 502
    assert setup.test(channel).code == "502"


def test_a_channel_works_again_once_a_message_has_arrived(call, channel, fake, alice):
    call(fake.says("o-1", "Hello"))
    conversation = Conversation.objects.get()
    answer(conversation, alice, "One")
    fake.refuses = [48001]
    deliver(channel)
    channel.refresh_from_db()
    assert channel.failure == "48001"
    answer(conversation, alice, "Two!")
    deliver(channel)
    channel.refresh_from_db()
    assert channel.failure == ""
