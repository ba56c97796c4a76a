"""Those who connect at the same time are read for together: in order, each for themselves, and
nobody is kept waiting without a word."""

import asyncio
import json
import threading
import time

import pytest
from django.db import OperationalError

from chat.delivery.hub import hub
from chat.models import Visitor
from chat.protocol.errors import Refused
from chat.sockets import hello, together, visitor
from chat.sockets.together import MOST, Together
from tests.chat.conftest import unopened
from tests.chat.helpers import new_guest, within

pytestmark = pytest.mark.django_db(transaction=True)


class Reader:
    """A function that notes for whom it is called, and waits until it may go on."""

    def __init__(self):
        self.calls: list[list] = []
        self.may = threading.Event()

    def __call__(self, items: list) -> list:
        self.calls.append(items)
        assert self.may.wait(10)
        if "database" in items:
            raise OperationalError("gone")
        return [item.upper() for item in items]


@pytest.fixture
def reader():
    return Reader()


async def called(reader, times=1):
    while len(reader.calls) < times:
        await asyncio.sleep(0.005)


@within(20)
async def test_who_comes_while_others_are_read_for_is_read_for_together_in_order(reader):
    read = Together(reader)
    first = asyncio.create_task(read("a0"))
    await called(reader)
    rest = [asyncio.create_task(read(f"b{number}")) for number in range(MOST + 7)]
    await asyncio.sleep(0)
    reader.may.set()
    assert await first == "A0"
    assert await asyncio.gather(*rest) == [f"B{number}" for number in range(MOST + 7)]
    assert [len(call) for call in reader.calls] == [1, MOST, 7]


@within(20)
async def test_what_fails_for_one_fails_for_that_one_alone(reader):
    reader.may.set()
    read = Together(reader)
    found = await asyncio.gather(*map(read, ("x", None, "y")), return_exceptions=True)
    assert found[::2] == ["X", "Y"] and isinstance(found[1], AttributeError)


@within(20)
async def test_where_the_database_is_gone_all_who_wait_are_told_at_once(reader):
    read = Together(reader)
    first = asyncio.create_task(read("database"))
    await called(reader)
    rest = [asyncio.create_task(read("x")) for _ in range(MOST + 7)]
    await asyncio.sleep(0)
    reader.may.set()
    found = await asyncio.gather(first, *rest, return_exceptions=True)
    assert {one.code for one in found} == {"unavailable"}
    assert ["x"] not in reader.calls and max(map(len, reader.calls)) == 1
    assert await read("x") == "X", "the next one asks again"


@within(20)
async def test_who_went_away_or_waited_for_too_long_is_not_read_for(reader, monkeypatch):
    read = Together(reader)
    first = asyncio.create_task(read("a"))
    await called(reader)
    gone, late = asyncio.create_task(read("gone")), asyncio.create_task(read("late"))
    await asyncio.sleep(0)
    gone.cancel()
    monkeypatch.setattr(together, "LONGEST", 0)
    await asyncio.sleep(0.01)
    reader.may.set()
    await first
    with pytest.raises(Refused) as refusal:
        await late
    assert refusal.value.code == "unavailable" and reader.calls == [["a"]]


@within(20)
async def test_a_page_is_accepted_and_told_to_wait_and_its_frames_are_counted(
    monkeypatch, house, guest, connect, alice
):
    identify, may = visitor.identify.function, threading.Event()

    def slow(scopes):
        assert may.wait(10)
        return identify(scopes)

    monkeypatch.setattr(visitor, "WAIT", 0.05)
    monkeypatch.setattr(visitor.identify, "function", slow)
    page = await unopened(guest)
    accepted, _code = await page.wire.connect(timeout=10)
    heard = [(await page.wire.receive_output(10))["text"] for _ in range(3)]
    assert accepted and heard == ["[]"] * 3
    assert (await connect(alice)).hello, "an agent comes in meanwhile"
    may.set()
    while heard[-1] == "[]":
        heard.append((await page.wire.receive_output(10))["text"])
    assert json.loads(heard[-1])[0]["type"] == "hello"
    while not await page.wire.receive_nothing(0.2):
        heard.append((await page.wire.receive_output(10))["text"])
    assert heard[-1] != "[]", "it waits no longer"
    (outbox,) = hub.outboxes_of(guest.uuid)
    assert outbox.frames == len(heard), "as a page counts them"
    await page.leave()


