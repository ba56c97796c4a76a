"""Reading the database from the event loop, on threads whose connections stay open."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from django.db import Error, InterfaceError, OperationalError, connection

from . import metrics
from .errors import Refused

log = logging.getLogger("kefu.database")

seldom = metrics.Seldom(metrics.SLOW_EVERY)
READERS = ThreadPoolExecutor(4, thread_name_prefix="kefu-read")
"""Four: they mostly wait for the database, and SQLite reads in parallel under WAL."""


async def read(function, *args):
    """`function(*args)` on a reader's thread. A connection that has gone away is renewed once;
    then the database's error is raised."""
    return await asyncio.get_running_loop().run_in_executor(READERS, call, function, args)


async def answer(function, *args):
    """As `read`, with `unavailable` refused to whoever asked when the database is down."""
    try:
        return await read(function, *args)
    except Error as error:
        metrics.DATABASE_ERRORS.labels("read").inc()
        seldom.warn(log, "the database does not answer a socket: %s", error)
        raise Refused("unavailable", "The database does not answer. Try again.") from error


def call(function, args):
    try:
        return function(*args)
    except (OperationalError, InterfaceError):
        connection.close()
        if connection.vendor == "sqlite":
            raise
        return function(*args)
