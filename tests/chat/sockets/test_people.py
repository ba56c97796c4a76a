"""Who is hired, moved or away: what open sockets learn of it, and what they no longer learn."""

import time

import pytest
from django.utils import timezone

from accounts.models import Member, TeamMember
from accounts.setup import find_or_create_team, join_team
from chat.background import upkeep
from chat.models import GroupMember, Presence
from chat.posting import batches
from chat.presence import leases
from tests.chat.helpers import (
    check_ledger,
    database,
    draft_of,
    new_guest,
    posted,
    rows_of,
    save,
    seat_of,
    types,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def short_grace(monkeypatch):
    monkeypatch.setattr(upkeep, "GRACE", 0.05)


async def test_one_removed_from_the_team_loses_the_group_and_hears_no_more(
    connect, guest, team, alice, bob, group
):
    leaver, colleague, visitor = [await connect(who) for who in (alice, bob, guest)]

    place = await database(TeamMember.objects.get)(team=team, member=alice)
    await database(place.delete)()
    left = await leaver.until("conversation.left")
    assert left == {"type": "conversation.left", "group": group, "version": 3}
    assert (await leaver.until("unread"))["total"] == 0
    facts = await colleague.until("conversation", group=group)
    assert [member["member"] for member in facts["members"]] == [bob.uuid]
    for reader in (colleague, visitor):
        notice = (await reader.until("message.posted"))["message"]
        assert notice["kind"] == "notice" and notice["seq"] == 3
        assert notice["data"] == {"event": "left", "member": alice.uuid, "name": "小艾"}
    await visitor.say("still there?")
    assert types(await leaver.all()) == []
    assert (await leaver.say("let me", group=group))["code"] == "not_found"
    await leaver.send("sync", groups={group: 0})
    assert (await leaver.until("synced"))["groups"] == {}
    assert await database(check_ledger)() == 4


async def test_one_added_to_the_team_gets_every_open_conversation_with_nothing_unread(
    connect, guest, team, alice, carol, outsider, group
):
    newcomer, colleague, visitor = [await connect(who) for who in (carol, alice, guest)]
    outside = await connect(outsider)
    await database(join_team)(carol, team)
    row = await newcomer.until("conversation", group=group)
    assert set(colleague.hello["groups"][0]) <= set(row)
    assert row["unread"] == 0 and carol.uuid in {member["member"] for member in row["members"]}
    assert "members" in await colleague.until("conversation", group=group)
    for reader in (newcomer, colleague, visitor):
        notice = (await reader.until("message.posted"))["message"]
        assert notice["data"] == {"event": "joined", "member": carol.uuid, "name": "小卡"}
    seat = await database(seat_of)(carol, group)
    assert (seat.unread, seat.read_seq) == (0, 3)
    await newcomer.send("sync", groups={group: 0})
    assert [message["seq"] for message in posted(await newcomer.all())] == [1, 2, 3]
    await visitor.say("hello, who is new?")
    unread = await newcomer.until("unread")
    assert (unread["unread"], unread["total"]) == (1, 1)
    assert (await newcomer.say("me", group=group))["seq"] == 5
    assert types(await outside.all()) == []
    assert await database(check_ledger)() == 5


async def test_a_disabled_member_leaves_every_seat_and_has_them_again_when_enabled(
    connect, guest, team, alice, bob, group
):
    colleague = await connect(bob)

    await database(save)(alice, status=Member.Status.CLOSED)
    facts = await colleague.until("conversation", group=group)
    assert [member["member"] for member in facts["members"]] == [bob.uuid]
    await database(batches.post)(guest.draft("hello?", group=group))
    await database(save)(alice, status=Member.Status.NORMAL)
    facts = await colleague.until("conversation", group=group)
    assert len(facts["members"]) == 2
    assert (await database(seat_of)(alice, group)).unread == 0
    assert await database(check_ledger)() == 5


async def test_a_renamed_member_is_shown_so_in_the_group_and_old_messages_keep_the_name(
    connect, alice, bob, group
):
    await database(batches.post)(draft_of(alice, group))

    await database(save)(alice, nickname="艾艾", avator="/agent/avatar/x.png")
    shown = await database(GroupMember.objects.get)(group_id=group, member_id=alice.uuid)
    assert (shown.member_name, shown.member_avatar) == ("艾艾", "/agent/avatar/x.png")
    assert (await database(rows_of)(group))[-1].sender_name == "小艾"


async def test_agents_see_each_other_come_and_go(connect, alice, bob, outsider):
    watcher, outside = await connect(alice), await connect(outsider)
    comer = await connect(bob)
    assert (await watcher.until("presence", member=bob.uuid))["online"] is True
    await comer.leave()
    assert (await watcher.until("presence", member=bob.uuid))["online"] is False
    assert not [event for event in await outside.heard() if event.get("member") == bob.uuid]


async def test_a_reload_is_no_leaving(connect, alice, bob, monkeypatch):
    monkeypatch.setattr(upkeep, "GRACE", 10)
    watcher, first = await connect(alice), await connect(bob)
    await watcher.until("presence", member=bob.uuid, online=True)
    await first.leave()
    await connect(bob)
    for later in (0, 10):
        await upkeep.current().tick(time.monotonic() + later)
    assert [event for event in await watcher.heard() if event.get("member") == bob.uuid] == []


async def test_a_visitors_coming_and_going_is_seen_by_the_agents_of_the_group_only(
    connect, guest, alice, carol, group
):
    agent, stranger = await connect(alice), await connect(carol)
    visitor = await connect(guest)
    assert (await agent.until("presence", visitor=guest.uuid))["online"] is True
    await visitor.leave()
    assert (await agent.until("presence", visitor=guest.uuid))["online"] is False
    assert not [event for event in await stranger.heard() if event.get("visitor")]


async def test_one_who_only_looks_is_nobody_yet(connect, guest, alice):
    """A page view stores nothing; presence comes with the first message."""
    agent, visitor = await connect(alice), await connect(guest)
    assert not await database(Presence.objects.filter(who=guest.uuid).exists)()
    await visitor.say("hello")
    assert (await agent.until("presence", visitor=guest.uuid))["online"] is True


async def test_a_second_window_keeps_a_visitor_here_when_the_first_one_closes(
    connect, guest, alice, monkeypatch
):
    agent, first, second = await connect(alice), await connect(guest), await connect(guest)
    await first.say("hello")
    await agent.until("presence", visitor=guest.uuid, online=True)
    await first.leave()
    await database(Presence.objects.filter(who=guest.uuid).delete)()
    monkeypatch.setattr(upkeep, "RENEWAL", 0)
    while not await database(Presence.objects.filter(who=guest.uuid).exists)():
        upkeep.current().wake.set()
    assert (await second.say("still here"))["seq"] == 3


async def test_a_visitor_sees_how_many_of_the_team_are_online(
    connect, guest, team, alice, bob, carol
):
    visitor = await connect(guest)
    assert visitor.hello["team"]["online"] == 0
    agent = await connect(alice)
    hours = {"open": True, "closes_at": None, "opens_at": None}
    told = {"type": "presence", "team": "service", "online": 1, "busy": 0, **hours}
    assert await visitor.until("presence") == told
    await connect(carol)
    await connect(bob)
    assert (await visitor.until("presence"))["online"] == 2, "carol is in no team"
    later = await connect(new_guest(team))
    assert later.hello["team"]["online"] == 2
    await agent.leave()
    assert (await visitor.until("presence"))["online"] == 1


async def test_the_own_switch_takes_an_agent_out_of_sight_and_back(
    connect, guest, alice, bob, browser_of
):
    visitor, watcher = await connect(guest), await connect(bob)
    agent = await connect(alice)
    await watcher.until("presence", member=alice.uuid, online=True)
    await visitor.until("presence", online=2)
    browser = await database(browser_of)(alice)
    for wish, online, count in (("0", False, 1), ("1", True, 2)):
        await database(browser.post)("/agent/online/", {"online": wish})
        assert (await watcher.until("presence", member=alice.uuid))["online"] is online
        assert (await visitor.until("presence"))["online"] == count
    assert await agent.all() == [], "being out of sight closes nothing"


async def test_presence_of_another_process_that_died_ends_with_its_lease(connect, alice, bob):
    watcher = await connect(alice)
    await database(leases.renew)([bob.uuid], "another process")
    upkeep.current().wake.set()
    assert (await watcher.until("presence", member=bob.uuid))["online"] is True
    await database(Presence.objects.filter(who=bob.uuid).update)(expires_at=timezone.now())
    assert (await watcher.until("presence", member=bob.uuid))["online"] is False
    assert leases.LEASE.total_seconds() + upkeep.TICK <= 60


async def test_joining_a_team_of_many_conversations_leaves_no_gap_anywhere(
    connect, enterprise, alice, carol, team
):
    sales = await database(find_or_create_team)(enterprise, "sales")

    def fill():
        batches.run([new_guest(sales).draft(f"{number}") for number in range(120)])
        join_team(carol, sales)
        TeamMember.objects.get(team=sales, member=carol).delete()
        join_team(carol, sales)

    await database(fill)()
    socket = await connect(carol)
    assert socket.hello["total"] == 0 and len(socket.hello["groups"]) == 30
    assert await database(check_ledger)() == 120 * 5
