"""Periodic tasks of each process, which may take their time: ending what is over, mails, closing
idle conversations, deleting what is too old.

A task of its own, beside the tick of upkeep.py, which must be prompt: a hundred transactions here
do not delay the revocation of access. They run one after the other on a thread of their own, so
that sockets do not wait for them. Every process runs them and each task checks again under the
locks; one that fails is run again at its next time.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from django.utils import timezone

from accounts import audit, directory
from accounts.sign_ins import expiry
from chat import metrics, sweeps
from chat.archive import export_jobs, exports
from chat.bulk.customer_imports import files as customer_files
from chat.bulk.customer_imports import jobs as customer_jobs
from chat.care import blocks, quarantine, retention, wal
from chat.channels import arrivals
from chat.conversations import claims, idle, snoozes
from chat.customers import definitions
from chat.database import closing
from chat.files import storage
from chat.knowledge import pictures, timed, uses
from chat.mail import answers, jobs, parked, reminders
from chat.notifications import deliveries as notifications
from chat.presence import leases
from chat.reports import counting, report_mail
from chat.stream import sequencer
from chat.visitors import identities, site_visits
from chat.webhooks import deliveries

from .looks import DatabaseCalls, PerLoop

log = logging.getLogger("kefu.periodic")

THREAD = ThreadPoolExecutor(1, thread_name_prefix="kefu-periodic")
ELSEWHERE = ThreadPoolExecutor(1, thread_name_prefix="kefu-elsewhere")
EXPORT = ThreadPoolExecutor(1, thread_name_prefix="kefu-export")
IMPORT = ThreadPoolExecutor(1, thread_name_prefix="kefu-import")
TICK = 1.0
"""Seconds between two looks at what is due."""
ENDING_EVERY = 15
"""Seconds between two looks for what is over (claims, snoozes, blocks, leases, files, days, traces
of signing in), for articles that are to be published and for a log that is to be emptied."""
GIVING_UP_EVERY = 2
"""Seconds between two looks for what members who went offline give up."""
MAILING_EVERY = 30
"""Seconds between two looks for what waits so long that it is mailed."""
COUNTING_EVERY = 30
"""Seconds between two counts of all who are online."""
REPORTS_EVERY = 10
"""Seconds between two counts for the reports, which show what is newer all the same."""
EXPORTS_EVERY = 2
"""Seconds between two looks for an export of the archive that is to be made, or customers that are
to be imported: somebody waits."""
AUDIT_EVERY = 3600
"""Seconds between two looks for rows that are too old, at where the audit's chains end, and for
values of deleted attributes."""
DIRECTORIES_EVERY = 30
"""Seconds between two looks for a directory that is to be asked again about its members."""
CLOSING_EVERY = 60
"""Seconds between two looks for what its visitor does not go on with."""


@dataclass(slots=True)
class PeriodicTask:
    """Something to be done every so many seconds, or later where other tasks took longer."""

    every: float
    what: Callable[[], object]
    due: float = 0.0


class Sweep:
    """Calls `step` with the number that it returned last time, at first with 0."""

    def __init__(self, step: Callable[[int], int]):
        self.step = step
        self.after = 0

    def __call__(self) -> None:
        self.after = self.step(self.after)


class Beside:
    """Calls `step` on `thread`, as it takes long or waits for a machine elsewhere, and not again
    before it is done; where there is a `take`, with what this takes, if there is anything."""

    def __init__(self, thread: Executor, step: Callable, take: Callable | None = None):
        self.thread, self.step, self.take = thread, step, take
        self.running: Future | None = None

    def __call__(self) -> None:
        if self.running is not None and not self.running.done():
            return
        if self.take is None:
            self.running = self.thread.submit(closing, self.work)
        elif taken := self.take(timezone.now()):
            self.running = self.thread.submit(closing, self.work, taken)

    def work(self, *taken: object) -> None:
        try:
            self.step(*taken)
        except Exception:
            log.exception("a periodic task failed")


class PeriodicTasks:
    """One event loop's periodic tasks."""

    def __init__(self):
        self.database = DatabaseCalls(THREAD, log)
        # What somebody waits for comes before what only grows.
        self.all = [
            PeriodicTask(ENDING_EVERY, partial(claims.expire, claims.Looks())),
            PeriodicTask(ENDING_EVERY, snoozes.expire),
            PeriodicTask(ENDING_EVERY, blocks.expire),
            PeriodicTask(GIVING_UP_EVERY, claims.give_up),
            PeriodicTask(MAILING_EVERY, jobs.find_lost),
            PeriodicTask(MAILING_EVERY, Beside(jobs.POST, jobs.send, reminders.take_due)),
            PeriodicTask(MAILING_EVERY, Beside(jobs.POST, jobs.send, answers.take_due)),
            PeriodicTask(MAILING_EVERY, Beside(jobs.POST, jobs.send, report_mail.take_due)),
            PeriodicTask(MAILING_EVERY, Beside(jobs.POST, jobs.send, parked.take_due)),
            PeriodicTask(COUNTING_EVERY, count),
            PeriodicTask(CLOSING_EVERY, idle.look),
            PeriodicTask(CLOSING_EVERY, quarantine.expire),
            PeriodicTask(ENDING_EVERY, lambda: timed.publish_due(timezone.now())),
            PeriodicTask(REPORTS_EVERY, counting.count),
            PeriodicTask(DIRECTORIES_EVERY, Beside(ELSEWHERE, directory.look_after)),
            PeriodicTask(ENDING_EVERY, leases.delete_expired),
            PeriodicTask(ENDING_EVERY, lambda: identities.delete_expired(timezone.now())),
            PeriodicTask(ENDING_EVERY, site_visits.delete_old),
            PeriodicTask(ENDING_EVERY, expiry.delete_sessions),
            PeriodicTask(EXPORTS_EVERY, Beside(EXPORT, export_jobs.make, export_jobs.take)),
            PeriodicTask(ENDING_EVERY, exports.delete_old),
            PeriodicTask(EXPORTS_EVERY, Beside(IMPORT, customer_jobs.go_on, customer_jobs.take)),
            PeriodicTask(ENDING_EVERY, customer_files.delete_old),
            PeriodicTask(ENDING_EVERY, wal.empty),
            PeriodicTask(ENDING_EVERY, audit.gather),
            PeriodicTask(AUDIT_EVERY, audit.shorten),
            PeriodicTask(AUDIT_EVERY, audit.log_ends),
            PeriodicTask(AUDIT_EVERY, sequencer.delete_old),
            PeriodicTask(AUDIT_EVERY, deliveries.delete_old),
            PeriodicTask(AUDIT_EVERY, lambda: arrivals.delete_old(timezone.now())),
            PeriodicTask(AUDIT_EVERY, notifications.delete_old),
            PeriodicTask(AUDIT_EVERY, definitions.settle),
            PeriodicTask(ENDING_EVERY, Sweep(storage.sweep)),
            PeriodicTask(ENDING_EVERY, Sweep(pictures.sweep)),
            PeriodicTask(ENDING_EVERY, Sweep(expiry.delete_places)),
            PeriodicTask(ENDING_EVERY, Sweep(expiry.delete_failures)),
            PeriodicTask(ENDING_EVERY, Sweep(expiry.delete_wrong_passwords)),
            PeriodicTask(ENDING_EVERY, Sweep(expiry.delete_sign_ins)),
            PeriodicTask(ENDING_EVERY, Sweep(uses.delete_old)),
            PeriodicTask(ENDING_EVERY, Sweep(retention.forget_asked)),
            PeriodicTask(ENDING_EVERY, Sweep(retention.expire)),
            PeriodicTask(ENDING_EVERY, Sweep(retention.expire_silent)),
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
                    log.exception("a round of periodic tasks failed")
        finally:
            # Python waits for the thread, and bin/serve not for long.
            sweeps.stopping.set()

    async def round(self) -> None:
        """Does what is due."""
        for task in self.all:
            now = time.monotonic()
            if task.due > now:
                continue
            task.due = now + task.every
            try:
                await self.database.call(task.what, "a periodic task")
            except sweeps.Stopping:
                return


def count() -> None:
    agents, visitors = leases.count_online()
    metrics.ONLINE.labels("agent").set(agents)
    metrics.ONLINE.labels("visitor").set(visitors)


current = PerLoop(PeriodicTasks)
