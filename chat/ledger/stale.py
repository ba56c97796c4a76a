"""Keeps two agents from answering the same message: what came since the sender looked."""

from datetime import datetime

from chat.models import GroupMessage
from chat.protocol import events

from . import references
from .threads import MESSAGE, Row, Thread

STALE_ROWS = 100
"""Newest rows that a `stale` error carries. A page that has missed more fetches the rest."""


NOBODY = ""
"""The sender of automatic answers."""


class Stale(Exception):
    """A colleague has answered since the sender looked. `rows` are the newest of what came since,
    `last_seq` is the number of the last one."""

    def __init__(self, rows: list[Row], last_seq: int):
        super().__init__(last_seq)
        self.rows = rows
        self.last_seq = last_seq

    def facts(self, thread: Thread, now: datetime) -> dict:
        """The further fields of the error event."""
        rows = references.dress(thread, self.rows)
        messages = [events.message(row, thread.uuid, thread.visitor, now) for row in rows]
        return {"messages": messages, "last_seq": self.last_seq}


def refuse_if_answered(thread: Thread, sender: str, seen: int) -> None:
    """Raises Stale where a message of a colleague of `sender` came after the seq `seen`. Bots are
    no colleagues here."""
    own = (sender, thread.visitor, NOBODY)
    newer = GroupMessage.objects.of(thread).after(seen)
    fresh = [row for row in thread.rows if row.seq > seen]
    if not (
        any(row.kind == MESSAGE and row.sender not in own and not row.by_bot for row in fresh)
        or newer.filter(message_type=MESSAGE, data__bot__isnull=True)
        .exclude(sender__in=own)
        .exists()
    ):
        return
    rows = newer.order_by("-seq")[:STALE_ROWS]
    raise Stale([*map(Row.stored, reversed(rows)), *fresh], thread.last_seq)
