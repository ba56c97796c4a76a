"""Catching up, reading marks and drafts over sockets."""

import json

import pytest

from chat.background import upkeep
from chat.delivery.hub import hub
from chat.posting import batches
from chat.reading import history, unread_counts
from chat.sockets import base
from tests.chat.helpers import (
    act_of,
    check_ledger,
    database,
    draft_of,
    new_guest,
    new_id,
    posted,
    seat_of,
    types,
)

pytestmark = pytest.mark.django_db(transaction=True)


async def test_unread_is_pushed_as_a_value_with_the_total_over_all_groups(
    connect, guest, team, alice, bob, group
):
    second = new_guest(team)
    other = (await database(batches.post)(second.draft("me too")))["group"]
    agent, visitor = await connect(alice), await connect(second)
    assert agent.hello["total"] == 2
    await visitor.say("still there?")
    event = await agent.until("unread", group=other)
    assert (event["unread"], event["total"]) == (2, 3)
    await agent.send("message.read", group=group, seq=2)
    event = await agent.until("unread", group=group)
    assert (event["unread"], event["total"]) == (0, 2)
    await agent.send("message.read", group=other, seq=2)
    event = await agent.until("unread", group=other)
    assert (event["unread"], event["total"]) == (1, 1)
    assert await database(check_ledger)() == 5


async def test_reading_is_told_to_the_agents_by_name_and_to_the_visitor_without(
    connect, guest, alice, bob, group
):
    reader, colleague, visitor = [await connect(who) for who in (alice, bob, guest)]
    await reader.send("message.read", group=group, seq=2)
    told = {"type": "read", "group": group, "member": alice.uuid, "seq": 2}
    assert await colleague.until("read") == told
    assert await reader.until("read") == told
    assert await visitor.until("read") == {"type": "read", "group": group, "seq": 2}
    await colleague.send("message.read", group=group, seq=1)
    assert (await reader.until("read"))["seq"] == 1
    assert types(await visitor.all()) == [], "the highest cursor has not moved"
    await visitor.send("message.read", group=group, seq=2)
    told = {"type": "read", "group": group, "member": guest.uuid, "seq": 2}
    assert await colleague.until("read", member=guest.uuid) == told


async def test_a_sync_of_nothing_asks_the_database_for_an_agents_offers_alone(
    connect, team, alice, monkeypatch
):
    visitor, agent = await connect(new_guest(team)), await connect(alice)
    asked = []

    async def answer(function, *args):
        asked.append(function.__name__)
        return await database(function)(*args)

    monkeypatch.setattr(base, "run_or_refuse", answer)
    nothing, none = {"type": "synced", "groups": {}, "more": []}, {"offers": []}
    for socket, fields, more in (
        (visitor, {}, {}),
        (agent, {}, none),
        (agent, {"inbox": False}, none),
    ):
        await socket.send("sync", groups={}, **fields)
        assert await socket.all() == [nothing | more]
    assert asked == []
    await agent.send("sync", groups={}, inbox=True)
    assert types(await agent.all()) == ["inbox", "synced"]
    assert asked == ["inbox_event", "unread_versions"]


async def test_a_read_cursor_never_goes_back_and_never_beyond_the_last(connect, alice, bob, group):
    reader, colleague = await connect(alice), await connect(bob)
    await reader.send("message.read", group=group, seq=2**31 - 1)
    assert (await colleague.until("read"))["seq"] == 2
    await reader.send("message.read", group=group, seq=1)
    await reader.say("ok", group=group)
    assert "read" not in types(await colleague.all())
    assert (await database(seat_of)(alice, group)).read_seq == 2


async def test_a_visitors_draft_is_seen_by_agents_and_an_agents_by_nobody(
    connect, guest, alice, bob, group
):
    agent, colleague, visitor = [await connect(who) for who in (alice, bob, guest)]
    window = await connect(guest)
    await visitor.send("typing", group=group, draft="我想退")
    for reader in (agent, colleague):
        told = await reader.until("typing")
        assert (told["group"], told["member"], told["draft"]) == (group, guest.uuid, "我想退")
    await agent.send("typing", group=group, draft=True)
    for reader in (colleague, visitor):
        told = await reader.until("typing")
        assert (told["member"], told["draft"]) == (alice.uuid, True)
    assert "我想退" not in json.dumps(await window.all(), ensure_ascii=False)
    assert "typing" not in types(await agent.all())


