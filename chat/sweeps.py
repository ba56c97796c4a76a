"""Runs the steps of a sweep over many rows, so that a step which fails does not stop the others."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from django.db import Error, OperationalError, connection

from . import metrics

T = TypeVar("T")
log = logging.getLogger("kefu.sweeps")

MAX_REPORTED = 1_000
reported: set[tuple[str, str, str]] = set()
"""The steps that failed in the last sweep: module, function and key. A failure is logged once, not
with each sweep."""


stopping = threading.Event()
"""Set when the process is about to end, so that sweeps stop."""


class Stopping(Exception):
    """The process is about to end, so the sweep stops."""


def run_step(step: Callable, key: str | int, *args):
    """The result of `step(key, *args)`, or None if it fails, which is logged. Raises the database
    error if there is no connection, because then all steps would fail, and Stopping if the process
    is about to end."""
    if stopping.is_set():
        raise Stopping
    name = step.__module__, step.__qualname__, key
    try:
        result = step(key, *args)
    except Exception as error:
        if isinstance(error, Error):
            if not is_connected():
                raise
            metrics.DATABASE_ERRORS.labels("periodic").inc()
        if name not in reported:
            if len(reported) >= MAX_REPORTED:
                reported.clear()
            reported.add(name)
            # An OperationalError may be a lock that another process holds, which is no bug.
            level = logging.WARNING if isinstance(error, OperationalError) else logging.ERROR
            text = "a step of %s failed for %s, the others go on"
            log.log(level, text, step.__module__, key, exc_info=error)
        return None
    reported.discard(name)
    return result


def is_connected() -> bool:
    """Whether this thread's connection to the database works."""
    return connection.connection is not None and connection.is_usable()


def parts(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Things in their order, so many at a time."""
    remaining = iter(things)
    while part := list(islice(remaining, size)):
        yield part
