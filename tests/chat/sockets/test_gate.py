"""The gate through which visitors connect: few at a time, in order, and nobody for too long."""

import asyncio
import time

import pytest

from chat import database as databases
from chat.protocol.errors import Refused
from chat.sockets import gate as gates
from chat.sockets import hello
from chat.sockets.gate import Gate
from tests.chat.conftest import unopened
from tests.chat.helpers import new_guest, within


@pytest.mark.once
@within(10)
async def test_turns_are_given_in_order_and_to_no_more_than_may():
    gate, inside, order = Gate(2), set(), []

    async def visitor(number: int) -> None:
        await gate.enter()
        order.append(number)
        inside.add(number)
        assert len(inside) <= 2
        await asyncio.sleep(0)
        inside.discard(number)
        gate.leave()

    await asyncio.gather(*(visitor(number) for number in range(20)))
    assert order == list(range(20)) and gate.free == 2


@pytest.mark.once
@within(10)
async def test_who_waits_for_too_long_is_refused_and_takes_no_turn(monkeypatch):
    monkeypatch.setattr(gates, "PATIENCE", 0.01)
    gate = Gate(1)
    await gate.enter()
    with pytest.raises(Refused) as refusal:
        await gate.enter()
    assert refusal.value.code == "unavailable"
    gate.leave()
    await gate.enter()
    gate.leave()
    assert gate.free == 1


@pytest.mark.once
@within(10)
async def test_who_goes_away_loses_no_turn():
    gate = Gate(1)
    await gate.enter()
    waiting = [asyncio.create_task(gate.enter()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    gate.leave()
    waiting[1].cancel()  # At the moment in which the turn became its own.
    await asyncio.wait(waiting, timeout=0.1)
    assert waiting[2].done() and not waiting[2].cancelled()
    gate.leave()
    assert gate.free == 1


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_while_others_connect_a_visitor_is_told_to_come_again_and_an_agent_comes_in(
    monkeypatch, connect, guest, alice
):
    monkeypatch.setattr(gates, "PATIENCE", 0.01)
    monkeypatch.setattr(gates.gate, "free", 0)
    late = await unopened(guest)
    accepted, _code = await late.wire.connect(timeout=10)
    assert accepted and await late.closed() == 4503
    await connect(alice)
    gates.gate.leave()
    await connect(guest)
    assert gates.gate.free == 1, "whoever is greeted gives the turn back"


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
@within(100)
async def test_all_are_greeted_who_come_at_once_although_reading_takes_longer_than_one_waits(
    monkeypatch, house, team
):
    """As after a restart: where all read step by step side by side, nobody was done in time."""
    monkeypatch.setattr(databases, "LONGEST", 1.0)
    monkeypatch.setattr(gates, "PATIENCE", 60)
    known = hello.identify_visitor

    def identify(*args):
        time.sleep(0.02)
        return known(*args)

    monkeypatch.setattr(hello, "identify_visitor", identify)
    guests = [new_guest(team) for _ in range(300)]
    sockets = [
        await unopened(guest, address=f"10.0.{number // 200}.{number % 200}")
        for number, guest in enumerate(guests)
    ]
    try:
        await asyncio.gather(*(socket.wire.connect(timeout=90) for socket in sockets))
        first = await asyncio.gather(*(socket.wire.receive_output(90) for socket in sockets))
        assert [event["type"] for event in first] == ["websocket.send"] * len(sockets)
    finally:
        await asyncio.gather(*(socket.leave() for socket in sockets), return_exceptions=True)