@pytest.mark.once
@within(100)
async def test_all_are_greeted_who_come_at_once(monkeypatch, house, team):
    """As after a restart: where all read step by step side by side, nobody was done in time."""
    identify = visitor.identify.function

    def slow(scopes):
        time.sleep(0.02)
        return identify(scopes)

    monkeypatch.setattr(visitor.identify, "function", slow)
    sockets = [
        await unopened(new_guest(team), address=f"10.0.{number // 200}.{number % 200}")
        for number in range(300)
    ]
    try:
        await asyncio.gather(*(socket.wire.connect(timeout=90) for socket in sockets))
        for socket in sockets:
            assert (await socket.next())["type"] == "hello"
    finally:
        await asyncio.gather(*(socket.leave() for socket in sockets), return_exceptions=True)


def scope_of(guest, code="acme") -> dict:
    """What hello.py reads of a visitor's socket."""
    name, _is, token = guest.cookie.partition("=")
    return {
        "url_route": {"kwargs": {"ent_id": code}},
        "query_string": b"",
        "headers": [],
        "cookies": {name: token},
        "client": ["203.0.113.7", 1],
    }


@pytest.mark.parametrize("written", [False, True])
def test_twenty_visitors_need_as_many_queries_as_one(
    written, house, alice, team, django_assert_num_queries
):
    guests = [new_guest(team) for _ in range(20)]
    if written:
        for guest in guests:
            guest.browser().post("/chat/acme/messages/", {"content": f"from {guest.uuid}"})
    scopes = [scope_of(guest) for guest in guests]
    with django_assert_num_queries(4) as counted:
        (one,) = hello.identify_visitors(scopes[:1])
    with django_assert_num_queries(len(counted)):
        contexts = hello.identify_visitors(scopes)
    assert [context.guest.uuid for context in contexts] == [guest.uuid for guest in guests]
    with django_assert_num_queries(7 if written else 3) as counted:
        ((event, _unread),) = hello.greet_visitors([one])
    with django_assert_num_queries(len(counted)):
        greetings = hello.greet_visitors(contexts)
    assert greetings[0][0] == event
    for guest, (event, unread) in zip(guests, greetings, strict=True):
        assert event["me"]["visitor"] == guest.uuid and unread == []
        assert [row["last"]["excerpt"] for row in event["groups"]] == [
            f"from {guest.uuid}"
        ] * written


def test_each_visitor_of_a_crowd_gets_what_is_theirs(house, alice, team, enterprise):
    """Of several kinds at once, in the order in which they came."""
    stored, blocked, unknown = (new_guest(team) for _ in range(3))
    for guest in (stored, blocked):
        guest.browser().post("/chat/acme/messages/", {"content": "x"})
    Visitor.objects.filter(uuid=blocked.uuid).update(blocked=True)
    forged = scope_of(stored) | {"cookies": {"kefu_visitor_acme": "made up"}}
    elsewhere = scope_of(stored, code="nowhere")
    lost = scope_of(stored) | {"query_string": b"team=lost"}
    crowd = [forged, scope_of(stored), elsewhere, scope_of(blocked), scope_of(unknown), lost]
    first, known, second, third, new, fourth = hello.identify_visitors(crowd)
    assert [first, second, third, fourth] == [4401, 4404, 4403, 4404]
    assert (known.guest.uuid, known.guest.stored) == (stored.uuid, True)
    assert (new.guest.uuid, new.guest.stored) == (unknown.uuid, False)
