"""Two processes on one database and one Redis are one chat."""

import asyncio
from http.client import HTTPConnection

import pytest
from django.conf import settings

from chat.background import sampler
from chat.delivery import bus
from chat.posting import batches
from chat.stream import sequencer
from tests.chat.api.program import Program, program_of
from tests.chat.daphne import Daphne
from tests.chat.helpers import database, draft_of, new_guest, session_cookie, within

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.REDIS_URL, reason="one process has no bus: needs REDIS_URL"),
]


@pytest.fixture
def server(transactional_db, tmp_path):
    daphne = Daphne(tmp_path / "daphne.log").start()
    yield daphne
    daphne.kill()


@within(20)
async def test_a_message_on_one_process_reaches_the_sockets_of_the_other(
    server, connect, guest, team, alice, group
):
    other = await database(batches.post)(new_guest(team).draft())
    cookie = await database(session_cookie)(alice)
    there = await server.connect("/ws/agent/", cookie)
    assert (await there.until("hello"))["total"] == 2
    here = await connect(alice)
    visitor = await connect(guest)
    accepted = await visitor.say("hello, other process")
    message = (await there.until("message.posted"))["message"]
    assert (message["seq"], message["content"]) == (3, "hello, other process")
    assert message["id"] == accepted["id"]
    unread = await there.until("unread", group=group)
    assert (unread["unread"], unread["total"]) == (2, 3)

    await there.send("message.read", group=group, seq=3)
    assert (await here.until("read"))["seq"] == 3
    unread = await here.until("unread", group=group, unread=0)
    assert unread["total"] == 1
    assert (await visitor.until("read"))["seq"] == 3

    answer = await there.say("from there", group=group)
    assert (await visitor.until("message.posted"))["message"]["seq"] == answer["seq"] == 4
    await there.send("typing", group=group, draft=True)
    assert (await visitor.until("typing"))["member"] == alice.uuid
    await there.close()
    assert other["group"] != group


@within(20)
async def test_what_a_process_without_sockets_does_is_told_to_those_with_some(
    server, guest, alice, bob, group
):
    """As a command does, or a page served by another process."""
    cookie = await database(session_cookie)(bob)
    there = await server.connect("/ws/agent/", cookie)
    await there.until("hello")
    await database(batches.post)(draft_of(alice, group, "by http"))
    assert (await there.until("message.posted"))["message"]["content"] == "by http"
    await there.close()


@within(20)
async def test_enterprises_hear_nothing_of_each_other(
    server, connect, guest, outsider, other_guest, alice, group
):
    cookie = await database(session_cookie)(outsider)
    there = await server.connect("/ws/agent/", cookie)
    await there.until("hello")
    visitor, stranger = await connect(guest), await connect(other_guest)
    await visitor.say("secret")
    mark = await stranger.say("for you")
    while True:
        event = await there.until("message.posted")
        assert event["message"]["group"] == mark["group"]
        if event["message"]["seq"] == 2:
            break
    await there.close()


@within(20)
async def test_who_is_alone_publishes_nothing_and_whoever_comes_is_told_at_once(
    server, connect, guest, alice, bob, group, monkeypatch
):
    published = []
    send_now = bus.send_now

    async def record(name, message):
        published.append((name, message["type"]))
        await send_now(name, message)

    monkeypatch.setattr(bus, "send_now", record)
    here, visitor = await connect(alice), await connect(guest)
    await visitor.say("to ourselves")
    await here.until("message.posted")
    assert await bus.current().is_alone()
    told = bus.group_of(alice.enterprise.code), "announcement"
    assert told not in published
    there = await server.connect("/ws/agent/", await database(session_cookie)(bob))
    await there.until("hello")
    await visitor.say("to all")
    assert (await there.until("message.posted"))["message"]["content"] == "to all"
    assert told in published
    await there.close()


@pytest.mark.parametrize(
    ("names", "alone"),
    [({"own"}, True), ({"own", "node.other"}, False), ({"node.other"}, False), (set(), False)],
)
async def test_who_does_not_hear_itself_trusts_nobody_that_it_is_alone(names, alone, monkeypatch):
    end = bus.Bus()

    async def listening():
        return {end.own if name == "own" else name for name in names}

    monkeypatch.setattr(bus, "listening", listening)
    assert await end.is_alone() is alone
    for task in end.tasks:
        task.cancel()


@within(20)
async def test_a_redis_that_does_not_say_who_listens_is_told_everything(
    server, connect, guest, bob, group, monkeypatch
):
    async def refused():
        raise PermissionError("this user has no permissions to run the 'pubsub' command")

    monkeypatch.setattr(bus, "listening", refused)
    there = await server.connect("/ws/agent/", await database(session_cookie)(bob))
    await there.until("hello")
    visitor = await connect(guest)
    await visitor.say("hello")
    assert (await there.until("message.posted"))["message"]["content"] == "hello"
    await there.close()


@within(10)
async def test_a_process_that_ends_as_something_is_sent_sends_no_more(monkeypatch):
    """Whatever turn of the loop the end comes in."""
    monkeypatch.setattr(bus, "state", bus.State())
    for turns in range(6):
        sent = asyncio.get_running_loop().create_future()
        layer = type("Layer", (), {"group_send": lambda *_args, sent=sent: sent})
        monkeypatch.setattr(bus, "get_channel_layer", layer)
        end = bus.Bus()
        end.put("group", {"type": "limits"})
        await asyncio.sleep(0.01)
        sent.set_result(None)
        for _turn in range(turns):
            await asyncio.sleep(0)
        for task in end.tasks:
            task.cancel()
        assert await asyncio.wait(end.tasks, timeout=0.5) == ({*end.tasks}, set()), turns


async def test_messages_are_stored_while_redis_is_away(connect, guest, alice, group, monkeypatch):
    class Dead:
        async def group_send(self, *args):
            raise ConnectionError("no Redis")

    agent, visitor = await connect(alice), await connect(guest)
    monkeypatch.setattr(bus, "get_channel_layer", Dead)
    assert (await visitor.say("one"))["seq"] == 3
    assert (await agent.until("message.posted"))["message"]["content"] == "one"
    assert (await visitor.say("two"))["seq"] == 4


@within(20)
async def test_nobody_waits_for_redis_in_a_process_that_never_had_a_socket(
    house, alice, group, monkeypatch
):
    told = []
    monkeypatch.setattr(bus.Bus, "put", lambda self, name, message: told.append(message["type"]))
    sampler.begin()
    await database(batches.post)(draft_of(alice, group, "by http"))
    assert "announcement" in told


@within(60)
async def test_of_three_waits_of_a_token_one_is_refused_whichever_process_has_it(
    server, tmp_path, enterprise, alice, group
):
    other = Daphne(tmp_path / "other.log").start()
    try:
        program = await database(program_of)(enterprise)
        await database(sequencer.look)()
        cursor = (await database(program.get)("events/")).json()["cursor"]
        asked = [
            asyncio.ensure_future(asyncio.to_thread(status_of_wait, each, program, cursor))
            for each in (server, other, server)
        ]
        refused, rest = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        assert [each.result() for each in refused] == [429]
        await database(batches.post)(draft_of(alice, group, "at last"))
        assert [await each for each in rest] == [200, 200]
    finally:
        other.kill()


def status_of_wait(server: Daphne, program: Program, cursor: str) -> int:
    wire = HTTPConnection("127.0.0.1", server.port)
    headers = {"Authorization": f"Bearer {program.text}"}
    wire.request("GET", f"/api/v1/events/?wait=25&after={cursor}", headers=headers)
    return wire.getresponse().status
