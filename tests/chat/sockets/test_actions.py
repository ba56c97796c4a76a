"""The group's actions over sockets: who hears of them, by which events, and in which order."""

import pytest

from accounts.models import TeamMember
from accounts.setup import join_team
from chat.posting import writer
from tests.chat.helpers import check_ledger, database, new_id, save, types

pytestmark = pytest.mark.django_db(transaction=True)


async def heard(socket, group: str) -> tuple[dict, dict]:
    """The next change that a socket is told of: its facts and its notice."""
    facts = await socket.until("conversation", group=group)
    notice = (await socket.until("message.posted"))["message"]
    assert notice["kind"] == "notice" and notice["sender_role"] == "system"
    return facts, notice["data"]


async def test_a_claim_is_told_to_all_agents_and_its_notice_to_the_visitor_too(
    connect, guest, alice, bob, outsider, group
):
    actor, colleague, visitor = [await connect(who) for who in (alice, bob, guest)]
    outside = await connect(outsider)
    await actor.send("conversation.claim", group=group)
    for socket in (actor, colleague):
        facts, data = await heard(socket, group)
        holder = {"claimed_by": alice.uuid, "claimed_name": "小艾"}
        assert facts == {"type": "conversation", "group": group, "version": 3, **holder}
        assert data == {"event": "claimed", "member": alice.uuid, "name": "小艾"}
    assert [event["type"] for event in await visitor.all()] == ["message.posted"]
    await colleague.send("conversation.claim", group=group)
    error = await colleague.until("error")
    assert (error["code"], error["group"]) == ("claimed", group)
    assert (error["claimed_by"], error["claimed_name"]) == (alice.uuid, "小艾")
    await actor.send("conversation.claim", group=group)
    assert (await actor.until("conversation"))["claimed_by"] == alice.uuid
    assert await colleague.all() == [], "nothing happened, so nobody else hears of it"
    assert types(await outside.all()) == []
    assert await database(check_ledger)() == 3


async def test_what_one_socket_sends_is_done_in_its_order(connect, guest, alice, bob, group):
    """A message, then the closing, then a message: never the closing first."""
    actor, visitor = await connect(alice), await connect(guest)
    for text in ("one", "two"):
        await actor.send("message.send", group=group, client_id=new_id(), content=text)
        await actor.send("conversation.close", group=group)
        await actor.send("conversation.reopen", group=group)
    seen = []
    while len(seen) < 6:
        message = (await visitor.until("message.posted"))["message"]
        seen.append(message["content"] if not message["data"] else message["data"]["event"])
    assert seen == ["one", "closed", "reopened", "two", "closed", "reopened"]


async def test_an_invited_colleague_gets_the_whole_row_and_the_others_the_members(
    connect, guest, alice, bob, carol, group
):
    actor, newcomer = await connect(alice), await connect(carol)
    await actor.send("conversation.invite", group=group, member=carol.uuid)
    row = await newcomer.until("conversation", group=group)
    assert set(actor.hello["groups"][0]) <= set(row) and row["version"] == 3
    people = {member["member"] for member in row["members"]}
    assert people == {alice.uuid, bob.uuid, carol.uuid}
    facts, data = await heard(actor, group)
    assert {member["member"] for member in facts["members"]} == people
    assert data["event"] == "invited" and facts["version"] == 3
    await newcomer.send("sync", groups={group: 0})
    await newcomer.until("synced", groups={group: 3})


async def test_one_removed_hears_no_more_and_can_do_nothing(
    connect, guest, alice, bob, manager, group
):
    away, actor, visitor = [await connect(who) for who in (alice, manager, guest)]
    await actor.send("conversation.remove", group=group, member=alice.uuid)
    facts, data = await heard(actor, group)
    assert [member["member"] for member in facts["members"]] == [bob.uuid]
    assert data["event"] == "removed" and data["by"] == manager.uuid
    left = await away.until("conversation.left")
    assert left == {"type": "conversation.left", "group": group, "version": 3}
    assert (await away.until("unread"))["total"] == 0
    await visitor.say("and now?")
    assert types(await away.all()) == []
    assert types(await actor.all()) == [], "a manager without a seat heard of the own act only"
    for name in ("claim", "close", "leave"):
        await away.send(f"conversation.{name}", group=group)
        assert (await away.until("error"))["code"] == "not_found"


async def test_one_who_leaves_with_a_word_to_colleagues_hears_neither_notice_nor_note(
    connect, alice, bob, group
):
    away, window, colleague = [await connect(who) for who in (alice, alice, bob)]
    await away.send("conversation.leave", group=group, note="he is yours")
    for socket in (away, window):
        await socket.until("conversation.left")
        assert await socket.all() == [{"type": "unread", "group": group, "unread": 0, "total": 0}]
    await colleague.until("conversation", group=group)
    told = [(await colleague.until("message.posted"))["message"] for _ in range(2)]
    assert [message["kind"] for message in told] == ["notice", "note"]
    assert told[1]["content"] == "he is yours"


