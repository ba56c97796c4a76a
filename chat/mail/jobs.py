"""Mail jobs: mails that one process has taken, and sends on a thread that may wait.

The process that looks first takes what is due, by an UPDATE that only one can make. The same
transaction stores a job (models.MailJob), which says how the mails become due again. The job is
deleted when a mail server has accepted the mails. If the process ends before that, another process
makes them due again after some minutes. So each mail is sent at least once; it is sent twice only
where a process ended, or the database was lost, between the mail server's answer and the deletion
of the job.
"""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.apps import apps
from django.core.mail import EmailMessage
from django.db import Error, connection, models, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.mails import deliver, keep_outcome
from chat import sweeps
from chat.models import MailJob

from . import daily, delayed

log = logging.getLogger("kefu.mail")

GIVE_UP = 60
"""Seconds after which a mail server that has taken nothing yet is not asked any more."""
LOST = timedelta(minutes=5)
"""After how long a job of which nothing was heard is made due again: its process tells before each
mail that it still sends, and one mail takes seconds."""
POST = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kefu-mail")
"""Not the one of password links: somebody waits for those."""


@dataclass(slots=True)
class Undo:
    """How something becomes due again: in these rows `column` became `taken` when it was taken, and
    was `before`."""

    model: type[models.Model]
    ids: list[int]
    column: str
    taken: datetime | int
    before: int | None = None

    def stored(self) -> list:
        taken = self.taken.isoformat() if isinstance(self.taken, datetime) else self.taken
        return [self.model._meta.label, self.ids, self.column, taken, self.before]


@dataclass(slots=True)
class Reminder:
    """Mails that were taken, the id of their job, and that of their enterprise. Where no person
    wrote them for their readers (`automatic`), they are counted (daily.py)."""

    job: int
    enterprise: int
    mails: list[EmailMessage] = field(default_factory=list)
    automatic: bool = False


def store(*changes: Undo) -> int:
    """Stores a job in the transaction that made these changes; returns its id."""
    undo = [change.stored() for change in changes]
    return MailJob.objects.create(taken_at=timezone.now(), undo=undo).pk


def gathered(found: Iterator[Reminder]) -> list[Reminder]:
    """What a look takes, also where it fails in the middle: what was taken is not found again
    before its job is given back, and what fails each time must not keep it from being sent."""
    taken = []
    try:
        for each in found:
            taken.append(each)  # noqa: PERF402  (one by one: the next may fail)
    except Error as error:
        if not taken:
            raise
        log.warning("a look for mails ended early: %s", error)
        connection.close()
    except Exception:
        log.exception("a look for mails ended early")
    return taken


def send(reminders: list[Reminder]) -> None:
    """Sends what was taken. What no server takes is due again; what the database does not answer
    for is left to whoever finds the job."""
    for reminder in reminders:
        try:
            delivered, left_out = deliver_all(reminder)
            if is_to_repeat(delivered):
                make_due_again(reminder.job, timezone.now())
            elif left_out:
                hold(reminder.job)
            else:
                MailJob.objects.filter(pk=reminder.job).delete()
            if delivered:
                keep_outcome(reminder.enterprise, not is_to_repeat(delivered))
        except Error as error:
            log.warning("whether a mail was sent is not stored, it may go out twice: %s", error)


def deliver_all(reminder: Reminder) -> tuple[list[bool | None], bool]:
    """What came of each mail that was sent (mails.deliver), and whether a reader was left out, who
    has got so many automatic mails today that it waits for tomorrow. A job that waited here for so
    long that it is not there any more is left to who sends it now."""
    began, left_out = time.monotonic(), False
    delivered: list[bool | None] = []
    for each in reminder.mails:
        mine = MailJob.objects.filter(pk=reminder.job)
        if not mine.update(taken_at=timezone.now()):
            break
        now = timezone.now()
        if reminder.automatic and not daily.take(each.to[0], now):
            left_out = True
            continue
        delivered.append(deliver(each))
        if reminder.automatic and not delivered[-1]:
            daily.give_back(each.to[0], now)
        if is_to_repeat(delivered) and time.monotonic() - began > GIVE_UP:
            break
    return delivered, left_out


def is_to_repeat(delivered: list[bool | None]) -> bool:
    """Whether a server has taken none of these, and may take one later: an address that is refused
    for good (None) is not tried again."""
    return False in delivered and True not in delivered


def hold(job: int) -> None:
    """Leaves a job until the next day, when find_lost makes it due again, for all of its readers.
    Until then it lies in the future (`held`)."""
    with transaction.atomic():
        found = MailJob.objects.filter(pk=job)
        found.update(taken_at=daily.next_day(timezone.now()))
        for undo in found.values_list("undo", flat=True):
            delayed.show(undo)


def held() -> QuerySet[MailJob]:
    """The jobs that wait for the next day, or since it began for find_lost: no other lies exactly
    at a midnight."""
    midnight = daily.next_day(timezone.now())
    return MailJob.objects.filter(taken_at__in=[midnight - timedelta(days=1), midnight])


def make_due_again(job: int, before: datetime) -> None:
    """Makes due again what a job took that is older than `before`; several processes may try."""
    with transaction.atomic():
        mine = MailJob.objects.select_for_update().filter(pk=job, taken_at__lte=before)
        for changed in mine.values_list("undo", flat=True):
            delayed.clear(changed)
            for label, ids, column, taken, former in changed:
                rows = apps.get_model(label)._default_manager.filter(pk__in=ids, **{column: taken})
                rows.update(**{column: former})
        mine.delete()


def find_lost(now: datetime | None = None) -> None:
    """Makes due again what was taken by processes that have ended since."""
    before = (now or timezone.now()) - LOST
    lost = MailJob.objects.filter(taken_at__lte=before).order_by("pk")
    for job in list(lost.values_list("pk", flat=True)):
        sweeps.run_step(make_due_again, job, before)
