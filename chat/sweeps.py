"""Steps through many, of which one that always fails must not hold up those behind it."""

import logging
import threading
from collections.abc import Callable

from django.db import Error, OperationalError, connection

from . import metrics

log = logging.getLogger("kefu.walks")

MAX_REPORTED = 1_000
reported: set[tuple[str, str, str]] = set()
"""The steps that failed last time: they are told once, not with each walk."""


stopping = threading.Event()
"""The process is about to end: no walk goes any further."""


class Stopping(Exception):
    """Ends a walk, with the process."""


def run_step(step: Callable, key: str, *args):
    """What `step(key, *args)` returns; None where it fails, which is told, and the walk goes on.
    Raises the database's error while there is none: then all would fail; and Over."""
    if stopping.is_set():
        raise Stopping
    name = step.__module__, step.__qualname__, key
    try:
        result = step(key, *args)
    except Exception as error:
        if isinstance(error, Error):
            if not is_connected():
                raise
            metrics.DATABASE_ERRORS.labels("chore").inc()
        if name not in reported:
            if len(reported) >= MAX_REPORTED:
                reported.clear()
            reported.add(name)
            # Locks that others hold are no fault of ours.
            level = logging.WARNING if isinstance(error, OperationalError) else logging.ERROR
            text = "a step of %s failed for %s, the others go on"
            log.log(level, text, step.__module__, key, exc_info=error)
        return None
    reported.discard(name)
    return result


def is_connected() -> bool:
    """Whether this thread's connection to the database still holds."""
    return connection.connection is not None and connection.is_usable()
