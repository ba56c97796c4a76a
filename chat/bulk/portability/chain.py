"""The audit of an enterprise that has another number here: its rows are chained anew."""

from accounts.audit import chains
from accounts.models import AuditHead, AuditRow

from .form import ROWS, Unusable


def renumber(new: int, old: int) -> None:
    """The rows, stored under the number `new`, were chained under `old`. Their hashes cover it, so
    each gets another one; only if all of them fit, since what was altered would fit afterwards."""
    if new == old:
        return
    rows = AuditRow.objects.filter(chain=new).order_by("number")
    before = after = first_link(rows)
    last = 0
    while page := list(rows.filter(number__gt=last)[:ROWS]):
        for row in page:
            row.chain = old
            sound = row.number == last + 1 or not last
            if not sound or (before is not None and chains.link(before, row) != row.hash):
                raise Unusable(
                    f"Row {row.number} of its audit was altered or removed. It can only be read"
                    f" where no enterprise has the number {old}: there the audit stays as it is."
                )
            before, row.chain = row.hash, new
            row.hash = after = chains.link(after or "", row)
            last = row.number
        AuditRow.objects.bulk_update(page, ["hash"])
    head = AuditHead.objects.filter(chain=new)
    if not head.filter(number=last, hash=before or "").exists() and last:
        raise Unusable(f"The end of its audit, row {last}, is not the one that its head knows.")
    head.update(hash=after or "")


def first_link(rows) -> str | None:
    """The hash that the first row follows: that of a row which was cut off is in a later marker."""
    first = rows.first()
    if first is None or first.number == 1:
        return ""
    for row in rows.filter(action=AuditRow.Action.CUT, details__isnull=False):
        cut = chains.json.loads(row.details)
        if cut["through"] == first.number - 1:
            return cut["hash"]
    return None
