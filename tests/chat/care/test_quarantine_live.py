"""What pages hear of conversations in quarantine, and what becomes of these by a sign-in or
when an agent reopens them."""

import asyncio
import json

import pytest

from accounts.setup import create_member, join_team
from chat.background import upkeep
from chat.models import ChatGroup, Conversation, Visitor
from chat.posting import batches
from chat.posting.actions import Ending
from chat.presence import leases
from chat.reading import inbox, inbox_counts
from tests.chat.helpers import (
    JSON,
    Guest,
    act_of,
    check_ledger,
    database,
    new_guest,
    posted,
    types,
    within,
)
from tests.chat.signed_visitors import WANG, exchange, session_guest, sign_in, signed
from tests.chat.spam import LINKS, groups, row_of, say, write_quarantined

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("careful")]


def test_whom_the_site_knows_is_never_quarantined(enterprise, team, alice):
    guest = new_guest(team)
    form = {"content": LINKS, "client_id": guest.draft().client_id}
    sign_in(guest).post(f"/chat/{enterprise.code}/messages/", form, **JSON)
    assert not Conversation.objects.get().quarantined_since


@pytest.mark.parametrize("wrote_before", [False, True])
def test_who_signs_in_on_the_site_is_let_in(enterprise, team, alice, wrote_before):
    if wrote_before:
        batches.post(session_guest(enterprise, team, "7", **WANG).draft("long ago"))
    guest = write_quarantined(team)
    since = row_of(guest).quarantined_since
    exchange(guest.browser(), signed(enterprise, "7", **WANG))
    row = Conversation.objects.get()
    assert not row.quarantined_since and row.waiting_since <= since
    assert groups(alice) == groups(alice, "unclaimed") == [row.uuid]
    assert inbox_counts.numbers(alice)[0] == 1 + wrote_before
    check_ledger()


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_agents_hear_of_it_without_an_alert_and_aloud_once_it_is_let_in(
    team, alice, bob, connect
):
    page, colleague = await connect(alice), await connect(bob)
    visitor = await connect(new_guest(team))
    answer = await visitor.say(LINKS)
    group = answer["group"]
    event = await page.until("conversation", group=group)
    assert (
        event["quarantined"] == "links" and event["unread"] == 0 and event["waiting_since"] is None
    )

    await visitor.say("are you there?")
    heard = await page.all()
    assert {message["kind"] for message in posted(heard)} <= {"notice"}
    assert "unread" not in types(heard)

    await colleague.all()
    await page.send("conversation.not_spam", group=group)
    event = await colleague.until("conversation", group=group)
    assert event["quarantined"] is None and event["unread"] == 2 and event["waiting_since"]

    message = (await colleague.until("message.posted"))["message"]
    assert message["content"] == "are you there?" and message["sender_role"] == "visitor"
    await page.until("conversation", group=group, quarantined=None)
    await page.all()
    await page.send("conversation.not_spam", group=group)
    state = await page.until("conversation", group=group)
    assert state["open"] and state["quarantined"] is None and "members" not in state

    await visitor.say("thanks")
    said = [message for message in posted(await colleague.all()) if message["kind"] == "message"]
    assert [message["content"] for message in said] == ["thanks"]
    await visitor.send("conversation.spam", group=group)
    assert (await visitor.until("error"))["code"] == "forbidden"


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_agents_hear_nothing_that_a_quarantined_visitor_does(
    team, alice, connect, monkeypatch
):
    """Typing, reading, coming and going, moving from page to page, an address left afterwards."""
    monkeypatch.setattr(upkeep, "GRACE", 0.05)
    page = await connect(alice)
    quarantined, other = new_guest(team), new_guest(team)
    visitor, window = await connect(quarantined), await connect(quarantined)
    group = (await visitor.say(LINKS))["group"]
    await window.until("message.posted")
    await window.until("message.posted")
    ordinary = await connect(other)
    talk = (await ordinary.say("hello"))["group"]
    await page.until("presence", visitor=other.uuid)
    await page.all()
    for socket, where in ((visitor, group), (ordinary, talk)):
        await socket.send("typing", group=where, draft="buy now")
        await socket.send("page", url="https://shop.example/cart")
        said = {"content": "more", "introduction": {"email": "a@example.com"}}
        assert (await socket.say(**said))["type"] == "message.accepted"
        who = quarantined if socket is visitor else other
        await database(batches.do)(Ending(who.uuid, where))
        await socket.send("message.read", group=where, seq=99)
        assert "error" not in types(await socket.all())
        await socket.leave()

    await window.leave()
    heard = []
    while not heard or heard[-1] != {"type": "presence", "visitor": other.uuid, "online": False}:
        heard.append(await page.next())
    mine = {"typing", "read", "visitor", "presence"}
    told = {(event["type"], who_of(event)) for event in heard if event["type"] in mine}
    assert told >= {(kind, other.uuid) for kind in mine}, "the ordinary visitor shows all of it"
    assert not {who for _type, who in told} & {quarantined.uuid}


