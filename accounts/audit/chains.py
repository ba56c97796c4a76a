"""The rows, each chained to the one before: adding them, and emptying their details.

The hash of a row covers the hash before it, all its columns, and the digest of its details. So a
row that was altered, removed or slipped in no longer fits (verification.py), while details can be
erased: their digest stays.
"""

import hashlib
import json
from dataclasses import dataclass, field
from itertools import groupby

from django.utils import timezone

from accounts.models import Enterprise
from accounts.models.audit import INSTALLATION, AuditHead, AuditRow

from .origins import Origin

Action = AuditRow.Action
COVERED = (
    *("chain", "number", "actor", "actor_name", "source", "address"),
    *("action", "kind", "object_id", "object_name", "visitor", "digest"),
)
"""The columns that the hash covers as they are, besides the time."""


@dataclass(slots=True)
class Entry:
    """What becomes a row; the fields are its columns."""

    chain: int
    action: str
    origin: Origin
    kind: str = ""
    object_id: str = ""
    object_name: str = ""
    visitor: str = ""
    details: dict = field(default_factory=dict)


def chain_of(code: str) -> int:
    """The chain of the enterprise with this code."""
    found = Enterprise.objects.filter(code=code).values_list("pk", flat=True).first()
    return INSTALLATION if found is None else found


def append(entries: list[Entry]) -> None:
    """Adds rows for these entries, in the caller's transaction. Locks the heads of their chains,
    so whatever else is to be locked comes before."""
    for chain, some in groupby(sorted(entries, key=chain_key), key=chain_key):
        head = locked_head(chain)
        AuditRow.objects.bulk_create([next_row(head, entry) for entry in some])
        head.save(update_fields=["number", "hash"])


def chain_key(entry: Entry) -> int:
    return entry.chain


def locked_head(chain: int) -> AuditHead:
    heads = AuditHead.objects.select_for_update()
    found = heads.filter(pk=chain).first()
    if found is None:
        AuditHead.objects.get_or_create(pk=chain)
        found = heads.get(pk=chain)
    return found


def next_row(head: AuditHead, entry: Entry) -> AuditRow:
    """The row that follows the head, which moves on to it."""
    details = as_text(entry.details)
    row = AuditRow(
        chain=entry.chain,
        number=head.number + 1,
        at=timezone.now(),
        actor=entry.origin.actor,
        actor_name=entry.origin.name[:125],
        source=entry.origin.source[:100],
        address=entry.origin.address[:45],
        action=entry.action,
        kind=entry.kind,
        object_id=entry.object_id,
        object_name=entry.object_name[:200],
        visitor=entry.visitor,
        details=details,
        digest=digest(details),
    )
    row.hash = link(head.hash, row)
    head.number, head.hash = row.number, row.hash
    return row


def as_text(details: dict) -> str:
    return json.dumps(details, ensure_ascii=False, sort_keys=True, default=str)


def digest(details: str) -> str:
    return hashlib.sha256(details.encode()).hexdigest()


def link(before: str, row: AuditRow) -> str:
    """The hash of a row that follows one with the hash `before`."""
    values = [before, row.at.isoformat(), *(str(getattr(row, name)) for name in COVERED)]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def forget(visitor: str, chain: int) -> None:
    """Erases the details of all rows of a chain about a visitor (uuid). Whoever does it notes the
    erasure afterwards: without its row the empty details would be found."""
    AuditRow.objects.filter(visitor=visitor, chain=chain).update(details=None)
