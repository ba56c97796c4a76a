"""A conversation over sockets: what each side is told, and what a visitor is never told."""

import asyncio
import json

import pytest

from chat.posting import batches
from tests.chat.helpers import (
    LAST,
    POSTED,
    ROW,
    WITHIN,
    Guest,
    database,
    new_id,
    posted,
    rows_of,
    save,
    types,
)

pytestmark = pytest.mark.django_db(transaction=True)


async def test_an_agents_hello_has_the_first_page_of_the_inbox(connect, alice, guest, group):
    hello = (await connect(alice)).hello
    me = {"member": alice.uuid, "name": "小艾", "avatar": "", "role": "agent"}
    assert hello["me"] == me
    assert hello["protocol"] == 1 and hello["epoch"]
    (row,) = hello["groups"]
    assert set(row) == ROW and set(row["last"]) >= LAST
    assert (row["group"], row["last_seq"], row["unread"], row["open"]) == (group, 2, 1, True)
    assert (row["claimed_by"], row["team"], row["visitor"]) == (None, "service", guest.uuid)
    assert row["waiting_since"].endswith("Z") and row["last"]["excerpt"] == "first"
    assert hello["total"] == 1 and hello["more"] is None


async def test_a_visitors_hello_is_empty_before_and_has_the_conversation_after_a_message(
    connect, guest, alice
):
    first = await connect(guest)
    assert set(first.hello["me"]) == {"visitor", "name"}
    assert first.hello["me"]["visitor"] == guest.uuid
    assert first.hello["groups"] == [] and first.hello["protocol"] == 1
    team = {"team": "service", "name": guest.team.name, "online": 0, "busy": 0}
    assert first.hello["team"] == team | {"open": True, "closes_at": None, "opens_at": None}
    accepted = await first.say()
    second = await connect(guest)
    (row,) = second.hello["groups"]
    assert row["group"] == accepted["group"] and row["last_seq"] == accepted["seq"] == 2
    assert row["unread"] == row["seen_seq"] == 0 and set(row["last"]) >= LAST


async def test_a_first_message_reaches_the_team_as_a_whole_conversation(
    connect, guest, alice, bob, carol, outsider
):
    agents = [await connect(alice), await connect(bob)]
    strangers = [await connect(carol), await connect(outsider)]
    visitor = await connect(guest)
    accepted = await visitor.say("hello?")
    for agent in agents:
        row = await agent.until("conversation", group=accepted["group"])
        assert set(row) >= ROW and row["open"] and row["unread"] == 1 and row["online"] is True
        assert [member["member"] for member in row["members"]].count(alice.uuid) == 1
        notice = (await agent.until("message.posted"))["message"]
        assert notice["kind"] == "notice" and notice["sender_role"] == "system"
        assert notice["data"]["event"] == "opened" and notice["data"]["team"] == guest.team.name
        event = await agent.until("message.posted")
        assert set(event["message"]) == POSTED and event["prev"] == 1
        assert event["message"]["content"] == "hello?"
        assert event["message"]["sender_role"] == "visitor"
        unread = await agent.until("unread")
        assert (unread["group"], unread["unread"], unread["total"]) == (accepted["group"], 1, 1)
    for stranger in strangers:
        assert types(await stranger.all()) == []


async def test_a_message_reaches_every_window_of_everyone(connect, guest, alice, bob, group):
    windows = [await connect(who) for who in (alice, alice, bob, guest, guest)]
    accepted = await windows[0].say("您好，有什么可以帮您？", group=group)
    for window in windows[1:]:
        event = await window.until("message.posted")
        assert event["prev"] == 2 and event["message"]["seq"] == accepted["seq"] == 3
        assert event["message"]["sender_name"] == "小艾"
        assert event["message"]["sender_role"] == "agent"
        assert event["message"]["created_at"] == accepted["created_at"]
    assert [message["seq"] for message in posted(await windows[0].all())] == [3]


async def test_a_note_reaches_the_agents_and_never_the_visitor(connect, guest, alice, bob, group):
    writer, colleague, visitor = [await connect(who) for who in (alice, bob, guest)]
    note = await writer.say("他很生气", group=group, note=True)
    message = (await colleague.until("message.posted"))["message"]
    assert message["kind"] == "note" and message["seq"] == note["seq"] == 3
    assert (await colleague.until("unread"))["unread"] == 2
    assert types(await visitor.all()) == []
    await writer.say("稍等", group=group)
    event = await visitor.until("message.posted")
    assert event["message"]["seq"] == 4 and event["prev"] == 2, "a jump, and nothing was missed"
    assert (await colleague.until("message.posted", prev=3))["message"]["seq"] == 4

    await visitor.send("sync", groups={group: 0})
    events = await visitor.all()
    assert [message["seq"] for message in posted(events)] == [1, 2, 4]
    assert [event["prev"] for event in events if event["type"] == "message.posted"] == [0, 1, 2]
    again = await connect(guest)
    assert "他很生气" not in json.dumps([events, again.hello], ensure_ascii=False)

    def by_http(guest: Guest):
        browser = guest.browser()
        yield browser.get(guest.enterprise.chat_path)
        for query in ("", "?after=0", "?after=2", "?before=4", "?before=4&limit=1"):
            yield browser.get(f"{guest.enterprise.chat_path}messages/{query}")

    for answer in await database(lambda: list(by_http(guest)))():
        assert answer.status_code == 200 and "他很生气" not in answer.content.decode()


async def test_a_stale_answer_brings_what_the_colleague_wrote(connect, alice, bob, group):
    first, second = await connect(alice), await connect(bob)
    answered = await first.say("先回一句", group=group, seen=2)
    refused = await second.say("我也回", group=group, seen=2)
    assert refused["code"] == "stale" and refused["last_seq"] == answered["seq"] == 3
    assert [message["content"] for message in refused["messages"]] == ["先回一句"]
    assert set(refused["messages"][0]) == POSTED
    client_id = refused["client_id"]
    insisted = await second.say("我也回", group=group, seen=3, client_id=client_id)
    assert insisted["seq"] == 4


async def test_an_unavailable_database_is_told_and_the_socket_stays(
    connect, guest, alice, group, monkeypatch
):
    from django.db import OperationalError

    visitor = await connect(guest)
    real = batches.commit

    def broken(items, look_up):
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(batches, "commit", broken)
    client_id = new_id()
    error = await visitor.say("anyone?", client_id=client_id)
    assert error["code"] == "unavailable" and error["client_id"] == client_id
    await visitor.send("message.recall", group=group, seq=2)
    error = await visitor.until("error")
    assert (error["code"], error["seq"]) == ("unavailable", 2), "no client_id names it"
    monkeypatch.setattr(batches, "commit", real)
    assert (await visitor.say("anyone?", client_id=client_id))["seq"] == 3
    assert len(await database(rows_of)(group)) == 3


async def test_a_member_renamed_in_the_middle_of_a_conversation_signs_the_next_message_so(
    connect, alice, bob, group
):
    agent, colleague = await connect(alice), await connect(bob)

    await database(save)(alice, nickname="艾艾")
    for _ in range(WITHIN * 20):
        await agent.say("…", group=group)
        name = (await colleague.until("message.posted"))["message"]["sender_name"]
        if name == "艾艾":
            break
        await asyncio.sleep(0.05)
    assert name == "艾艾"
