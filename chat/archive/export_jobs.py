"""Makes exports, one at a time for each enterprise, on a thread that may take its time.

A process takes an export by an UPDATE that only one can make, and renews its lease while it works.
If it ends, another process takes the export after LEASE and begins anew, under another key. What is
taken away meanwhile, by a cancel or an erasure, has lost its key: the next renewal says so, and the
file is deleted.
"""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import Error, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from chat import sweeps
from chat.files import storage
from chat.models import ArchiveExport, Conversation, ExportedConversation
from chat.protocol.errors import Refused

from . import exports, pages_of_rows, question
from .export_files import Writer, writer_of
from .exports import State
from .pages_of_rows import FORWARDS, Place

log = logging.getLogger("kefu.archive")

LEASE = timedelta(seconds=60)
RENEWED_EVERY = 2.0
"""Seconds after which the lease is renewed and the progress told."""
BATCH = 50
"""Conversations that are read together."""
MOST = 100_000
"""Conversations of an export."""
MOST_TRIES = 5
"""How often an export is begun; one that ends its process each time must not go on for ever."""
REST = 0.5
"""How long the thread rests, as a part of the time that it worked: people wait for the chat."""
THREAD = ThreadPoolExecutor(1, thread_name_prefix="kefu-export")
running: Future | None = None


class Lost(Exception):
    """The export was cancelled, or another process has it now."""


def look() -> None:
    """Takes the next export, unless this process makes one."""
    global running
    if running is None or running.done():
        taken = take(timezone.now())
        running = THREAD.submit(work, taken) if taken else None


def take(now: datetime) -> ArchiveExport | None:
    """The oldest export of an enterprise that nobody works on, which is this process's then."""
    unfinished = ArchiveExport.objects.filter(state__in=exports.UNFINISHED)
    first: dict[int, ArchiveExport] = {}
    for row in unfinished.order_by("pk"):
        first.setdefault(row.enterprise_id, row)
    for row in first.values():
        if row.taken_at and row.taken_at > now - LEASE:
            continue
        mine = unfinished.filter(pk=row.pk, key=row.key, taken_at=row.taken_at)
        if row.tries >= MOST_TRIES:
            mine.update(state=State.FAILED, problem="error", finished_at=now)
            continue
        key = storage.new_key()
        begun = {"state": State.RUNNING, "key": key, "taken_at": now, "tries": row.tries + 1}
        if mine.update(**begun, done=0, percent=0):
            exports.path_of(row.key, row.kind).unlink(missing_ok=True)
            return ArchiveExport.objects.select_related("enterprise").filter(key=key).first()
    return None


def work(row: ArchiveExport) -> None:
    try:
        make(row)
    except Exception:
        log.exception("an export failed")
    finally:
        connection.close()


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
        while not walk.ended and len(self.known) < MOST:
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
        if sweeps.stopping.is_set():
            raise sweeps.Stopping
        time.sleep(min(REST * (time.monotonic() - self.worked), 1.0))
        self.worked = time.monotonic()
        if self.worked - self.renewed > RENEWED_EVERY:
            self.renew()

    def renew(self) -> None:
        now, done = timezone.now(), len(self.known)
        if not own(self.row).update(taken_at=now, done=done, percent=self.percent):
            raise Lost
        self.renewed = time.monotonic()
