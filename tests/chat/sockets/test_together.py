"""Those who connect at the same time are read for together: in order, each for themselves, and
nobody is kept waiting without a word."""

import asyncio
import json
import threading
import time
from collections import deque

import pytest
from django.db import DataError, OperationalError

from chat import database as databases
from chat.background import upkeep
from chat.delivery.hub import hub
from chat.models import Visitor
from chat.protocol.errors import Refused
from chat.sockets import hello, together, visitor
from chat.sockets.together import MOST, Together
from tests.chat.conftest import unopened
from tests.chat.helpers import WITHIN, new_guest, within
from tests.chat.signed_visitors import session_guest

pytestmark = pytest.mark.django_db(transaction=True)


class Reader:
    """A function that notes for whom it is called, and waits until it may go on."""

    def __init__(self):
        self.calls: list[list] = []
        self.may = threading.Event()

    def __call__(self, items: list) -> list:
        self.calls.append(items)
        assert self.may.wait(60)
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
async def test_where_the_database_is_gone_nobody_waits_longer_than_others(reader):
    read = Together(reader)
    first = asyncio.create_task(read("database"))
    await called(reader)
    long = [asyncio.create_task(read("long")) for _ in range(MOST + 7)]
    await asyncio.sleep(0)
    read.waiting = deque(
        (item, came - databases.LONGEST, future) for item, came, future in read.waiting
    )
    late = asyncio.create_task(read("late"))
    await asyncio.sleep(0)
    reader.may.set()
    found = await asyncio.gather(first, *long, return_exceptions=True)
    assert {one.code for one in found} == {"unavailable"}
    assert await late == "LATE", "who came a moment ago is read for"
    assert not any("long" in items for items in reader.calls)


@within(20)
async def test_a_statement_that_fails_for_one_fails_for_that_one_alone():
    def read(items):
        if "wrong" in items:
            raise DataError("of one")
        return items

    read_together = Together(read)
    asked = [read_together(item) for item in ("x", "wrong", "y")]
    one, wrong, other = await asyncio.gather(*asked, return_exceptions=True)
    assert (one, other) == ("x", "y") and wrong.code == "unavailable"


@within(20)
@pytest.mark.parametrize("results", [[], None])
async def test_whatever_goes_wrong_nobody_is_left_waiting(results):
    read = Together(lambda items: results)
    with pytest.raises((ValueError, TypeError)):
        await read("x")


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
async def test_who_waits_for_long_is_not_taken_for_silent(monkeypatch, house, guest):
    """The pages' own first frame comes after hello only."""
    greet, done = visitor.greet_together.function, []

    def slow(contexts):
        time.sleep(1.5)
        done.append(time.monotonic())
        return greet(contexts)

    monkeypatch.setattr(visitor, "WAIT", 0.1)
    monkeypatch.setattr(upkeep, "SILENCE", 1)
    monkeypatch.setattr(visitor.greet_together, "function", slow)
    page = await unopened(guest)
    await page.accepted()
    assert (await page.next())["type"] == "hello"
    await upkeep.current().tick(done[0])
    (outbox,) = hub.outboxes_of(guest.uuid)
    assert not outbox.code
    await page.leave()


@within(20)
async def test_a_page_is_accepted_and_told_to_wait_and_its_frames_are_counted(
    monkeypatch, house, guest, connect, alice
):
    identify, may = visitor.identify_together.function, threading.Event()

    def slow(scopes):
        assert may.wait(60)
        return identify(scopes)

    monkeypatch.setattr(visitor, "WAIT", 0.05)
    monkeypatch.setattr(visitor.identify_together, "function", slow)
    page = await unopened(guest)
    accepted = await page.accepted()
    heard = [(await page.wire.receive_output(WITHIN))["text"] for _ in range(3)]
    assert accepted and heard == ["[]"] * 3
    assert (await connect(alice)).hello, "an agent comes in meanwhile"
    may.set()
    while heard[-1] == "[]":
        heard.append((await page.wire.receive_output(WITHIN))["text"])
    assert json.loads(heard[-1])[0]["type"] == "hello"
    while not await page.wire.receive_nothing(0.2):
        heard.append((await page.wire.receive_output(WITHIN))["text"])
    assert heard[-1] != "[]", "it waits no longer"
    (outbox,) = hub.outboxes_of(guest.uuid)
    assert outbox.frames == len(heard), "as a page counts them"
    await page.leave()


@pytest.mark.once
@within(100)
async def test_all_are_greeted_who_come_at_once(monkeypatch, house, team):
    """As after a restart: where all read step by step side by side, nobody was done in time."""
    identify, calls, may = visitor.identify_together.function, [], threading.Event()

    def slow(scopes):
        calls.append(len(scopes))
        assert may.wait(90)
        return identify(scopes)

    monkeypatch.setattr(databases, "LONGEST", 90)
    monkeypatch.setattr(visitor.identify_together, "function", slow)
    sockets = [
        await unopened(new_guest(team), address=f"10.0.{number // 200}.{number % 200}")
        for number in range(300)
    ]
    try:
        await asyncio.gather(*(socket.wire.connect(timeout=90) for socket in sockets))
        may.set()
        for socket in sockets:
            assert (await socket.next())["type"] == "hello"
        assert sum(calls) == 300 and max(calls[1:]) == MOST and len(calls) <= 8
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


@pytest.mark.parametrize(
    "kind, identified, greeted", [("new", 4, 4), ("written", 4, 8), ("signed in", 4, 4)]
)
def test_twenty_visitors_need_as_many_queries_as_one(
    kind, identified, greeted, house, alice, team, enterprise, django_assert_num_queries
):
    guests = [new_guest(team) for _ in range(20)]
    if kind == "written":
        for guest in guests:
            guest.browser().post("/chat/acme/messages/", {"content": f"from {guest.uuid}"})
    elif kind == "signed in":
        guests = [session_guest(enterprise, team, f"{number}") for number in range(20)]
    scopes = [scope_of(guest) for guest in guests]
    wanted = [guest.uuid for guest in guests]
    with django_assert_num_queries(identified):
        (one,) = hello.identify_visitors(scopes[:1])
    with django_assert_num_queries(identified):
        contexts = hello.identify_visitors(scopes)
    assert [context.guest.uuid for context in contexts] == wanted
    with django_assert_num_queries(greeted):
        ((first, _unread),) = hello.greet_visitors([one])
    with django_assert_num_queries(greeted):
        greetings = hello.greet_visitors(contexts)
    assert greetings[0][0] == first
    for who, (event, unread) in zip(wanted, greetings, strict=True):
        assert event["me"]["visitor"] == who and unread == []
        shown = [row["last"]["excerpt"] for row in event["groups"]]
        assert shown == [f"from {who}"] * (kind == "written")


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
