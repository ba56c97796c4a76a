"""Steps through many, of which one that always fails must not hold up those behind it."""

import logging
from collections.abc import Callable

from django.db import Error, connection

from . import metrics

log = logging.getLogger("kefu.walks")

MOST_TOLD = 1_000
told: set[tuple[str, str, str]] = set()
"""The steps that failed last time: they are told once, not with each walk."""


def take(step: Callable, key: str, *args):
    """What `step(key, *args)` returns; None where it fails, which is told, and the walk goes on.
    Raises the database's error while there is none: then all would fail."""
    name = step.__module__, step.__qualname__, key
    try:
        result = step(key, *args)
    except Exception as error:
        if isinstance(error, Error):
            if not is_there():
                raise
            metrics.DATABASE_ERRORS.labels("chore").inc()
        if name not in told:
            if len(told) >= MOST_TOLD:
                told.clear()
            told.add(name)
            log.exception("a step of %s failed for %s, the others go on", step.__module__, key)
        return None
    told.discard(name)
    return result


def is_there() -> bool:
    """Whether this thread's connection to the database still holds."""
    return connection.connection is not None and connection.is_usable()
