"""Runs functions that use the database: from the event loop, on threads with open connections; and
once more after a collision."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import Any, ClassVar, TypeVar

from django.db import Error, IntegrityError, InterfaceError, OperationalError, connection
from django.utils.dateparse import parse_datetime

from chat.protocol.errors import Refused

from . import metrics

T = TypeVar("T")
log = logging.getLogger("kefu.database")

throttled = metrics.ThrottledLog(metrics.WARN_EVERY)
LONGEST = 9
"""Seconds that a socket waits for what it reads; a page that was told `unavailable` asks again. One
more than a statement may take (kefu/environment.py): where the network has forgotten a connection,
there is time to ask on a new one."""
SILENT = 2
"""Seconds for which nobody else asks a database that could not be reached: each would wait for it,
and those behind them for their turn."""
UNREACHABLE = (2002, 2003, 2005, 2006, 2013, 2055)
"""MySQL's errors of a connection that was not made, or that broke."""
COLLISIONS = (1213, 1020)
"""MySQL's deadlock, and MariaDB's row that has changed since a snapshot: the whole transaction is
gone, and trying again is right."""
ATTEMPTS = 3
READING = 4
"""Threads: they mostly wait for the database, and SQLite reads in parallel in WAL mode."""
READERS = ThreadPoolExecutor(READING, thread_name_prefix="kefu-read")


async def read(function, *args):
    """The result of `function(*args)`, which writes nothing, on a reader's thread. If the
    connection was lost, it is opened again and the function is called once more; then the
    database's error is raised."""
    return await asyncio.get_running_loop().run_in_executor(
        READERS, call_with_retry, function, args
    )


async def write(function, *args):
    """The result of `function(*args)` on a reader's thread, called once: if the connection is lost,
    it is unknown what was stored, and the database's error is raised."""
    return await asyncio.get_running_loop().run_in_executor(READERS, call_once, function, *args)


async def run_or_refuse(function, *args, by=read):
    """The result of `by(function, *args)`, where `by` is `read`, `write` or a function like them.
    Raises Refused (unavailable) in place of a database error, and after LONGEST seconds."""
    with refuse_on_error():
        try:
            return await asyncio.wait_for(by(function, *args), LONGEST)
        except asyncio.TimeoutError as error:
            raise OperationalError(f"nothing came within {LONGEST} s") from error


@contextmanager
def refuse_on_error():
    """Raises Refused (unavailable) in place of a database error, which is counted and logged."""
    try:
        yield
    except Error as error:
        metrics.DATABASE_ERRORS.labels("read").inc()
        throttled.warn(log, "the database does not answer a socket: %s", error)
        raise Refused("unavailable", "The database does not answer. Try again.") from error


class Silence:
    """Until when a database that could not be reached is left alone."""

    def __init__(self):
        self.until = 0.0

    def begins(self) -> None:
        self.until = time.monotonic() + SILENT

    def holds(self) -> bool:
        return time.monotonic() < self.until


silence = Silence()


class Lines(threading.local):
    """Which thread's connection is not trusted: where one of the process is found dead, so are
    likely those of the others, and whoever uses them next would wait as long again."""

    found_dead: ClassVar[int] = 0

    def __init__(self):
        self.known = Lines.found_dead

    def one_is_dead(self) -> None:
        """To be called by a thread that closes its own connection, or has none."""
        Lines.found_dead += 1
        self.known = Lines.found_dead

    def renew(self) -> None:
        """Closes this thread's connection if another one was found dead since it was renewed."""
        if self.known != Lines.found_dead and not connection.in_atomic_block:
            self.known = Lines.found_dead
            if connection.vendor != "sqlite":
                connection.close()


lines = Lines()


def call_with_retry(function, args):
    if silence.holds():
        raise OperationalError("the database could not be reached a moment ago")
    lines.renew()
    try:
        return function(*args)
    except (OperationalError, InterfaceError) as error:
        connection.close()
        if error.args and error.args[0] in UNREACHABLE:
            lines.one_is_dead()
        if connection.vendor == "sqlite":
            raise
    try:
        return function(*args)
    except (OperationalError, InterfaceError) as error:
        connection.close()
        if error.args and error.args[0] in UNREACHABLE:
            silence.begins()
        raise


def call_once(function, *args):
    """The result of `function(*args)`. The connection is tested before, because the server closes
    connections that were idle for long."""
    lines.renew()
    if connection.connection is not None and not connection.is_usable():
        connection.close()
        lines.one_is_dead()
    try:
        return function(*args)
    except (OperationalError, InterfaceError):
        connection.close()
        raise


def closing(function: Callable, *args: Any) -> Any:
    """The result of `function(*args)` on a thread that keeps no connection."""
    try:
        return function(*args)
    finally:
        connection.close()


def retry(step: Callable[[], T]) -> T:
    """The result of `step`, which is a transaction; it is called again where another one collided
    with it, as a person's first message from another browser with their sign-in."""
    for _attempt in range(ATTEMPTS - 1):
        with suppress(IntegrityError, OperationalError):
            return step()
    return step()


def select(sql: str, values: list) -> list[tuple]:
    """The rows of a raw query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def aware_datetime(moment: datetime | str) -> datetime:
    """An aware datetime from a raw query, which returns naive datetimes, on SQLite as text."""
    naive = parse_datetime(moment) if isinstance(moment, str) else moment
    assert naive, moment
    return naive.replace(tzinfo=timezone.utc)
