import pytest
from django.db import connection
from django.utils import timezone

from chat.channels import arrivals, sealed, setup
from chat.channels.contract import Called, Failed, Outgoing
from chat.channels.weixin_kf.adapter import adapter
from chat.models import ChannelContact, Conversation, GroupMessage, Visitor
from chat.views import channels as view
from tests.fakes.weixin_kf import ASSISTANT, ENDED, KEYS, NEW, PERSON, POOL, WeixinKf, error

from .conftest import deliver, take_in
from .talks import answer, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake():
    with WeixinKf() as one:
        yield one


@pytest.fixture
def channel(enterprise, team, fake, settings):
    settings.CHANNEL_ALLOW = ["127.0.0.0/8"]
    given = {**KEYS, "welcome": "您好", "api": fake.url}
    return setup.add(enterprise, "weixin_kf", given, team=team)


def fetch(channel) -> None:
    """Fetches all that there is, and takes it in."""
    more = True
    while more:
        channel.refresh_from_db()
        page = adapter.fetch(channel)
        arrivals.keep(channel, page.arrived, page.cursor)
        more = page.more
    take_in(channel)


def ring(channel, fake, **how) -> Called:
    query, body = fake.rings(**how)
    return Called("POST", query, {}, body)


def state(member) -> dict:
    return GroupMessage.objects.get(sender=member.uuid).data["delivery"]


def test_all_pages_are_fetched_and_each_message_once(channel, fake):
    for number in range(7):
        fake.says("wm-1", f"Line {number}")
    fake.page, fake.empty = 2, 1
    fetch(channel)
    channel.cursor = {}
    channel.save()
    fetch(channel)
    conversation = Conversation.objects.get()
    lines = [("Customer wm-1", f"Line {number}") for number in range(7)]
    assert said(conversation.uuid) == lines and conversation.channel == "weixin_kf"
    assert ChannelContact.objects.get().left == 5


def test_a_call_rings_and_its_token_is_used_for_ten_minutes(channel, fake, client):
    found = adapter.called(channel, ring(channel, fake))
    assert (found.status, found.body, found.fetch, found.bell) == (200, "", True, "bell-1")
    channel.bell = sealed.seal_bell(found.bell)
    channel.save()
    fetch(channel)
    assert fake.asked["token"] == "bell-1"
    fake.bell = "bell-2"
    fetch(channel)
    assert "token" not in fake.asked
    channel.bell = sealed.seal({"token": "bell-2", "until": timezone.now().isoformat()})
    channel.save()
    fetch(channel)
    assert "token" not in fake.asked


def test_a_call_rings_for_the_account_that_it_names(channel, fake, team, other_team, monkeypatch):
    monkeypatch.setattr(connection, "close", lambda: None)
    given = {**KEYS, "open_kfid": "wk-second", "api": fake.url}
    foreign = setup.add(other_team.enterprise, "weixin_kf", given, team=other_team)
    call = ring(channel, fake, account="wk-second")
    assert not adapter.called(channel, call).fetch
    second = setup.add(team.enterprise, "weixin_kf", given, team=team)
    view.answer(channel.key, call)
    for each in channel, foreign, second:
        each.refresh_from_db()
    bells = [sealed.bell_of(each) for each in (channel, foreign, second)]
    assert bells == ["", "", "bell-1"] and second.heard_at and not channel.heard_at


def test_the_call_of_another_account_rings_nothing(channel, fake):
    found = adapter.called(channel, ring(channel, fake, account="wk-other"))
    assert (found.status, found.fetch) == (200, False)
    call = ring(channel, fake)
    assert adapter.called(channel, Called("POST", {}, {}, call.body)).status == 403
    fake.owner = "ww-other"
    assert adapter.called(channel, ring(channel, fake)).status == 403
    assert adapter.called(channel, Called("POST", {}, {}, b"<!DOCTYPE x><x/>")).status == 400


def test_the_check_of_the_address_is_answered(channel, fake):
    query, body = fake.rings()
    encrypted = body.decode().split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    called = adapter.called(channel, Called("GET", {**query, "echostr": encrypted}, {}, b""))
    assert "<OpenKfId>" in called.body
    assert adapter.called(channel, Called("GET", {"echostr": encrypted}, {}, b"")).status == 403


def test_too_many_fetches_wait(channel, fake):
    fake.bare = 0
    with pytest.raises(Failed) as failed:
        adapter.fetch(channel)
    assert failed.value.pause == 60.0 and not failed.value.final


def test_whoever_enters_is_welcomed_in_time_and_once(channel, fake):
    fake.happens("enter_session", "wm-1", welcome_code="code-1")
    late = fake.happens("enter_session", "wm-2", welcome_code="code-2")
    late["send_time"] -= 21
    fake.happens("enter_session", "wm-3")
    fetch(channel)
    channel.cursor = {}
    channel.save()
    fetch(channel)
    assert fake.welcomed == [("wm-1", "您好")] and not Visitor.objects.exists()


def test_what_fails_aside_holds_up_no_message(channel, fake, monkeypatch):
    sealed.token_of(channel, lambda: ("", 0))
    fake.happens("enter_session", "wm-1", welcome_code="spent")
    fake.codes.clear()
    fake.says("wm-1", "Hello")
    denied = error(48002, "api forbidden")
    monkeypatch.setattr(WeixinKf, "kf_customer_batchget", lambda self, fields: denied)
    fetch(channel)
    assert GroupMessage.objects.get(message_type=1).message_content == "Hello"