async def test_a_transfer_to_a_team_takes_it_from_some_and_gives_it_to_others(
    connect, guest, alice, bob, carol, group, sales
):
    actor, other, newcomer, visitor = [await connect(who) for who in (alice, bob, carol, guest)]
    await actor.send("conversation.transfer", group=group, team="sales", note="wants to buy")
    for socket in (actor, other):
        await socket.until("conversation.left", group=group)
    row = await newcomer.until("conversation", group=group)
    assert (row["team"], row["team_name"], row["claimed_by"]) == ("sales", "Sales", None)
    assert [member["member"] for member in row["members"]] == [carol.uuid]
    notice = (await newcomer.until("message.posted"))["message"]["data"]
    by = {"by": alice.uuid, "by_name": "小艾"}
    assert notice == {"event": "moved", "team": "sales", "team_name": "Sales", **by}
    note = (await newcomer.until("message.posted"))["message"]
    assert (note["kind"], note["content"]) == ("note", "wants to buy")
    assert (await newcomer.until("unread"))["unread"] == 1
    told = await visitor.all()
    assert types(told) == ["message.posted"], "the notice, and no word of what colleagues note"
    assert told[0]["message"]["data"]["event"] == "moved"
    assert (await visitor.say("hello sales"))["group"] == group
    assert (await newcomer.until("message.posted"))["message"]["content"] == "hello sales"


async def test_closing_and_the_visitors_next_message_are_told_as_facts(
    connect, guest, alice, bob, carol, team, group
):
    actor, colleague, visitor = [await connect(who) for who in (alice, bob, guest)]
    await actor.send("conversation.claim", group=group)
    await heard(colleague, group)
    await actor.send("conversation.close", group=group)
    facts, data = await heard(colleague, group)
    assert facts["open"] is False and facts["claimed_by"] is None
    assert facts["waiting_since"] is None
    assert data == {"event": "closed", "by": alice.uuid, "by_name": "小艾"}
    await database(join_team)(carol, team)
    newcomer = await connect(carol)
    assert newcomer.hello["groups"] == []
    await visitor.say("one more question")
    facts, data = await heard(colleague, group)
    assert facts["open"] is True and facts["waiting_since"] and facts["rating"] is None
    assert data["event"] == "reopened" and data["by"] == guest.uuid
    assert (await newcomer.until("conversation"))["open"] is True
    assert (await newcomer.until("unread"))["unread"] == 1
    again = await connect(alice)
    assert again.hello["groups"][0]["open"] is True


async def test_a_rating_reaches_agents_as_a_fact_and_the_visitors_other_window_as_a_notice(
    connect, guest, alice, bob, group
):
    agent, visitor, window = [await connect(who) for who in (alice, guest, guest)]
    await visitor.send("rate", score=4, comment=" 很快\r\n谢谢 ")
    facts, data = await heard(agent, group)
    assert facts["rating"] == {"score": 4, "comment": "很快\n谢谢"}
    notice = (await window.until("message.posted"))["message"]
    assert notice["data"] == data == {"event": "rated", **facts["rating"]}
    assert types(await visitor.all()) == ["message.posted"]
    assert (await connect(guest)).hello["groups"][0]["rating"]["score"] == 4
    for bad in (0, 6, True, "5", 4.0, None):
        await visitor.send("rate", score=bad)
        assert (await visitor.until("error"))["code"] == "bad_field"


async def test_a_new_name_and_a_new_leader_reach_open_pages(connect, alice, bob, team, group):
    watcher = await connect(bob)

    await database(save)(alice, nickname="艾艾")
    told = {"type": "member", "member": alice.uuid, "name": "艾艾", "avatar": ""}
    assert await watcher.until("member") == told
    place = await database(TeamMember.objects.get)(team=team, member=alice)
    await database(save)(place, member_type=TeamMember.Type.LEADER)
    event = await watcher.until("conversation", group=group)
    assert event["version"] == 2
    members = [(member["name"], member["leader"]) for member in event["members"]]
    assert members == [("艾艾", True), ("小博", False)]


async def test_an_answer_that_tells_how_it_stands_is_counted_as_no_refusal(
    connect, alice, group, monkeypatch
):
    broken = []
    monkeypatch.setattr(writer.log, "exception", broken.append)
    agent = await connect(alice)
    for _ in range(2):
        await agent.send("conversation.claim", group=group)
        await agent.until("conversation")
    await agent.all()
    assert broken == []
