"""Offers as an agent's pages hear of them, with what the process does by itself."""

import re

import pytest

from accounts.models import Member
from chat.background import router, upkeep
from chat.posting import batches
from chat.routing import live
from tests.chat.helpers import JSON, database, draft_of, new_guest, within
from tests.chat.routing.desk import connect as online
from tests.chat.routing.desk import holder, look, offered, set_routing, wait

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(house, team, alice):
    set_routing(team, "offer")
    return team


async def routing() -> None:
    """Has the process of the test look, which knows afterwards that the team routes."""
    upkeep.current()
    router.current().wake.set()


@within(30)
async def test_an_offer_is_told_to_all_windows_and_ends_in_all(connect, desk, alice, bob, carol):
    first, second, other = [await connect(who) for who in (alice, alice, carol)]
    await routing()
    group = await database(wait)(desk)
    offer = await first.until("offer", group=group)
    assert {*offer} == {"type", "group", "until", "seconds", "reason", "taken", "limit"}
    assert offer["reason"] in ("least_loaded", "longest_idle")
    await second.until("offer", group=group)
    later = await connect(alice)
    wanted = {"group": group, "until": offer["until"], "reason": offer["reason"]}
    await second.send("sync", groups={})
    for told in (later.hello, await second.until("synced")):
        (again,) = told["offers"]
        assert 0 < again.pop("seconds") < offer["seconds"] == 30
        assert again == wanted
    await second.send("conversation.claim", group=group)
    for socket in (first, second, later):
        assert (await socket.until("offer.ended", group=group))["why"] == "taken"
    assert await database(holder)(group) == alice.uuid
    assert not [event for event in await other.all() if event["type"].startswith("offer")]


@within(30)
async def test_a_message_a_claim_and_a_socket_have_the_process_decide(connect, desk, alice, bob):
    await database(set_routing)(desk, "assign")
    await database(Member.objects.update)(capacity=1)
    await routing()
    first, second = await database(wait)(desk), await database(wait)(desk)
    page = await connect(alice)
    await page.until("conversation", group=first, claimed_by=alice.uuid)
    await page.send("conversation.close", group=first)
    await page.until("conversation", group=second, claimed_by=alice.uuid)
    visitor = await connect(new_guest(desk))
    await visitor.say("hello")
    page = await connect(bob)
    await page.until("conversation", claimed_by=bob.uuid)


@within(30)
async def test_a_declined_offer_ends_in_all_windows(connect, desk, alice, bob):
    first, second = await connect(alice), await connect(alice)
    await routing()
    group = await database(wait)(desk)
    await first.until("offer", group=group)
    await second.send("offer.decline", group=group)
    for socket in (first, second):
        assert (await socket.until("offer.ended", group=group))["why"] == "declined"
    await second.send("offer.decline", group=group)
    assert (await second.until("offer.ended", group=group))["why"] == "gone"


@within(30)
async def test_who_counts_as_away_comes_back_by_what_they_do(connect, desk, alice):
    await database(Member.objects.update)(missed_offers=3)
    page = await connect(alice)
    await routing()
    group = await database(wait)(desk)
    await database(look)()
    assert not [event for event in await page.all() if event["type"] == "offer"]
    await page.send("presence", away=False)
    await page.until("offer", group=group)


def missed() -> int:
    return Member.objects.get(name="alice").missed_offers


@within(30)
@pytest.mark.parametrize("frame", ["message.send", "message.edit", "message.recall"])
async def test_who_was_put_away_since_the_last_tick_comes_back_by_what_they_do(
    connect, desk, alice, group, frame
):
    """Their socket's own copy of the member is seconds old."""
    await database(live.look)()
    page = await connect(alice)
    accepted = await page.say("mine", group=group)
    await database(Member.objects.update)(missed_offers=3)
    if frame == "message.send":
        await page.say("more", group=group)
    else:
        await page.send(frame, group=group, seq=accepted["seq"], content="other words")
        await page.until("message.posted")
        await page.until("message.posted")
    assert await database(missed)() == 0


def test_an_edit_and_a_recall_by_form_bring_back(agent, alice, group):
    seq = batches.post(draft_of(alice, group))["seq"]
    for action, fields in (("edit", {"content": "other words"}), ("recall", {})):
        Member.objects.update(missed_offers=3)
        answer = agent.post(f"{agent.page}{action}/", {"seq": seq, **fields}, **JSON)
        assert answer.json() == {"ok": True} and missed() == 0


def test_without_a_script_an_offer_is_a_box_with_two_forms(browser_of, desk, alice, bob):
    online(alice)
    group = wait(desk)
    look()
    page = browser_of(alice)
    shown = page.get("/agent/").content.decode()
    assert shown.count(f'action="/agent/c/{group}/actions/"') == 2
    assert 'value="claim"' in shown and 'value="decline"' in shown
    assert 'value="decline"' not in browser_of(bob).get("/agent/").content.decode()
    declined = page.post(f"/agent/c/{group}/actions/", {"action": "decline"})
    assert declined.status_code == 302 and offered(group) == ""
    assert 'value="decline"' not in page.get("/agent/").content.decode()
    online(bob)
    look()
    answer = browser_of(bob).post(f"/agent/c/{group}/actions/", {"action": "claim"}, **JSON)
    assert answer.json() == {"ok": True} and holder(group) == bob.uuid


def test_what_a_page_says_where_offers_were_missed(browser_of, alice):
    page = browser_of(alice)

    def said(path="/agent/") -> list[str]:
        """The own state in the menu, and the line about the offers."""
        html = re.sub(r"(?s)<noscript>.*?</noscript>", "", page.get(path).content.decode())
        line = r'class="put-away"( hidden)?>([^<]*)<'
        return re.findall(r'class="online-text">([^<]*)<', html) + re.findall(line, html)

    assert said() == ["Online", (" hidden", "")]
    Member.objects.update(missed_offers=2)
    assert said() == ["Online", (" hidden", "")]
    Member.objects.update(missed_offers=3)
    state, (hidden, line) = said()
    assert (state, hidden) == ("Away", "") and line.startswith("You are away, as three offers")
    assert said("/agent/alerts/") == ["Away"]
    Member.objects.update(online_status=Member.OnlineStatus.OFFLINE)
    assert said() == ["Offline", (" hidden", "")]
    page.post("/agent/online/", {"state": "online"})
    assert said() == ["Online", (" hidden", "")]


@within(30)
async def test_hello_says_whether_offers_were_missed(connect, alice):
    for missed, state in ((0, "online"), (3, "away")):
        await database(Member.objects.update)(missed_offers=missed)
        assert (await connect(alice)).hello["state"] == state
    await database(Member.objects.update)(missed_offers=0, busy=True)
    assert (await connect(alice)).hello["state"] == "busy"
