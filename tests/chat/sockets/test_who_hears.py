"""How colleagues share the work is told to them alone, but for who looks after the visitor; and
one's own doing to all own windows."""

import asyncio
from unittest.mock import AsyncMock

import pytest

from accounts.setup import find_or_create_team, join_team
from chat.conversations import claims, membership
from chat.customers import links
from chat.models import Conversation
from chat.posting import batches
from chat.protocol.errors import Refused
from chat.sockets.visitor import VisitorConsumer
from tests.chat.actions import check_seats, do, facts, make_leader, notices, seated
from tests.chat.customers.people import FROM
from tests.chat.helpers import (
    JSON,
    MESSAGE,
    PAGE,
    act_of,
    check_ledger,
    database,
    draft_of,
    new_guest,
    posted,
    rows_of,
    types,
)
from tests.chat.threads import at_once, put
from tests.conftest import hire

pytestmark = pytest.mark.django_db(transaction=True)

INSIDE = ["invited", "released", "freed", "removed", "expired", "tagged", "snoozed"]
TOLD = ["opened", "claimed", "transferred", "taken_over", "left", "closed", "reopened", "moved"]
"""To the visitor."""


@pytest.fixture
def worked(guest, alice, bob, carol, manager, team, enterprise, group, monkeypatch) -> str:
    """A conversation in which everything was done that a notice tells."""
    sales = find_or_create_team(enterprise, "sales", "Sales")
    join_team(hire("eve", enterprise, nickname="Eve Inside"), sales)
    make_leader(bob, team, group)
    monkeypatch.setattr(claims, "AWAY", claims.AWAY * 0)
    for name, who, more in (
        ("invite", alice, {"member": carol.uuid}),
        ("claim", alice, {}),
        ("transfer", alice, {"member": carol.uuid}),
        ("release", carol, {}),
        ("claim", alice, {}),
        ("claim", bob, {"take_over": True}),
        ("release", manager, {}),
        ("remove", manager, {"member": carol.uuid}),
        ("claim", alice, {}),
    ):
        assert do(name, who, group, **more) is None, name
    claims.expire()
    for name, who, more in (
        ("tag", alice, {"tag": "hush"}),
        ("snooze", alice, {"minutes": 5}),
        ("leave", alice, {}),
        ("close", bob, {}),
        ("reopen", bob, {}),
        ("transfer", bob, {"team": "sales"}),
    ):
        assert do(name, who, group, **more) is None, name
    return group


def test_a_visitor_learns_of_no_step_that_colleagues_take_among_themselves(
    guest, visitor, manager, browser_of, worked
):
    assert set(notices(worked)) == {*INSIDE, *TOLD}
    batches.post(guest.draft("still here", group=worked))
    answer = visitor.get(visitor.place, **JSON).json()
    told = [message["data"]["event"] for message in answer["messages"] if message["data"]]
    assert set(told) == set(TOLD)
    assert answer["last_seq"] == facts(worked).public_seq
    page = visitor.get("/chat/acme/", **PAGE).content.decode()
    assert "still here" in page
    for word in ("Eve Inside", "mona", "hush"):
        assert word not in page.partition('class="writing-area"')[0], word
    seen = browser_of(manager).get(f"/agent/c/{worked}/messages/", **JSON).json()["messages"]
    events = {message["data"]["event"] for message in seen if message["data"]}
    assert events == {*INSIDE, *TOLD}
    assert {message["kind"] for message in seen} == {"notice", "message"}
    assert check_ledger()


def test_a_visitors_page_words_who_takes_care_of_them_and_an_agents_who_claimed(
    visitor, agent, alice, group
):
    do("claim", alice, group)
    assert "小艾 is helping you" in visitor.get("/chat/acme/", **PAGE).content.decode()
    assert "小艾 claimed the conversation" in agent.get(agent.page, **PAGE).content.decode()


async def test_numbers_of_inner_notices_are_no_gap_for_the_visitor(connect, guest, alice, group):
    agent, visitor = await connect(alice), await connect(guest)
    await agent.send("conversation.claim", group=group)
    await agent.send("conversation.release", group=group)
    await agent.say("hello", group=group)
    events = [event for event in await visitor.all() if event["type"] == "message.posted"]
    assert [(event["prev"], event["message"]["seq"]) for event in events] == [(2, 3), (3, 5)]
    await visitor.send("sync", groups={group: 0})
    await visitor.until("synced", groups={group: 5})


async def test_a_note_of_a_manager_without_a_seat_reaches_their_other_windows_and_no_more_does(
    connect, guest, alice, manager, group
):
    people = manager, manager, alice, alice, guest
    window, other, agent, reader, visitor = [await connect(who) for who in people]
    await visitor.say("one")
    answer = await window.say("be kind", group=group, note=True)
    await agent.say("two", group=group)
    for socket in (window, other):
        heard = await socket.all()
        assert [message["content"] for message in posted(heard)] == ["be kind"]
        assert types(heard) == ["message.posted"] and heard[0]["prev"] == answer["seq"] - 1
    assert "be kind" in [message["content"] for message in posted(await reader.all())]
    assert "be kind" not in str(await visitor.all())


