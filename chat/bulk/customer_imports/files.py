"""Imports as managers see them: uploaded, looked at, begun, undone, discarded; and their deletion.
jobs.py does the work."""

import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.audit import Origin
from accounts.models import Enterprise, Member
from chat import leased
from chat.customers import attributes
from chat.files import storage
from chat.models import CustomerImport, CustomerImportRow, theirs
from chat.protocol.errors import Refused

from . import tables
from .tables import refused

KEPT = timedelta(hours=24)
"""For how long an import is there after its end, or after its upload if nobody begins it."""
MOST_KEPT = 10
"""Imports of an enterprise that are there at once."""
DELETED = 5_000
"""Lines that are deleted in one statement: others wait for it on SQLite."""
State = CustomerImport.State
ENDED = (State.DONE, State.FAILED, State.UNDONE)
UNBEGUN = (State.WAITING, State.CHECKING, State.READY)
PLANNED = (CustomerImportRow.What.CREATE, CustomerImportRow.What.CHANGE)
WRITTEN = (CustomerImportRow.What.CREATED, CustomerImportRow.What.CHANGED)
BUSY = (State.WAITING, State.CHECKING, State.RUNNING, State.UNDOING)


def receive(
    member: Member, enterprise: Enterprise, file: UploadedFile, *, origin: Origin
) -> CustomerImport:
    """Stores an uploaded file, to be checked. Raises `Refused`, with the reason in `field`."""
    size = file.size or 0
    if size > tables.MOST_BYTES:
        raise refused("size")
    key = storage.new_key()
    path = path_of(key)
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(folder()).free < size + storage.MIN_FREE_BYTES:
            raise refused("disk")
        storage.write_file(path, file.chunks())
        shape, last = tables.shape_of(path, attributes.known(enterprise.code))
        with transaction.atomic():
            # One after the other, so that their number holds.
            Enterprise.objects.select_for_update().get(pk=enterprise.pk)
            if visible(enterprise).count() >= MOST_KEPT:
                raise refused("kept")
            row = CustomerImport.objects.create(
                enterprise=enterprise,
                member=member,
                name=Path(file.name or "").name[:200],
                file=key,
                shape=shape,
                lines=last,
            )
            audit.note(audit.Action.ADDED, enterprise.pk, origin, **about(row))
            return row
    except OSError as error:
        path.unlink(missing_ok=True)
        raise refused("disk") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def visible(enterprise: Enterprise) -> QuerySet[CustomerImport]:
    """The enterprise's imports, newest first."""
    rows = CustomerImport.objects.filter(enterprise=enterprise).exclude(state=State.GONE)
    return rows.select_related("enterprise", "member").order_by("-pk")


def counts(rows: Iterable[CustomerImport]) -> dict[int, dict[str, int]]:
    """How many lines of each import there are of each kind (CustomerImportRow.What)."""
    found: dict[int, dict[str, int]] = {row.pk: {} for row in rows}
    lines = CustomerImportRow.objects.filter(
        theirs(F("customer_import__enterprise__code")), customer_import__in=found
    )
    for pk, what, n in lines.values_list("customer_import", "what").annotate(Count("pk")):
        found[pk][what] = n
    return found


def begin(row: CustomerImport, ignored: bool) -> None:
    """Has a checked file stored; `ignored`: columns that nothing is read from may be left out."""
    if row.shape["unknown"] and not ignored:
        raise refused("unknown")
    move(row, [State.READY], State.RUNNING)


def undo(row: CustomerImport, now: datetime) -> None:
    if not can_undo(row, now):
        raise Refused("conflict", "It is too late, or nothing was stored.", field="state")
    move(row, [State.DONE, State.FAILED], State.UNDOING)


def can_undo(row: CustomerImport, now: datetime) -> bool:
    """Whether the import has ended by itself, and within a day."""
    ended = row.state in (State.DONE, State.FAILED)
    return bool(ended and row.finished_at and now < row.finished_at + KEPT)


def move(row: CustomerImport, former: list[str], state: str) -> None:
    """Gives the work to whoever takes it next. Refuses with conflict where somebody was faster."""
    begun = {"state": state, "done": 0, "tries": 0, "taken_at": None, "problem": ""}
    if not own(row).filter(state__in=former).update(**begun):
        raise Refused("conflict", "Somebody else was faster.", field="state")


def discard(row: CustomerImport) -> None:
    """Deletes an import that does not write, with its file; what it has stored stays."""
    if not own(row).filter(state__in=(*UNBEGUN, *ENDED)).update(state=State.GONE):
        raise Refused("conflict", "It is being stored.", field="state")
    transaction.on_commit(lambda: path_of(row.file).unlink(missing_ok=True), robust=True)


def own(row: CustomerImport) -> QuerySet[CustomerImport]:
    return CustomerImport.objects.filter(pk=row.pk, enterprise=row.enterprise_id)


def about(row: CustomerImport) -> dict[str, str]:
    """What the audit says an import is."""
    return {"kind": "customerimport", "object_id": str(row.pk), "object_name": row.name}


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "imports"


def path_of(key: str) -> Path:
    return folder() / f"{key}.csv"


def delete_old(now: datetime | None = None) -> None:
    """Deletes imports whose time is over, some lines at a time, and files without a row."""
    before = (now or timezone.now()) - KEPT
    over = Q(state__in=ENDED, finished_at__lte=before)
    unbegun = Q(state__in=UNBEGUN, created_at__lte=before)
    CustomerImport.objects.filter(over | unbegun).update(state=State.GONE)
    for pk in list(CustomerImport.objects.filter(state=State.GONE).values_list("pk", flat=True)):
        lines = CustomerImportRow.objects.filter(customer_import=pk)
        while ids := list(lines.values_list("pk", flat=True)[:DELETED]):
            CustomerImportRow.objects.filter(pk__in=ids).delete()
        CustomerImport.objects.filter(pk=pk).delete()
    # Of what has ended, nothing is read any more.
    read = CustomerImport.objects.exclude(state__in=ENDED)
    leased.delete_orphans(folder(), read.values_list("file", flat=True))
