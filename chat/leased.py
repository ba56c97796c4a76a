"""Tasks that take long: rows of a table that wait, worked on one at a time for each enterprise.

A process takes a row by an UPDATE that only one can make, which gives it a new key, and renews its
lease while it works. If it ends, another process takes the row after LEASE. What is taken away
meanwhile has lost its key: the next renewal says so.
"""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from django.db.models import QuerySet
from django.utils import timezone

from chat import sweeps
from chat.files import storage
from chat.models import ArchiveExport, CustomerImport

LEASE = timedelta(seconds=60)
MOST_TRIES = 5
"""How often a row is taken; one that ends its process each time must not go on for ever."""
REST = 0.5
"""How long the thread rests, as a part of the time that it worked: people wait for the chat."""
ORPHANED = timedelta(minutes=10)
"""After how long a file of which no row tells is deleted: its row may be about to be stored."""
Row = TypeVar("Row", ArchiveExport, CustomerImport)


class Lost(Exception):
    """The row was taken away, or another process has it now."""


def take(unfinished: QuerySet[Row], now: datetime, begin: Callable[[Row], dict]) -> Row | None:
    """The oldest row of an enterprise that nobody works on, which is this process's then, with the
    columns that `begin` returns for it."""
    first: dict[int, Row] = {}
    for row in unfinished.order_by("pk"):
        first.setdefault(row.enterprise_id, row)
    for row in first.values():
        if row.taken_at and row.taken_at > now - LEASE:
            continue
        mine = unfinished.filter(pk=row.pk, key=row.key, state=row.state, taken_at=row.taken_at)
        if row.tries >= MOST_TRIES:
            mine.update(state="failed", problem="error", finished_at=now)
            continue
        key = storage.new_key()
        if mine.update(key=key, taken_at=now, tries=row.tries + 1, **begin(row)):
            return unfinished.select_related("enterprise").filter(key=key).first()
    return None


def rest(worked: float) -> float:
    """Leaves the processor to others, after work since `worked` of time.monotonic; that of now.
    Raises sweeps.Stopping where the process is about to end."""
    if sweeps.stopping.is_set():
        raise sweeps.Stopping
    time.sleep(min(REST * (time.monotonic() - worked), 1.0))
    return time.monotonic()


def delete_orphans(folder: Path, keys: Iterable[str]) -> None:
    """Deletes the files of a folder whose names begin, up to the first dot, with none of these
    keys."""
    known, oldest = set(keys), (timezone.now() - ORPHANED).timestamp()
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            if path.name.partition(".")[0] not in known and path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:
            continue  # Another process was faster.
