"""What may still be said by a channel: shown, counted, and refused before it is stored."""

from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest

from chat import clock
from chat.channels import deliveries, kinds
from chat.channels.contract import MESSAGE, Failed
from chat.models import Channel, ChannelContact, ChannelDelivery, CustomerLink, GroupMessage
from chat.posting import batches, beginnings
from chat.protocol import channels
from chat.protocol.errors import Refused, explain
from chat.reading import conversation_page
from tests.chat.api.program import program_of, refusal
from tests.chat.helpers import JSON, PAGE, draft_of, new_id
from tests.chat.sample_files import upload

from .talks import channel_of, limit, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adapters")]
FILE = partial(upload, "a.txt", b"one", "text/plain")


@pytest.fixture
def talk(team, alice):
    return write(channel_of(team))


def said() -> int:
    return GroupMessage.objects.filter(message_type=1).count()


def window(talk) -> dict | None:
    return ChannelContact.objects.get(conversation=talk).window


def test_the_page_the_inbox_and_programs_see_the_channel_and_what_is_left(talk, alice, browser_of):
    limit(talk, 3)
    shown = conversation_page.agent_page(alice, talk)
    assert (shown["channel"], shown["window"]) == ("telegram", {"until": None, "left": 3})
    (row,) = browser_of(alice).get("/agent/inbox/").json()["groups"]
    assert (row["channel"], row["window"]) == ("telegram", {"until": None, "left": 3})
    program = program_of(talk.team.enterprise)
    (one,) = program.get("conversations/").json()["conversations"]
    assert (one["channel"], one["window"]) == ("telegram", {"until": None, "left": 3})


def test_answers_of_one_transaction_take_one_each(talk, alice):
    limit(talk, 1)
    first, second = [draft_of(alice, talk.uuid, text) for text in ("one", "two")]
    answers = batches.run([first, second])
    assert [one["type"] for one in answers] == ["message.accepted", "error"]
    assert (answers[1]["code"], answers[1]["instead"]) == ("window_closed", [])
    assert (said(), window(talk)["left"]) == (2, 0)
    assert batches.post(first) == answers[0], "a retry of what was stored"


def test_a_window_that_is_over_takes_notes_alone(talk, alice):
    limit(talk, 5, clock.now() - timedelta(seconds=1))
    with pytest.raises(Refused, match="over"):
        batches.post(draft_of(alice, talk.uuid))
    batches.post(draft_of(alice, talk.uuid, "he is late", note=True))
    assert not ChannelDelivery.objects.exists()


def test_an_answer_in_pieces_takes_one_each(talk, alice):
    limit(talk, 2)
    with pytest.raises(Refused, match="further"):
        batches.post(draft_of(alice, talk.uuid, "x" * 9_000))
    batches.post(draft_of(alice, talk.uuid, "x" * 8_000))
    assert window(talk)["left"] == 0


def test_other_ways_to_the_same_customer_are_named(talk, team, alice):
    mail = write(channel_of(team, "mail"), "a@example.com")
    late = write(channel_of(team, "weixin"), "o1")
    off = write(channel_of(team, "weixin_kf"), "w1")
    stranger = write(channel_of(team), "77")
    for one in (mail, late, off):
        CustomerLink.objects.create(
            ent_id=talk.ent_id, visitor_id=one.visitor_id, customer_id=talk.visitor_id
        )
    limit(talk, 0)
    limit(late, 5, clock.now() - timedelta(seconds=1))
    Channel.objects.filter(kind="weixin_kf").update(active=False)
    with pytest.raises(Refused) as refused:
        batches.post(draft_of(alice, talk.uuid))
    assert refused.value.facts["instead"] == ["mail"]
    assert str(channels.NAMES["mail"]) in explain(refused.value)
    limit(stranger, 0)
    with pytest.raises(Refused) as refused:
        batches.post(draft_of(alice, stranger.uuid))
    assert refused.value.facts["instead"] == []


