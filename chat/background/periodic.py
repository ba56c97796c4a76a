"""What each process looks after now and then, and what may take its time: ending what is over,
mails, closing what is idle, keeping for so many days only.

A task of its own, beside the beat (upkeep.py), which must be prompt: a hundred transactions here
hold up no revocation of access. They run one after the other on a thread of their own, so sockets
that read wait for none of them. Each is right whichever process does it, and asks again under the
locks; one that fails comes again at its next time.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from django.db import Error
from django.utils import timezone

from accounts import expiry
from chat import metrics, sweeps
from chat.care import blocks, quarantine, retention, wal
from chat.conversations import claims, idle, snoozes
from chat.database import call_once
from chat.files import storage
from chat.mail import answers, jobs, reminders
from chat.mail.jobs import Reminder
from chat.presence import leases
from chat.visitors import identities, site_visits

log = logging.getLogger("kefu.chores")

THREAD = ThreadPoolExecutor(1, thread_name_prefix="kefu-chores")
TICK = 1.0
"""Seconds between two looks at what is due."""
ENDING = 15
"""Seconds between two looks for what is over (claims, snoozes, blocks, leases, files, days, traces
of signing in) and for a log that is to be emptied."""
MAILING = 30
"""Seconds between two looks for what waits so long that it is mailed."""
COUNTING = 30
"""Seconds between two counts of all who are online."""
CLOSING = 60
"""Seconds between two looks for what its visitor does not go on with."""


@dataclass(slots=True)
class Chore:
    """Something to be done every so many seconds; by which it is late where others took longer."""

    every: float
    what: Callable[[], object]
    due: float = 0.0


class Walk:
    """Goes on where the last step of `step` ended: it takes a number, and returns the next one."""

    def __init__(self, step: Callable[[int], int]):
        self.step = step
        self.after = 0

    def __call__(self) -> None:
        self.after = self.step(self.after)


class Mailer:
    """Sends what `take` takes, and takes no more while some of it is still to be sent."""

    def __init__(self, take: Callable[[], list[Reminder]]):
        self.take = take
        self.sending: Future | None = None

    def __call__(self) -> None:
        if self.sending is not None and not self.sending.done():
            return
        if taken := self.take():
            self.sending = jobs.post(taken)


class Chores:
    """One event loop's chores."""

    def __init__(self):
        self.throttled = metrics.ThrottledLog(metrics.WARN_EVERY)
        # What somebody waits for comes before what only grows.
        self.all = [
            Chore(ENDING, claims.expire),
            Chore(ENDING, snoozes.expire),
            Chore(ENDING, blocks.expire),
            Chore(MAILING, jobs.find_lost),
            Chore(MAILING, Mailer(reminders.take)),
            Chore(MAILING, Mailer(answers.take)),
            Chore(COUNTING, count),
            Chore(CLOSING, idle.look),
            Chore(CLOSING, quarantine.expire),
            Chore(ENDING, leases.delete_expired),
            Chore(ENDING, forget_sessions),
            Chore(ENDING, site_visits.delete_old),
            Chore(ENDING, expiry.delete_sessions),
            Chore(ENDING, wal.empty),
            Chore(ENDING, Walk(storage.sweep)),
            Chore(ENDING, Walk(expiry.delete_failures)),
            Chore(ENDING, Walk(expiry.delete_sign_ins)),
            Chore(ENDING, Walk(retention.expire)),
        ]
        sweeps.stopping.clear()
        self.task = asyncio.create_task(self.run())

    async def run(self) -> None:
        try:
            while True:
                await asyncio.sleep(TICK)
                try:
                    await self.round()
                    metrics.PERIODIC.set(time.time())
                except Exception:
                    # Nothing would begin them again.
                    log.exception("a round of chores failed")
        finally:
            # Python waits for the thread, and bin/serve not for long.
            sweeps.stopping.set()

    async def round(self) -> None:
        """Does what is due."""
        loop = asyncio.get_running_loop()
        for chore in self.all:
            now = time.monotonic()
            if chore.due > now:
                continue
            chore.due = now + chore.every
            try:
                await loop.run_in_executor(THREAD, call_once, chore.what)
            except Error as error:
                self.throttled.warn(log, "the database does not answer: %s", error)
                metrics.DATABASE_ERRORS.labels("chore").inc()
            except sweeps.Stopping:
                return
            except Exception:
                log.exception("a chore failed")


def count() -> None:
    agents, visitors = leases.count_online()
    metrics.ONLINE.labels("agent").set(agents)
    metrics.ONLINE.labels("visitor").set(visitors)


def forget_sessions() -> None:
    identities.delete_expired(timezone.now())


begun: WeakKeyDictionary[asyncio.AbstractEventLoop, Chores] = WeakKeyDictionary()


def current() -> Chores:
    """The running loop's chores, begun at the first use (daphne knows no lifespan)."""
    loop = asyncio.get_running_loop()
    chores = begun.get(loop)
    if chores is None or chores.task.done():
        chores = begun[loop] = Chores()
    return chores
