"""Makes exports (chat/leased.py). Whoever takes one after a process that ended begins anew, under
another key; the file of one that is taken away, by a cancel or an erasure, is deleted.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db import Error, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from chat import leased, sweeps
from chat.leased import Lost
from chat.models import ArchiveExport, Conversation, ExportedConversation
from chat.protocol.errors import Refused

from . import exports, pages_of_rows, question
from .export_files import Writer, writer_of
from .exports import State
from .pages_of_rows import FORWARDS, Place

log = logging.getLogger("kefu.archive")

RENEWED_EVERY = 2.0
"""Seconds after which the lease is renewed and the progress told."""
BATCH = 50
"""Conversations that are read together."""
MOST = 100_000
"""Conversations of an export."""


def take(now: datetime) -> ArchiveExport | None:
    """The next export, which is this process's then."""
    unfinished = ArchiveExport.objects.filter(state__in=exports.UNFINISHED)
    former: dict[int, ArchiveExport] = {}

    def begun(row: ArchiveExport) -> dict:
        former[row.pk] = row
        return {"state": State.RUNNING, "done": 0, "percent": 0}

    if taken := leased.take(unfinished, now, begun):
        exports.remove_files([former[taken.pk]])
    return taken


def make(row: ArchiveExport) -> None:
    """Makes the file; whatever happens, the row says what came of it."""
    try:
        Making(row).run()
    except Lost:
        exports.remove_files([row])
    except sweeps.Stopping:
        # Another process need not wait for the lease.
        own(row).update(state=State.WAITING, taken_at=None, tries=F("tries") - 1)
        exports.remove_files([row])
    except TooMany:
        # Cut, it would lack the newest, and who keeps it would not know.
        fail(row, "most")
    except Refused:
        fail(row, "filters")
    except OSError as error:
        log.warning("an export cannot be written: %s", error)
        fail(row, "disk")
    except Error as error:
        # The lease ends, and somebody begins anew; the file is an orphan then.
        log.warning("the database does not answer an export: %s", error)
    except Exception:
        fail(row, "error")
        raise


def fail(row: ArchiveExport, problem: str) -> None:
    own(row).update(state=State.FAILED, problem=problem, finished_at=timezone.now())
    exports.remove_files([row])


def own(row: ArchiveExport) -> QuerySet[ArchiveExport]:
    """The row, as long as this process's try is the one that counts."""
    return ArchiveExport.objects.filter(pk=row.pk, key=row.key, state=State.RUNNING)


class TooMany(Exception):
    """The filters find more than MOST conversations."""


class Making:
    """One try to make an export's file."""

    def __init__(self, row: ArchiveExport):
        self.row = row
        self.asked = question.ask_about(row.enterprise, row.fields)
        self.known: set[str] = set()
        self.percent = 0
        self.renewed = self.worked = time.monotonic()

    def run(self) -> None:
        exports.folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        exports.check_disk()
        path = exports.path_of(self.row.key, self.row.kind)
        ExportedConversation.objects.filter(export=self.row).delete()
        with writer_of(self.row, self.asked, path, self.rest) as writer:
            for groups in self.batches():
                self.write(writer, groups)
        size = path.stat().st_size
        facts = {"done": len(self.known), "percent": 100, "size": size}
        now = timezone.now()
        if not own(self.row).update(state=State.DONE, finished_at=now, taken_at=now, **facts):
            raise Lost

    def batches(self):
        """The groups that are to be written, BATCH at a time. Ways go from the oldest activity to
        the newest: what goes on meanwhile is met further on, and none is left out."""
        chosen = self.row.chosen
        if chosen:
            for start in range(0, len(chosen), BATCH):
                self.percent = 100 * start // len(chosen)
                yield chosen[start : start + BATCH]
            return
        begin = self.asked.begin
        walk = pages_of_rows.Walk(self.asked, Place(begin, 0) if begin else None, FORWARDS)
        first = Conversation.objects.filter(ent_id=walk.code).order_by("last_activity").first()
        began = begin or (first and first.last_activity) or timezone.now()
        while not walk.ended:
            found = walk.step(BATCH)
            if walk.place:
                passed = (walk.place.at - began) / max(
                    timezone.now() - began, timedelta(microseconds=1)
                )
                self.percent = max(0, min(99, int(100 * passed)))
            yield [group for group, _place in found]
            self.rest()

    def write(self, writer: Writer, groups: list[str]) -> None:
        fresh = [group for group in groups if group not in self.known]
        if not fresh:
            return
        if len(self.known) + len(fresh) > MOST:
            raise TooMany
        with transaction.atomic():
            # Before they are read: an erasure that comes now finds this export.
            self.renew()
            ExportedConversation.objects.bulk_create(
                ExportedConversation(export=self.row, group_id=group) for group in fresh
            )
        writer.write(fresh)
        self.known.update(fresh)

    def rest(self) -> None:
        """Called now and then: leaves the processor to others, and tells that it goes on."""
        self.worked = leased.rest(self.worked)
        if self.worked - self.renewed > RENEWED_EVERY:
            self.renew()

    def renew(self) -> None:
        now, done = timezone.now(), len(self.known)
        if not own(self.row).update(taken_at=now, done=done, percent=self.percent):
            raise Lost
        self.renewed = time.monotonic()