def test_every_door_refuses_alike(talk, alice, browser_of):
    limit(talk, 0)
    browser, place = browser_of(alice), f"/agent/c/{talk.uuid}/messages/"
    program = program_of(talk.team.enterprise)
    conversation = f"conversations/{talk.uuid}/"
    new = {"visitor": talk.visitor_id, "content": "Hello"}
    assert refusal(browser.post(place, {"content": "Hello"}, **JSON)) == (409, "window_closed")
    assert refusal(browser.post(place, {"file": FILE()}, **JSON)) == (409, "window_closed")
    page = browser.post(place, {"content": "Hello"}, **PAGE)
    assert page.status_code == 409 and "Hello" in page.content.decode()
    for answer in (
        program.post(f"{conversation}messages/", {"content": "Hello"}),
        program.send_file(f"{conversation}files/", FILE()),
        program.post("conversations/", new),
    ):
        assert refusal(answer) == (409, "window_closed")
        assert answer.json()["instead"] == []
    assert said() == 1


def test_a_file_that_was_stored_is_answered_as_then(talk, alice, browser_of):
    limit(talk, 1)
    browser, place = browser_of(alice), f"/agent/c/{talk.uuid}/messages/"
    fields = {"client_id": new_id()}
    first, again = [browser.post(place, {**fields, "file": FILE()}, **JSON) for _ in range(2)]
    assert first.status_code == 200
    assert again.json() == first.json()


def test_who_writes_first_reaches_their_one_conversation(talk, team, alice, enterprise):
    other = enterprise.teams.create(name="Other", slug="other")
    member = program_of(enterprise).member
    given = {"visitor": talk.visitor_id, "team": other.slug, "content": "It is on its way"}
    begun = beginnings.begin(member, given)
    assert begun == (talk.uuid, False)
    assert ChannelDelivery.objects.get().conversation_id == talk.uuid
    ChannelContact.objects.all().delete()
    with pytest.raises(Refused, match="nobody"):
        beginnings.begin(member, given)


def test_programs_leave_the_last_two_to_people(talk, alice):
    program = program_of(talk.team.enterprise)
    limit(talk, 3)
    place, body = f"conversations/{talk.uuid}/messages/", {"content": "On its way"}
    assert program.post(place, body).status_code == 200
    assert refusal(program.post(place, body)) == (409, "window_closed")
    for text in ("one", "two"):
        batches.post(draft_of(alice, talk.uuid, text))
    assert window(talk)["left"] == 0


def test_what_is_on_its_way_counts_in_the_next_window_too(talk, alice, monkeypatch):
    rule = {"message": (timedelta(hours=48), 5)}
    monkeypatch.setitem(kinds.ADAPTERS, "telegram", SimpleNamespace(grants=rule))
    channel = Channel.objects.get()
    write(channel)
    for text in ("one", "two"):
        batches.post(draft_of(alice, talk.uuid, text))
    write(channel, content="And?")
    assert window(talk)["left"] == 3
    first, failed = ChannelDelivery.objects.first(), Failed("403", final=True)
    batches.do(deliveries.Outcome(talk.uuid, first, first.State.FAILED, failed=failed))
    assert window(talk)["left"] == 4


def test_what_was_sent_since_they_wrote_has_taken_of_the_new_window(team, alice):
    kinds.ADAPTERS["weixin_kf"].grants = {MESSAGE: (timedelta(hours=48), 5)}
    channel = channel_of(team, "weixin_kf")
    talk, moment = write(channel), clock.now()
    batches.post(draft_of(alice, talk.uuid))
    ChannelDelivery.objects.update(state="sent", sent=1, ended_at=moment)
    for ago, left in (60, 4), (0, 5):
        limit(talk, 0)
        write(channel, at=int(moment.timestamp()) - ago)
        assert window(talk)["left"] == left