async def test_where_the_enterprise_wants_no_drafts_their_words_stay_with_the_visitor(
    connect, guest, alice, group, enterprise
):
    agent, visitor = await connect(alice), await connect(guest)
    for wanted in (False, True):
        enterprise.draft_preview = wanted
        await database(enterprise.save)(update_fields=["draft_preview"])
        for draft in ("我想退", True, "", False):
            await visitor.send("typing", group=group, draft=draft)
            told = (await agent.until("typing"))["draft"]
            assert told == (draft if wanted else bool(draft)) and type(told) is not int


async def test_typing_ends_with_the_socket_that_told_of_it(
    connect, guest, alice, bob, other_guest, group
):
    agent, colleague, visitor = [await connect(who) for who in (alice, bob, guest)]
    window, stranger = await connect(guest), await connect(other_guest)
    await visitor.send("typing", group=group, draft="half a dra")
    assert (await agent.until("typing"))["draft"] == "half a dra"
    await window.leave()
    assert "typing" not in types(await agent.all()), "another window of theirs"
    await visitor.leave()
    told = await agent.until("typing")
    assert (told["group"], told["member"], told["draft"]) == (group, guest.uuid, False)
    await agent.send("typing", group=group, draft=True)
    await agent.send("typing", group=group, draft=False)
    await agent.send("ping")
    await agent.until("pong")
    told = [event["draft"] for event in await colleague.all() if event["type"] == "typing"]
    assert told == ["half a dra", False, True, False]
    await agent.leave()
    assert "typing" not in types(await colleague.all()), "it had ended before"
    assert types(await stranger.all()) == []


async def test_sync_brings_what_was_missed_in_order_and_then_synced(connect, alice, guest, group):
    for number in range(4):
        await database(batches.post)(guest.draft(f"{number}"))
    agent = await connect(alice)
    await agent.send("sync", groups={group: 3})
    events = await agent.all()
    assert types(events) == ["conversation"] + ["message.posted"] * 3 + ["synced"]
    told = [(event["message"]["seq"], event["prev"]) for event in events[1:4]]
    assert told == [(4, 3), (5, 4), (6, 5)]
    assert events[4] == {"type": "synced", "groups": {group: 6}, "more": [], "offers": []}


async def test_sync_of_more_than_500_is_asked_for_again_until_nothing_is_missing(
    connect, alice, guest, group
):
    for _ in range(6):
        await database(batches.run)([guest.draft(f"line {number}") for number in range(200)])
    agent = await connect(alice)
    held, answers = 0, []
    while True:
        await agent.send("sync", groups={group: held})
        events = await agent.all()
        assert types(events)[0] == "conversation", "rows were missed, and maybe facts"
        got = [message["seq"] for message in posted(events)]
        assert got == list(range(held + 1, held + 1 + len(got)))
        answers.append(len(got))
        synced = events[-1]
        held = synced["groups"][group]
        assert held == got[-1]
        if not synced["more"]:
            break
        assert synced["more"] == [group]
    assert answers == [500, 500, 202] and held == 1202


async def test_sync_of_many_groups_tells_of_some_and_names_the_others_until_all_are_told(
    connect, team, alice, monkeypatch
):
    monkeypatch.setattr(history, "MAX_SYNC_GROUPS", 2)
    for number in range(5):
        await database(batches.post)(new_guest(team).draft(f"{number}"))
    agent = await connect(alice)
    held, answers = {row["group"]: 0 for row in agent.hello["groups"]}, []
    synced = {"more": held}
    while synced["more"]:
        await agent.send("sync", groups=held)
        *events, synced = await agent.all()
        for message in posted(events):
            held[message["group"]] = message["seq"]
        assert synced["groups"] == held and {g for g in held if not held[g]} == {*synced["more"]}
        answers.append((types(events).count("conversation"), len({*held} - {*synced["more"]})))
    assert answers == [(2, 2), (2, 4), (1, 5)]


