"""Begins and ends a visitor's wait for a person. When a block or a close is undone, the wait that
it ended goes on; `since` finds the time of its beginning in the rows of the conversation."""

from datetime import datetime

from chat.ledger.threads import MESSAGE, NOTICES, Row, Thread
from chat.models import GroupMessage
from chat.protocol.notices import Notice
from chat.reading.undone import Leaving

BEGINNINGS = Notice.MOVED, Notice.HANDED_OVER, Notice.NOT_SPAM
"""What lets a visitor wait for people, whatever they wrote before."""


def wait(thread: Thread, since: datetime) -> None:
    """Begins a wait for a person at `since`. A wait that has begun already keeps its time."""
    if not thread.waiting:
        thread.waiting = True
        thread.facts["waiting_since"] = since


def stop_waiting(thread: Thread) -> None:
    if thread.waiting:
        thread.waiting = False
        thread.facts["waiting_since"] = None


def since(thread: Thread, now: datetime) -> datetime | None:
    """When the visitor's wait began, or None if they do not wait. The conversation is open, or its
    last row closed it.

    A wait begins with the visitor's first message, or one of BEGINNINGS, after the last answer in
    the reception, a person's or a bot's. A close that was undone at once ends no reception here.
    Quick questions and what answers by itself count for nothing, and what was recalled counts like
    before.
    """
    rows = GroupMessage.objects.of(thread).filter(message_type__in=(MESSAGE, *NOTICES))
    answers = rows.exclude(sender__in=("", thread.visitor))
    answers = answers.filter(data__automatic__isnull=True, data__invitation__isnull=True)
    answered = answers.order_by("-seq").values_list("seq", flat=True).first() or 0
    found = [Row.stored(row) for row in rows.after(answered)]
    undone = Leaving(thread.visitor, now).read(map(facts, found)).left_out
    begun = None
    for row in found:
        if event_of(row) == "reopened" and row.seq not in undone:
            begun = None
        elif event_of(row) in BEGINNINGS or is_asked(row, thread.visitor):
            begun = begun or row.created_at
    return begun


def facts(row: Row) -> dict:
    return {"seq": row.seq, "created_at": row.created_at, "data": row.data}


def event_of(row: Row) -> str | None:
    return (row.data or {}).get("event")


def is_asked(row: Row, visitor: str) -> bool:
    """Whether it is a message of the visitor's that a person has to answer."""
    return row.sender == visitor and "question" not in (row.data or {})
