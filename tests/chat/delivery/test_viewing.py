"""Who is looking at a conversation: told to colleagues who sit there, and to nobody else."""

import pytest
from django.conf import settings
from django.db import OperationalError

from chat import limits, rates
from chat.conversations import seating
from chat.delivery import viewers
from chat.delivery.hub import hub
from chat.models import GroupMessage
from chat.posting import batches
from tests.chat.actions import do
from tests.chat.daphne import Daphne
from tests.chat.helpers import database, new_guest, session_cookie, types, within

pytestmark = pytest.mark.django_db(transaction=True)


def told(who, group: str, looking: bool, window=None) -> dict:
    event = {
        "type": "viewing",
        "group": group,
        "member": who.uuid,
        "name": who.display_name,
        "avatar": who.avator,
        "looking": looking,
    }
    return event | ({"window": window} if window else {})


async def test_colleagues_hear_it_and_no_visitor_no_outsider_and_no_own_window(
    connect, guest, other_guest, alice, bob, carol, outsider, manager, group
):
    page, colleague = await connect(alice), await connect(bob)
    others = [await connect(who) for who in (alice, guest, carol, outsider, manager, other_guest)]
    await page.send("viewing", group=group)
    event = await colleague.until("viewing")
    assert event == told(alice, group, True, event["window"])
    await page.send("viewing", group=None)
    assert await colleague.until("viewing") == told(alice, group, False, event["window"])
    await page.send("viewing", group=None)
    for socket in (*others, page, colleague):
        assert types(await socket.all()) == []
    assert await database(GroupMessage.objects.count)() == 2, "nothing is stored"


async def test_another_conversation_ends_the_look_at_the_first(connect, team, alice, bob, group):
    second = (await database(batches.post)(new_guest(team).draft()))["group"]
    page, colleague = await connect(alice), await connect(bob)
    await page.send("viewing", group=group)
    await page.send("viewing", group=group)
    await page.send("viewing", group=second)
    events = [await colleague.until("viewing") for _ in range(4)]
    heard = [(event["group"], event["looking"]) for event in events]
    assert sorted(heard[2:]) == sorted([(group, False), (second, True)])
    assert heard[:2] == [(group, True)] * 2, "a page says it again while it lasts"


async def test_each_window_is_told_by_itself_and_ends_with_its_socket(connect, alice, bob, group):
    colleague = await connect(bob)
    windows = [await connect(alice), await connect(alice)]
    ids = []
    for window in windows:
        await window.send("viewing", group=group)
        ids.append((await colleague.until("viewing"))["window"])
    assert ids[0] != ids[1]
    await windows[0].leave()
    assert await colleague.until("viewing") == told(alice, group, False, ids[0])
    assert types(await colleague.all()) == []


async def test_managers_need_no_seat_and_look_at_nothing_of_another_enterprise(
    connect, alice, manager, other_group, group
):
    page, watching = await connect(alice), await connect(manager)
    await watching.send("viewing", group=group)
    assert (await page.until("viewing"))["member"] == manager.uuid
    await watching.send("viewing", group=other_group)
    assert (await watching.until("error"))["code"] == "not_found"
    assert (await page.until("viewing"))["looking"] is False, "what they saw before is left"


async def test_a_manager_without_a_seat_hears_who_looks_while_looking(
    connect, team, alice, bob, manager, group
):
    second = (await database(batches.post)(new_guest(team).draft()))["group"]
    page, watching, elsewhere = [await connect(who) for who in (alice, manager, manager)]
    await watching.send("viewing", group=group)
    await page.until("viewing", member=manager.uuid)
    await page.send("viewing", group=group)
    await watching.until("viewing", member=alice.uuid)
    await watching.send("viewing", group=second)
    await page.until("viewing", member=manager.uuid, looking=False)
    await watching.all()
    await page.send("viewing", group=None)
    await page.send("viewing", group=group)
    assert types(await watching.all()) == []
    assert types(await elsewhere.all()) == []
    await watching.send("viewing", group=group)
    await watching.leave()
    assert viewers.topic(group) not in hub.outboxes