async def test_sync_says_of_groups_without_a_seat_only_that_there_is_none(
    connect, alice, carol, outsider, other_guest, guest, group
):
    await database(batches.post)(other_guest.draft("x"))
    for stranger in (carol, outsider, other_guest):
        socket, nowhere = await connect(stranger), new_id()
        await socket.send("sync", groups={group: 0, nowhere: 0})
        synced = {"type": "synced", "groups": {}, "more": [], "left": [group, nowhere]}
        offers = {} if stranger is other_guest else {"offers": []}
        assert await socket.all() == [synced | offers]
    agent, nowhere = await connect(alice), new_id()
    await agent.send("sync", groups={group: 99, nowhere: 5})
    _facts, synced = await agent.all()
    wanted = {"type": "synced", "groups": {group: 2}, "more": [], "offers": []}
    assert synced == wanted | {"left": [nowhere]}


async def test_a_sync_tells_how_it_stands_at_first_and_where_rows_were_missed(
    connect, alice, bob, carol, guest, group
):
    """What is told beside the rows was lost with them; what leaves no row, while one was away."""
    colleague, agent = await connect(bob), await connect(alice)
    await colleague.until("presence", member=alice.uuid, online=True)
    await agent.send("sync", groups={group: 2})
    facts, _synced = await agent.all()
    assert set(agent.hello["groups"][0]) <= set(facts) and facts["version"] == 2
    assert all(member["online"] for member in facts["members"])
    await agent.send("sync", groups={group: 2})
    assert types(await agent.all()) == ["synced"], "nothing was missed"
    await colleague.send("conversation.invite", group=group, member=carol.uuid)
    await colleague.send("conversation.claim", group=group)
    await agent.until("message.posted", prev=3)
    await agent.send("sync", groups={group: 2})
    facts, *_rows = await agent.all()
    assert (facts["version"], facts["claimed_by"]) == (4, bob.uuid)
    assert carol.uuid in {member["member"] for member in facts["members"]}
    visitor = await connect(guest)
    await visitor.send("sync", groups={group: 0})
    assert "conversation" not in types(await visitor.all())


async def test_a_visitors_window_without_a_conversation_finds_the_one_of_another_window(
    connect, guest, other_guest, alice, monkeypatch
):
    """Whose push was lost, as when Redis was away."""
    monkeypatch.setattr(hub, "deliver", lambda *announced: None)
    monkeypatch.setattr(upkeep, "TICK", 60)
    window, other, stranger = [await connect(who) for who in (guest, guest, other_guest)]
    assert window.hello["groups"] == []
    accepted = await other.say("from the other window")
    # Before the next beat nobody knows that there is a row; then it costs one query.
    assert await synced(window) == []
    await upkeep.current().check_access()
    assert [message["seq"] for message in posted(await synced(window))] == [1, 2]
    assert (await window.say("me too"))["group"] == accepted["group"]
    assert await synced(window) == [], "it knows its conversation now"
    assert await synced(stranger) == []


async def synced(socket) -> list[dict]:
    """What a sync brings for a page that holds nothing."""
    await socket.send("sync", groups={})
    events = await socket.all()
    assert events.pop()["type"] == "synced"
    return events


async def test_a_seat_whose_loss_was_not_heard_of_counts_no_more_after_a_sync(
    connect, guest, team, alice, bob, group, monkeypatch
):
    other = (await database(batches.post)(new_guest(team).draft("x")))["group"]
    agent = await connect(alice)
    with monkeypatch.context() as lost:
        lost.setattr(hub, "deliver", lambda *announced: None)
        await database(batches.do)(act_of("leave", alice.uuid, other))
    await agent.send("sync", groups={}, inbox=True)
    assert (await agent.until("inbox"))["total"] == 1
    await database(batches.post)(guest.draft("and another"))
    assert (await agent.until("unread"))["total"] == 2
    await database(batches.do)(act_of("invite", bob.uuid, other, member=alice.uuid))
    await database(batches.post)(draft_of(bob, other))
    event = await agent.until("unread", group=other, unread=1)
    assert event["total"] == 3


async def test_the_total_is_right_also_for_what_comes_while_the_socket_opens(
    connect, guest, team, alice, group, monkeypatch
):
    """Between its joining and its knowledge of the other groups' unread."""
    await database(batches.post)(new_guest(team).draft("another conversation"))
    load = unread_counts.unread_versions

    def late(who, ent_id):
        batches.post(guest.draft("just now", group=group))
        return load(who, ent_id)

    monkeypatch.setattr(unread_counts, "unread_versions", late)
    agent = await connect(alice)
    assert agent.hello["total"] == 2
    unread = await agent.until("unread", group=group)
    assert (unread["unread"], unread["total"]) == (2, 3)
