"""Finds an altered or removed row. Reads without a lock, a few thousand rows at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from accounts.models.audit import AuditHead, AuditRow

from . import chains
from .chains import Action

BATCH = 2000
TRIES = 3
"""Rows may be cut off while they are read; then it is read anew."""


@dataclass(slots=True)
class Verdict:
    """What was found of a chain: how many rows it has, its last row, and what is wrong first."""

    chain: int
    rows: int = 0
    number: int = 0
    hash: str = ""
    problem: str = ""


@dataclass(slots=True)
class Reader:
    """What is known of a chain between two of its rows."""

    first: AuditRow | None = None
    last: AuditRow | None = None
    cuts: dict[int, str] = field(default_factory=dict)
    """Hashes of last rows that were cut off, by number."""
    emptied: dict[str, int] = field(default_factory=dict)
    """Rows without details whose visitor's erasure has not come yet."""


def verify(chain: int) -> Verdict:
    """Checks one chain from its first row to its head."""
    for _try in range(TRIES):
        head = AuditHead.objects.filter(pk=chain).first()
        verdict = check(chain, head)
        now = AuditHead.objects.filter(pk=chain).first()
        if not verdict.problem or now is None or head is None or now.number == head.number:
            break
    return verdict


def check(chain: int, head: AuditHead | None) -> Verdict:
    verdict, reader = Verdict(chain), Reader()
    if head is None:
        verdict.problem = "the head is missing"
        return verdict
    verdict.number, verdict.hash = head.number, head.hash
    for row in rows_of(chain, head.number):
        verdict.rows += 1
        verdict.problem = check_row(reader, row)
        if verdict.problem:
            return verdict
    verdict.problem = check_end(reader, head)
    return verdict


def rows_of(chain: int, last: int) -> Iterator[AuditRow]:
    after = 0
    while True:
        found = AuditRow.objects.filter(chain=chain, number__gt=after, number__lte=last)
        rows = list(found.order_by("number")[:BATCH])
        yield from rows
        if len(rows) < BATCH:
            return
        after = rows[-1].number


def check_row(reader: Reader, row: AuditRow) -> str:
    """What is wrong with the next row; "" if nothing is."""
    if reader.last is None:
        reader.first = row
    elif row.number != reader.last.number + 1:
        return f"row {reader.last.number + 1} was removed"
    before = reader.last.hash if reader.last else "" if row.number == 1 else None
    # What the first row follows is known once the marker of the cut was read.
    if before is not None and chains.link(before, row) != row.hash:
        return f"row {row.number} was altered"
    if row.details is None and not row.visitor:
        return f"the details of row {row.number} were removed"
    if row.details is not None and chains.digest(row.details) != row.digest:
        return f"the details of row {row.number} were altered"
    if row.details is None:
        reader.emptied.setdefault(row.visitor, row.number)
    if row.action == Action.ERASED:
        reader.emptied.pop(row.visitor, None)
    if row.action == Action.CUT and row.details:
        cut = orjson.loads(row.details)
        reader.cuts[cut["through"]] = cut["hash"]
    reader.last = row
    return ""


def check_end(reader: Reader, head: AuditHead) -> str:
    first, last = reader.first, reader.last
    if (last.number if last else 0) != head.number:
        return f"row {last.number + 1 if last else 1} was removed, and all after it"
    if last is not None and last.hash != head.hash:
        return f"row {last.number} is not the one that the head knows"
    if first is not None and first.number > 1:
        before = reader.cuts.get(first.number - 1)
        if before is None:
            return f"row {first.number - 1} was removed, and all before it"
        if chains.link(before, first) != first.hash:
            return f"row {first.number} was altered"
    if AuditRow.objects.filter(chain=head.chain, number=head.number + 1).exists():
        return f"row {head.number + 1} is not known to the head"
    if reader.emptied:
        return f"the details of row {min(reader.emptied.values())} were removed"
    return ""