async def test_links_are_told_to_the_agents_of_both_and_to_nobody_else(
    connect, guest, alice, carol, manager, outsider, group, sales
):
    other = new_guest(sales)
    await database(batches.post)(other.draft("me too"))
    pages = [await connect(who) for who in (alice, carol, guest, outsider)]
    await database(links.link)(manager, guest.uuid, other.uuid, origin=FROM)
    for page, visitor in zip(pages, (guest, other), strict=False):
        assert (await page.until("visitor", linked=True))["visitor"] == visitor.uuid
    await database(links.part)(manager, other.uuid, FROM)
    await pages[0].until("visitor", linked=True)
    for page in pages[2:]:
        assert "visitor" not in types(await page.all())


def test_a_batch_with_a_managers_note_tells_them_that_note_and_nothing_else(
    guest, alice, manager, group
):
    drafts = [
        guest.draft("a", group=group),
        draft_of(manager, group, "be kind", note=True),
        draft_of(alice, group, "b", note=True),
    ]
    (announcement,) = batches.settle(drafts).announcements
    mine = [event for people, event in announcement.events if manager.uuid in people]
    assert len(mine) == 1 and b"be kind" in mine[0]


def test_transfers_in_opposite_directions_both_end_and_nobody_is_missed(
    team, alice, bob, carol, sales
):
    for _ in range(4):
        here, there = new_guest(team), new_guest(sales)
        first = batches.post(here.draft())["group"]
        second = batches.post(there.draft())["group"]
        answers = at_once(
            lambda one=first: put(act_of("transfer", alice.uuid, one, team="sales")),
            lambda one=second: put(act_of("transfer", carol.uuid, one, team="service")),
        )
        assert answers == [None, None]
        assert seated(first) == {here.uuid, carol.uuid}
        assert seated(second) == {there.uuid, alice.uuid, bob.uuid}
    assert check_ledger()


def test_one_who_joins_the_old_team_during_a_transfer_sits_where_the_team_does(
    team, alice, bob, carol, enterprise, group
):
    """The newcomer waits for the transfer, or comes before it and leaves by it."""
    sales = find_or_create_team(enterprise, "sales", "Sales")
    join_team(hire("eve", enterprise), sales)
    for number in range(4):
        newcomer = hire(f"new{number}", enterprise)
        here, there = (team, sales) if facts(group).team == team else (sales, team)
        mover = next(iter(seated(group) - {facts(group).visitor_id}))
        moved, _joined = at_once(
            lambda who=mover, to=there.slug: put(act_of("transfer", who, group, team=to)),
            lambda who=newcomer, to=here: join_team(who, to),
        )
        assert moved is None and facts(group).team == there
        places = set(there.members.values_list("uuid", flat=True))
        assert seated(group) == {facts(group).visitor_id, *places}
        check_seats(group)
    assert check_ledger()


def test_what_was_handed_on_between_two_looks_is_refused_and_stays(
    team, alice, carol, enterprise, group, monkeypatch, sales
):
    """The present team was read before another's transfer; its row is not the one that is held."""
    join_team(alice, sales)
    night = find_or_create_team(enterprise, "night", "Night")
    join_team(carol, night)
    hold = membership.lock_teams

    def late(slug, ent_id, one):
        held = hold(slug, ent_id, one)
        Conversation.objects.filter(uuid=one).update(team=sales)
        return held

    monkeypatch.setattr(membership, "lock_teams", late)
    with pytest.raises(Refused) as refusal:
        batches.do(act_of("transfer", alice.uuid, group, team="night"))
    assert refusal.value.code == "conflict"
    assert [row.message_type for row in rows_of(group)][1:] == [MESSAGE]


async def test_a_visitors_page_hears_of_the_conversation_with_its_own_team_alone(
    connect, guest, alice, carol, group, sales
):
    """Also of one that was begun in another window."""
    pages = [await connect(guest, query=f"?team={team}") for team in ("service", "sales")]
    guest.team = sales
    other = (await database(batches.post)(guest.draft("for sales")))["group"]
    for who, place in ((carol, other), (alice, group), (carol, other), (alice, group)):
        await database(batches.post)(draft_of(who, place, "an answer"))
    for page, own in zip(pages, (group, other), strict=True):
        heard = []
        while len(posted(heard)) < 2 or heard[-1]["type"] != "unread" or heard[-1]["unread"] < 2:
            heard.append(await page.next())
        about = [event.get("group") or event.get("message", {}).get("group") for event in heard]
        assert set(about) <= {own, None}
        assert await page.all() == []


async def test_an_event_of_another_team_does_not_tell_the_page_which_conversation_is_its_own():
    """Its own had begun in another window, and that event was lost: a sync still looks for it."""
    page = VisitorConsumer()
    page.meeting, page.closing, page.find = asyncio.Lock(), False, AsyncMock(return_value="own")
    assert not await page.meets("other", "message.posted") and page.group is None
    assert await page.meets("own", "message.posted") and page.group == "own"
