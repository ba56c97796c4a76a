"""The guard before two agents answer the same: what came since the sender looked."""

from dataclasses import dataclass
from datetime import datetime

from chat.models import GroupMessage
from chat.protocol import events

from . import references
from .threads import MESSAGE, Row, Thread

STALE_ROWS = 100
"""Newest rows that a `stale` error carries; whoever has missed more has a gap to fetch."""


NOBODY = ""
"""Whose the automatic answers are."""


@dataclass(slots=True)
class Stale:
    """A colleague answered since `seen`: all that came since."""

    rows: list[Row]
    last_seq: int

    def facts(self, thread: Thread, now: datetime) -> dict:
        """What the error tells beside its code."""
        rows = references.dress(thread.uuid, self.rows)
        messages = [events.message(row, thread.uuid, thread.visitor, now) for row in rows]
        return {"messages": messages, "last_seq": self.last_seq}


def colleague_answered(thread: Thread, sender: str, seen: int) -> Stale | None:
    """What came since `seen`, if a message of a colleague of `sender` is among it."""
    own = (sender, thread.visitor, NOBODY)
    newer = GroupMessage.objects.in_group(thread.uuid).after(seen)
    fresh = [row for row in thread.rows if row.seq > seen]
    if not (
        any(row.kind == MESSAGE and row.sender not in own for row in fresh)
        or newer.filter(message_type=MESSAGE).exclude(sender__in=own).exists()
    ):
        return None
    rows = newer.order_by("-seq")[:STALE_ROWS]
    return Stale([*map(Row.stored, reversed(rows)), *fresh], thread.last_seq)