async def test_a_manager_may_look_where_nobody_sits(connect, alice, bob, manager, group):
    def all_leave():
        do("close", alice, group)
        for member in (alice, bob):
            seating.leave(member, [group])

    await database(all_leave)()
    watching = await connect(manager)
    await watching.send("viewing", group=group)
    assert [event["member"] for event in await watching.all()] == [manager.uuid]


async def test_who_has_no_seat_listens_before_the_others_are_told(
    connect, alice, manager, group, monkeypatch
):
    """Else the look of a colleague who answers at once would be missed."""
    page, watching = await connect(alice), await connect(manager)
    listening = []

    def told_now(*arguments, **looking):
        listening.append(viewers.topic(group) in hub.outboxes)
        tell(*arguments, **looking)

    tell = viewers.tell
    monkeypatch.setattr(viewers, "tell", told_now)
    await watching.send("viewing", group=group)
    await page.until("viewing", member=manager.uuid)
    assert listening == [True]


async def test_one_who_is_removed_looks_no_more_and_hears_of_no_look(
    connect, alice, bob, carol, manager, group
):
    await database(do)("invite", alice, group, member=carol.uuid)
    page, colleague, other = [await connect(who) for who in (alice, bob, carol)]
    await page.send("viewing", group=group)
    await colleague.until("viewing")
    await database(do)("remove", manager, group, member=alice.uuid)
    await page.until("conversation.left")
    await page.until("unread")
    await other.send("viewing", group=group)
    await colleague.until("viewing", member=carol.uuid)
    assert types(await page.all()) == []
    await page.send("viewing", group=group)
    assert (await page.until("error"))["code"] == "not_found"
    assert await colleague.until("viewing", member=alice.uuid, looking=False)


@pytest.mark.parametrize("group", ["", 1, True, [], "not a uuid"])
async def test_what_is_no_group_is_refused(connect, alice, bob, group):
    page = await connect(alice)
    await page.send("viewing", group=group)
    assert (await page.until("error"))["code"] == "bad_field"
    await page.send("viewing")
    assert (await page.until("error"))["code"] == "bad_field"


async def test_too_much_is_refused_and_what_was_told_stays(
    connect, alice, bob, group, stopped, monkeypatch
):
    monkeypatch.setitem(rates.RATES["viewing"], "member", rates.Rate(2, 0.1))
    limits.limits.clear()
    page, colleague = await connect(alice), await connect(bob)
    for _ in range(3):
        await page.send("viewing", group=group)
    error = await page.until("error")
    assert error["code"] == "rate_limited" and error["retry_after"] == 10
    assert types(await colleague.all()) == ["viewing", "viewing"]


async def test_a_database_that_is_gone_is_no_error_of_a_hint(
    connect, alice, bob, group, monkeypatch
):
    def gone(*args):
        raise OperationalError("gone")

    page, colleague = await connect(alice), await connect(bob)
    with monkeypatch.context() as patch:
        patch.setattr(viewers, "agents_for", gone)
        await page.send("viewing", group=group)
        assert types(await page.all()) == []
    await page.send("viewing", group=group)
    await colleague.until("viewing")
    monkeypatch.setattr(viewers, "look_away", gone)
    await page.leave()
    assert types(await colleague.all()) == []


async def test_saying_it_again_costs_one_query(
    connect, alice, bob, group, django_assert_num_queries
):
    def renew():
        with django_assert_num_queries(1):
            assert alice.uuid in viewers.agents_for(alice, alice.enterprise.code, group)

    await database(renew)()


@pytest.mark.skipif(not settings.REDIS_URL, reason="one process has no bus: needs REDIS_URL")
@within(30)
async def test_it_reaches_the_other_process_and_ends_there_with_the_socket(
    connect, transactional_db, tmp_path, alice, bob, group
):
    server = Daphne(tmp_path / "daphne.log").start()
    try:
        here = await connect(bob)
        there = await server.connect("/ws/agent/", await database(session_cookie)(alice))
        await there.until("hello")
        await there.send("viewing", group=group)
        event = await here.until("viewing")
        assert event == told(alice, group, True, event["window"])
        await here.send("viewing", group=group)
        assert (await there.until("viewing"))["member"] == bob.uuid
        await there.close()
        assert await here.until("viewing") == told(alice, group, False, event["window"])
    finally:
        server.kill()
