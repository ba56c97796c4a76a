"""Has the vectors of articles made, and keeps this process's copy of them up to date: every few
seconds, in every process.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from accounts.models import Embeddings
from chat import clock, sweeps
from chat.database import call_once
from chat.embeddings import filling, finder, setting_up
from chat.knowledge import nearest

from .looks import Looks, PerLoop

log = logging.getLogger("kefu.embeddings")

THREAD = ThreadPoolExecutor(1, thread_name_prefix="kefu-embeddings")
MODEL = ThreadPoolExecutor(4, thread_name_prefix="kefu-embeddings-model")
"""Enterprises whose articles get vectors at once in a process; these threads have no database."""
EVERY = 5.0
"""Seconds between two looks, of some 50 ms for each enterprise with 20,000 articles."""


def on_database(function: Callable, *args: Any) -> Any:
    return THREAD.submit(call_once, function, *args).result()


class Runner:
    def __init__(self):
        self.looked = 0.0
        self.working: dict[int, Future] = {}
        """By the key of the settings."""

    def look(self) -> None:
        """One look, on this module's thread."""
        now = time.monotonic()
        if now - self.looked < EVERY:
            return
        self.looked = now
        rows = {row.enterprise.code: row for row in setting_up.used()}
        for gone in nearest.finders.keys() - rows.keys():
            del nearest.finders[gone]
        for code, row in rows.items():
            sweeps.run_step(self.look_at, code, row)

    def look_at(self, code: str, row: Embeddings) -> None:
        if setting_up.is_installed(row.source):
            finder.use(row)
        waits = row.leased_until is not None and row.leased_until > clock.now()
        busy = row.pk in self.working and not self.working[row.pk].done()
        if not waits and not busy and filling.missing(row).exists():
            self.working[row.pk] = MODEL.submit(self.fill, row)

    def fill(self, row: Embeddings) -> None:
        try:
            filling.fill(row, on_database)
        except Exception as error:
            # Its text may hold what somebody wrote.
            log.error("vectors could not be made: %s", type(error).__name__)


current = PerLoop(lambda: Looks(THREAD, log, Runner().look))
