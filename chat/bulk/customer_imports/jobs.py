"""Works on imports (chat/leased.py), whose lease is renewed with each batch.

How far one is stands in the same transaction as what the batch has done. So whoever takes it after
a process that ended goes on behind the last batch, and what has lost its key stores nothing.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TypeVar

from django.db import Error, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import audit
from accounts.audit import Origin
from chat import clock, database, leased, sweeps
from chat.customers import attributes
from chat.leased import Lost
from chat.models import CustomerImport, CustomerImportRow
from chat.models.customer_import import COLUMN
from chat.protocol.errors import Refused

from . import files, plans, tables, writing
from .files import State
from .tables import Line

log = logging.getLogger("kefu.imports")

BATCH = 200
"""Lines in one transaction, in which their visitors are locked."""
T = TypeVar("T")
TOLD = ("created", "changed", "undone", "kept")
"""The numbers of lines that the audit has."""


def take(now: datetime) -> CustomerImport | None:
    """The next import, which is this process's then."""

    def begun(row: CustomerImport) -> dict:
        return {"state": State.CHECKING if row.state == State.WAITING else row.state}

    return leased.take(CustomerImport.objects.filter(state__in=files.BUSY), now, begun)


def go_on(row: CustomerImport) -> None:
    """Does the step that the import is in; whatever happens, the row says what came of it."""
    try:
        STEPS[row.state](row)
    except Lost:
        pass
    except sweeps.Stopping:
        # Another process need not wait for the lease.
        own(row).update(taken_at=None, tries=0)
    except (OSError, Refused) as error:
        log.warning("the file of an import cannot be read: %s", error)
        fail(row, "file")
    except Error as error:
        # The lease ends, and somebody goes on.
        log.warning("the database does not answer an import: %s", error)
    except Exception:
        fail(row, "error")
        raise


def fail(row: CustomerImport, problem: str) -> None:
    own(row).update(state=State.FAILED, problem=problem, finished_at=timezone.now())


def own(row: CustomerImport) -> QuerySet[CustomerImport]:
    """The row, as long as this process's try is the one that counts."""
    return files.own(row).filter(key=row.key, state=row.state)


def pass_line(row: CustomerImport, line: int) -> None:
    """In a transaction that does something: it counts, and is behind this line afterwards."""
    if not own(row).update(done=line, taken_at=timezone.now(), tries=0):
        raise Lost


def check(row: CustomerImport) -> None:
    """Says of each line what it would do. Begun anew after a process that ended, since lines above
    name the customers that others must not name again."""
    while ids := list(row.own_rows.values_list("pk", flat=True)[: files.DELETED]):
        row.own_rows.filter(pk__in=ids).delete()
    code = row.enterprise.code
    known = attributes.known(code)
    seen: set[str] = set()
    for lines in batches(row, 0):
        with transaction.atomic():
            # It locks the visitors first: an erasure that came before has stopped this import
            # (care/erasure.py), one that comes later finds these lines.
            found = plans.make(code, lines, known, seen)
            pass_line(row, lines[-1][0])
            CustomerImportRow.objects.bulk_create(
                CustomerImportRow(
                    ent_id=code,
                    customer_import=row,
                    line=plan.line,
                    what=plan.what,
                    who=plan.who,
                    visitor=plan.visitor,
                    values=plan.values,
                    column=plan.column[:COLUMN],
                    problem=plan.problem,
                )
                for plan in found
            )
    if not own(row).update(state=State.READY, taken_at=None, done=row.lines):
        raise Lost


def run(row: CustomerImport) -> None:
    """Stores what the preview has shown."""
    known = attributes.known(row.enterprise.code)
    for lines in batches(row, row.done):
        do(row, lines[-1][0], partial(writing.store, row, lines, known))
    end(row, State.DONE)


def undo(row: CustomerImport) -> None:
    left = row.own_rows.filter(what__in=files.WRITTEN).order_by("line").values_list("pk", "line")
    for some in rested(iter(lambda: list(left[:BATCH]), [])):
        do(row, some[-1][1], partial(writing.take_back, row, [pk for pk, _line in some]))
    end(row, State.UNDONE)


STEPS: dict[str, Callable[[CustomerImport], None]] = {
    State.CHECKING: check,
    State.RUNNING: run,
    State.UNDOING: undo,
}


def batches(row: CustomerImport, after: int) -> Iterator[list[Line]]:
    lines = tables.cells_of(files.path_of(row.file), row.shape, after)
    return rested(iter(lambda: list(islice(lines, BATCH)), []))


def rested(batches: Iterable[T]) -> Iterator[T]:
    """Passes batches on, and leaves the processor to others in between."""
    worked = time.monotonic()
    for one in batches:
        yield one
        worked = leased.rest(worked)


def do(row: CustomerImport, line: int, step: Callable[[datetime], None]) -> None:
    """Does a batch up to this line in a transaction, again where another one collided with it."""

    def once() -> None:
        with transaction.atomic():
            pass_line(row, line)
            step(clock.now())

    database.retry(once)


def end(row: CustomerImport, state: str) -> None:
    """Says what came of it, also in the audit. The file is read no more."""
    ended = {"state": state, "done": row.lines, "taken_at": None, "finished_at": timezone.now()}
    with transaction.atomic():
        if not own(row).update(**ended):
            raise Lost
        found = files.counts([row])[row.pk]
        details = {name: found[name] for name in TOLD if name in found}
        origin = Origin(source="customer-import")
        about = files.about(row)
        audit.note(audit.Action.CHANGED, row.enterprise_id, origin, details=details, **about)
    files.path_of(row.file).unlink(missing_ok=True)
