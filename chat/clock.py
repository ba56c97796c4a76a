"""The time by the clock of the database, on which several machines agree.

A lease, a claim or a wait that one machine writes is compared by another one. So each process
measures how far its own clock is from the database's, and goes by the latter. With SQLite there is
one machine.
"""

import logging
from datetime import datetime, timedelta, timezone

from django.db import connection
from django.utils import timezone as local

log = logging.getLogger("kefu.clock")

SAME = timedelta(seconds=1)
"""Clocks that differ by less count as the same: so much may be the way to the database."""
SLOW = timedelta(seconds=2)
"""An answer that took longer says nothing."""


class Clock:
    """`ahead` is how far the database's clock is ahead of this machine's; None until measured."""

    def __init__(self):
        self.ahead: timedelta | None = None

    def now(self) -> datetime:
        return local.now() + (self.ahead or timedelta())

    def measure(self) -> None:
        """Compares the clocks, with one statement. A difference is logged when it begins, ends or
        changes by more than SAME."""
        if connection.vendor == "sqlite":
            self.ahead = timedelta()
            return
        before = local.now()
        with connection.cursor() as cursor:
            cursor.execute("SELECT UTC_TIMESTAMP(6)")
            (theirs,) = cursor.fetchone()
        taken = local.now() - before
        if not timedelta() <= taken < SLOW:
            return
        found = theirs.replace(tzinfo=timezone.utc) - before - taken / 2
        found = found if abs(found) > SAME else timedelta()
        if abs(found - (self.ahead or timedelta())) > SAME:
            log.warning(
                "this machine's clock differs from the database's by %+.1f s; the latter counts",
                -found.total_seconds(),
            )
        self.ahead = found


clock = Clock()
now, measure = clock.now, clock.measure


def is_measured() -> bool:
    return clock.ahead is not None
