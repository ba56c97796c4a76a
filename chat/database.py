"""Reading the database from the event loop, on threads whose connections stay open."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import Error, InterfaceError, OperationalError, connection

from chat.protocol.errors import Refused

from . import metrics

log = logging.getLogger("kefu.database")

throttled = metrics.ThrottledLog(metrics.WARN_EVERY)
READERS = ThreadPoolExecutor(4, thread_name_prefix="kefu-read")
"""Four: they mostly wait for the database, and SQLite reads in parallel under WAL."""


async def read(function, *args):
    """`function(*args)`, which writes nothing, on a reader's thread. A connection that has gone
    away is renewed once, and all is read again; then the database's error is raised."""
    return await asyncio.get_running_loop().run_in_executor(
        READERS, call_with_retry, function, args
    )


async def write(function, *args):
    """`function(*args)` on a reader's thread, once: where the connection goes away meanwhile,
    nobody knows what of it is stored, and the database's error is raised."""
    return await asyncio.get_running_loop().run_in_executor(READERS, call_once, function, *args)


async def run_or_refuse(function, *args, by=read):
    """As `read`, or `write`, with `unavailable` refused to whoever asked when the database is
    down."""
    with refuse_on_error():
        return await by(function, *args)


@contextmanager
def refuse_on_error():
    """Raises a Refused (`unavailable`) for an error of the database, and counts it."""
    try:
        yield
    except Error as error:
        metrics.DATABASE_ERRORS.labels("read").inc()
        throttled.warn(log, "the database does not answer a socket: %s", error)
        raise Refused("unavailable", "The database does not answer. Try again.") from error


def call_with_retry(function, args):
    try:
        return function(*args)
    except (OperationalError, InterfaceError):
        connection.close()
        if connection.vendor == "sqlite":
            raise
        return function(*args)


def call_once(function, *args):
    """`function(*args)` on this thread's connection, which is asked before whether it still holds:
    one that a server closed because nothing came is no reason to fail."""
    if connection.connection is not None and not connection.is_usable():
        connection.close()
    try:
        return function(*args)
    except (OperationalError, InterfaceError):
        connection.close()
        raise
