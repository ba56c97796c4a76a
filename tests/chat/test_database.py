"""A connection that is lost: what reads is done again, what writes is not."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest
from django.db import InterfaceError, OperationalError, connection

from chat.database import call_once, lines, read, write
from chat.presence import leases

from .helpers import database, within


class Line:
    """In the place of a connection: whether it is usable, and whether it was closed."""

    vendor = "mysql"
    in_atomic_block = False

    def __init__(self, usable: bool):
        self.connection, self.usable, self.closed = object(), usable, 0

    def is_usable(self) -> bool:
        return self.usable

    def close(self) -> None:
        self.closed += 1
        self.connection = None


@pytest.mark.once
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@within(20)
async def test_what_writes_is_done_once_and_what_reads_again(monkeypatch, error):
    line = Line(usable=True)
    monkeypatch.setattr("chat.database.connection", line)
    monkeypatch.setattr("chat.database.Lines.renew", lambda lines: None)
    lost = Mock(side_effect=[error(2013, "Lost connection"), "done"])
    assert await read(lost, 1) == "done" and lost.call_count == 2
    line.connection = object()
    lost = Mock(side_effect=[error(2013, "Lost connection"), "done"])
    with pytest.raises(error):
        await write(lost, 1)
    assert lost.call_count == 1 and line.closed == 2
    assert await write(lost, 1) == "done", "on a connection of its own"


@pytest.mark.once
def test_a_connection_that_died_while_nothing_came_fails_no_write(monkeypatch):
    line = Line(usable=False)
    monkeypatch.setattr("chat.database.connection", line)
    assert call_once(lambda: line.connection) is None and line.closed == 1


@pytest.mark.once
def test_a_connection_of_another_thread_that_was_found_dead_is_not_waited_for(monkeypatch):
    line = Line(usable=True)
    monkeypatch.setattr("chat.database.connection", line)
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(call_once, lambda: line.connection).result()
        lines.one_is_dead()
        assert thread.submit(call_once, lambda: line.connection).result() is None
        line.connection = object()
        assert thread.submit(call_once, lambda: line.connection).result(), "closed once"


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_a_write_survives_a_connection_that_the_server_closed(house, alice):
    """As after its wait_timeout, or its restart."""
    if connection.vendor == "sqlite":
        pytest.skip("there is no server")

    def own_number() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT connection_id()")
            return cursor.fetchone()[0]

    def kill(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"KILL {number}")

    thread = ThreadPoolExecutor(1)
    loop = asyncio.get_running_loop()
    number = await loop.run_in_executor(thread, own_number)
    await database(kill)(number)
    await loop.run_in_executor(thread, call_once, leases.release, [alice.uuid])
    assert await loop.run_in_executor(thread, own_number) != number
    await loop.run_in_executor(thread, lambda: connection.close())