def test_what_came_is_shown(channel, fake):
    fake.says("wm-1", kind="file", media_id=fake.has_file("list.txt", b'{"errcode": 40001}'))
    fake.says("wm-1", kind="voice", media_id=fake.has_file("x.amr", b"#!AMR\nvoice"))
    fake.says("wm-1", kind="location", latitude=31.2, longitude=121.4, name="店", address="上海")
    fake.says("wm-1", kind="miniprogram", title="Shop", pagepath="p")
    fake.says("wm-1", kind="link", title="Shoes", desc="", url="https://example.com/1")
    fake.says("wm-1", kind="merged_msg", title="Chat")
    fake.happens("user_recall_msg", "wm-1", recall_msgid="m1")
    fake.logged(5, "text", {"content": "A colleague in WeCom"}, external_userid="wm-1")
    fake.log += [{"msgid": "m-none"}, {"msgid": 1}, {"msgid": "m", "origin": 3, "text": 1}]
    fetch(channel)
    rows = GroupMessage.objects.filter(message_type=1).order_by("seq")
    assert [(row.data or {}).get("attachment", {}).get("name") for row in rows][:2] == [
        "list.txt",
        "voice.amr",
    ]
    assert [row.message_content for row in rows][2:] == [
        "Location: 31.2, 121.4\n店\n上海",
        "Mini program: Shop",
        "Shoes\nhttps://example.com/1",
        "Something that cannot be shown here",
        "They have recalled a message.",
    ]


def test_an_answer_is_sent_once_by_its_id(channel, fake):
    fake.says("wm-1", "Hello")
    contact = ChannelContact(their_id="wm-1")
    piece = Outgoing("1-0-abc", "Good morning")
    assert adapter.send(channel, contact, piece) == adapter.send(channel, contact, piece)
    file = Outgoing("1-1-abc", name="a.pdf", mime="application/pdf", content=b"%PDF-")
    adapter.send(channel, contact, file)
    assert fake.sent == [("wm-1", "text", "Good morning"), ("wm-1", "file", ("a.pdf", b"%PDF-"))]


@pytest.mark.parametrize("words", ["msgid already exist", "msgid is repeated", "msgid duplicated"])
def test_an_id_that_they_have_is_sent(channel, fake, monkeypatch, words):
    monkeypatch.setattr(WeixinKf, "kf_send_msg", lambda self, fields: error(40058, words))
    contact, piece = ChannelContact(their_id="wm-1"), Outgoing("1-0-a", "Hi")
    assert adapter.send(channel, contact, piece) == "1-0-a"


@pytest.mark.parametrize("where", [POOL, PERSON, ENDED])
def test_a_session_that_is_elsewhere_closes_the_window(channel, fake, alice, where):
    fake.says("wm-1", "Hello")
    fetch(channel)
    answer(Conversation.objects.get(), alice, "Good morning")
    fake.states["wm-1"] = where
    deliver(channel)
    assert state(alice) == {"channel": "weixin_kf", "state": "failed", "reason": "95018"}
    assert ChannelContact.objects.get().left == 0 and fake.states["wm-1"] == where
    fake.says("wm-1", "Hello?")
    fetch(channel)
    assert ChannelContact.objects.get().left == 5


def test_a_new_session_is_kept_here(channel, fake, monkeypatch):
    fake.says("wm-1", "Hello")
    send, denied = WeixinKf.kf_send_msg, [error(95018, "send msg session status invalid")]
    monkeypatch.setattr(
        WeixinKf, "kf_send_msg", lambda self, fields: denied.pop() if denied else send(self, fields)
    )
    adapter.send(channel, ChannelContact(their_id="wm-1"), Outgoing("1-0-a", "Good morning"))
    assert fake.sent and fake.states["wm-1"] == ASSISTANT != NEW


@pytest.mark.parametrize(("why", "left"), [(4, 0), (5, 0), (6, 0), (10, 5), (99, 5)])
def test_a_message_that_fails_later_is_marked(channel, fake, alice, settings, why, left):
    fake.says("wm-1", "Hello")
    fetch(channel)
    answer(Conversation.objects.get(), alice, "Good morning")
    fake.fails_later["wm-1"] = why
    deliver(channel)
    assert state(alice)["state"] == "sent"
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    for _ in range(2):
        fetch(channel)
        channel.cursor = {}
        channel.save()
    assert state(alice) == {"channel": "weixin_kf", "state": "failed", "reason": f"fail_type {why}"}
    assert ChannelContact.objects.get().left == left
    notices = GroupMessage.objects.filter(data__event="undelivered")
    assert notices.count() == 1


def test_a_forged_failure_marks_nothing(channel, fake, alice):
    fake.says("wm-1", "Hello")
    fetch(channel)
    answer(Conversation.objects.get(), alice, "Good morning")
    deliver(channel)
    fake.happens("msg_send_fail", "wm-1", fail_msgid="1-0-000000000000", fail_type=5)
    fake.happens("msg_send_fail", "wm-1", fail_msgid={}, fail_type={})
    fetch(channel)
    assert state(alice)["state"] == "sent" and ChannelContact.objects.get().left == 4


def test_the_test_says_what_is_wrong(channel, fake):
    assert setup.test(channel) is None
    setup.change(channel, {"open_kfid": "wk-wrong"})
    assert setup.test(channel).code == "95000"
    setup.change(channel, {"secret": "wrong-one"})
    failed = setup.test(channel)
    assert failed.code == "40001" and failed.words.startswith("The secret is refused.")
    assert "wrong-one" not in failed.words