def who_of(event: dict) -> str:
    return event.get("visitor") or event.get("member")


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_who_is_let_in_is_shown_as_they_are_and_heard_from_then_on(
    team, alice, connect, monkeypatch
):
    monkeypatch.setattr(upkeep, "GRACE", 0.05)
    page, guest = await connect(alice), new_guest(team)
    visitor = await connect(guest)
    group = (await visitor.say(LINKS))["group"]
    while not await database(leases.online)({guest.uuid}):
        await asyncio.sleep(0.02)
    await visitor.leave()
    while await database(leases.online)({guest.uuid}):
        await asyncio.sleep(0.02)
    await page.send("conversation.not_spam", group=group)
    assert (await page.until("conversation", group=group, quarantined=None))["online"] is False
    visitor = await connect(guest)
    await page.until("presence", visitor=guest.uuid, online=True)
    await visitor.send("typing", group=group, draft="as I said")
    assert (await page.until("typing", group=group))["draft"] == "as I said"


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_who_was_closed_while_quarantined_is_not_heard_either(team, alice, connect):
    guest = await database(write_quarantined)(team)
    group = await database(lambda: guest.group)()
    await database(Conversation.objects.filter(uuid=group).update)(
        quarantined_since=None, open=False
    )
    page, visitor = await connect(alice), await connect(guest)
    await visitor.send("typing", group=group, draft="hello?")
    await visitor.send("page", url="https://shop.example/cart")
    assert types(await visitor.all()) == []
    assert await page.all() == []


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_of_two_teams_only_the_one_that_let_a_visitor_in_hears_them(
    enterprise, team, alice, carol, connect, sales
):
    guest = await database(write_quarantined)(team)
    group = await database(lambda: guest.group)()
    elsewhere = Guest(enterprise, sales, guest.token)
    draft = elsewhere.draft("hello")
    await database(batches.post)(draft)
    await database(say)("not_spam", alice, group)
    await database(Conversation.objects.exclude(uuid=group).update)(
        quarantined_for="links", open=False
    )
    page, stranger = await connect(alice), await connect(carol)
    visitor = await connect(guest)
    assert (await page.until("presence", visitor=guest.uuid))["online"] is True
    await visitor.send("page", url="https://shop.example/cart")
    assert (await page.until("visitor", visitor=guest.uuid))["path"]
    await stranger.send("ping", got=0)
    while (event := await stranger.next())["type"] != "pong":
        assert event.get("visitor") != guest.uuid, event


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_spam_by_socket_closes_the_visitors_sockets(team, alice, connect):
    page, guest = await connect(alice), new_guest(team)
    visitor = await connect(guest)
    group = (await visitor.say(LINKS))["group"]
    await page.send("conversation.spam", group=group)
    event = await page.until("conversation", group=group, open=False)
    upkeep.current().wake.set()
    assert await visitor.closed() == 4403
    assert event["quarantined"] is None
    assert (await database(Visitor.objects.get)(uuid=guest.uuid)).is_blocked


@pytest.fixture
def closed(team, alice) -> str:
    """The group of a conversation that its visitor closed while it was in quarantine."""
    guest = write_quarantined(team)
    guest.browser().post(f"/chat/{team.enterprise.code}/end/", **JSON)
    return guest.group


def told(who: str, action) -> list[dict]:
    """The `conversation` events that a person gets for an action, in order."""
    outcome = batches.settle([action])
    sent = [pair for one in outcome.announcements for pair in one.events]
    events = [json.loads(event) for people, event in sent if who in people]
    return [event for event in events if event["type"] == "conversation"]


def test_a_manager_without_a_seat_sees_what_their_own_reopening_changed(closed, manager):
    assert not ChatGroup.objects.filter(uuid=closed, member_id=manager.uuid).exists()
    (event,) = told(manager.uuid, act_of("reopen", manager.uuid, closed))
    assert event["open"] is True and event["quarantined"] is None


def test_whoever_joins_by_the_reopening_gets_their_own_unread_count(closed, alice, team):
    dora = create_member("dora", enterprise=team.enterprise)
    join_team(dora, team)
    events = told(dora.uuid, act_of("reopen", alice.uuid, closed))
    (row,) = inbox.rows_of(dora.uuid, dora.enterprise.code, [closed])
    assert events[-1]["unread"] == row["unread"] == 0
