"""Runs functions that use the database from the event loop, on threads with open connections."""

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
"""Four threads: they mostly wait for the database, and SQLite reads in parallel in WAL mode."""


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
    Raises Refused (unavailable) in place of a database error."""
    with refuse_on_error():
        return await by(function, *args)


@contextmanager
def refuse_on_error():
    """Raises Refused (unavailable) in place of a database error, which is counted and logged."""
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
    """The result of `function(*args)`. The connection is tested before, because the server closes
    connections that were idle for long."""
    if connection.connection is not None and not connection.is_usable():
        connection.close()
    try:
        return function(*args)
    except (OperationalError, InterfaceError):
        connection.close()
        raise
