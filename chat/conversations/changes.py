"""The one way to change conversations: lock, change, write, announce.

    with changes.begin() as change:
        thread = change.lock_one(group)
        claims.release(thread, actor, leads)

What the change has locked is written when the block ends, and announced after the commit; where
the block raises, nothing is stored or announced. So the functions that change a locked `Thread`
append notices to it and know nothing of transactions or announcements.

Locks are taken in one order, so that no two changes wait for each other: the visitor's row, members
in the order of their ids, teams, conversations in the order of their uuids (`ledger.lock`). Rows
above a conversation in that order are locked in the block before `lock`, or without waiting
(care/codes.py).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.dispatch import Signal

from chat import clock
from chat.delivery import announce
from chat.delivery.announce import Announcement, Announcements
from chat.ledger import ledger
from chat.ledger.threads import NOTICES, Row, Thread
from chat.models import Visitor
from chat.protocol.notices import Notice
from chat.stream import notes
from chat.stream.types import SILENT

from . import announcements as shapes
from . import causes, offers, outgoing, targets

settled = Signal()
"""Sent after a commit with `threads`, the conversations that it had locked. Routing listens."""


class Change:
    """The conversations that one transaction has locked, and when it changes them."""

    def __init__(self, now: datetime):
        self.now = now
        self.threads: dict[str, Thread] = {}
        self.new: list[Thread] = []
        """Those that this transaction opened."""
        self.visitor: Visitor | None = None
        """Whose conversations these are, where all of theirs are locked. Their agents are told of
        the visitor's row where any of them changes."""
        self.visitor_changed = False
        """Whether they are told in any case."""

    def lock(self, groups: Iterable[str]) -> dict[str, Thread]:
        """The conversations of `groups` by uuid, locked; unknown ones are missing. All that a
        change needs are locked by one call."""
        found = ledger.lock(set(groups))
        self.threads |= found
        return found

    def lock_one(self, group: str) -> Thread | None:
        return self.lock([group]).get(group)

    def lock_all_of(self, visitor: Visitor) -> list[Thread]:
        """All conversations of a visitor whose row the caller has locked."""
        self.visitor = visitor
        found = ledger.lock_all_of(visitor)
        self.threads |= {thread.uuid: thread for thread in found}
        return found

    def tells(self) -> bool:
        """Whether anything was appended, or is told without a row."""
        return self.visitor_changed or any(
            thread.rows or thread.events for thread in self.threads.values()
        )

    def write(self) -> None:
        for thread in self.threads.values():
            offers.settle(thread, self.now)
        targets.settle(self.threads.values())
        outgoing.settle(self.threads.values(), self.now)
        causes.settle(self.threads.values(), self.now)
        ledger.write(list(self.threads.values()), self.now)
        self.note()

    def note(self) -> None:
        """Notes for the stream what no row of it tells. Of a visitor who was erased that has been
        noted, and there is no more to tell."""
        if self.visitor is not None and self.visitor.is_erased:
            return
        new = {thread.uuid for thread in self.new}
        for thread in self.threads.values():
            if thread.quarantined and (thread.uuid in new or thread.quarantine_began):
                notes.quarantined(thread.ent_id, thread.uuid, thread.quarantine_reason, self.now)
            elif is_over(thread) and thread.uuid not in new:
                notes.quarantined(thread.ent_id, thread.uuid, "", self.now)
        if self.visitor is None:
            return
        if self.visitor_changed or any(map(is_told, self.threads.values())):
            notes.visitor_updated(self.visitor, self.now)

    def tells_visitor(self) -> bool:
        """Whether there is something to tell of the visitor's row."""
        if self.visitor is None:
            return False
        return self.visitor_changed or any(map(is_changed, self.threads.values()))

    def tell_settled(self) -> None:
        settled.send_robust(Change, threads=self.threads.values())

    def announcements(self) -> list[Announcement]:
        """What is to be told after the commit.

        All of it is stored, so nothing is raised here. Where the row or the seats of a conversation
        cannot be told, its messages are not told either: the next sync finds them by their numbers.
        """
        found = Announcements()
        left_out: set[str] = set()
        # Before the loop below, which empties the facts of conversations that it announces whole.
        counted = {each.ent_id for each in self.threads.values() if changes_counts(each)}
        for shape, threads in self.whole():
            if threads and not announce.attempt(shape, threads, found):
                left_out.update(thread.uuid for thread in threads)
        for thread in self.threads.values():
            if thread.uuid not in left_out:
                announce.attempt(announce.add_conversation, thread, self.now, found[thread.ent_id])
        if self.tells_visitor():
            to = found[self.visitor.ent_id]
            announce.attempt(announce.add_visitor, self.visitor, self.threads.values(), to)
        for ent_id in counted & found.keys():
            announce.add_hint(found[ent_id])
        return list(found.values())

    def whole(self) -> list[tuple[Callable, list[Thread]]]:
        """What has to be read for those who do not know it yet, and of which conversations."""
        cleared, seated = [], []
        for thread in self.threads.values():
            if thread.was_cleared:
                cleared.append(thread)
            elif thread.joined or thread.left or thread.seats_changed:
                seated.append(thread)
        return [
            (shapes.opened, self.new),
            (shapes.seats, seated),
            (shapes.cleared, cleared),
        ]


def is_changed(thread: Thread) -> bool:
    return bool(thread.rows or thread.facts)


def is_told(thread: Thread) -> bool:
    """Whether anything was changed but by notices that programs are not told."""
    return bool(thread.facts) or any(event_of(row) not in SILENT for row in thread.rows)


def is_over(thread: Thread) -> bool:
    """Whether programs hear without a row that it is in quarantine no more. One that is closed, as
    spam or not, is in quarantine again once its visitor writes."""
    told = {event_of(row) for row in thread.rows if row.kind in NOTICES}
    ended = thread.quarantine_ended or Notice.QUARANTINE_OVER in told
    return ended and Notice.NOT_SPAM not in told


def event_of(row: Row) -> str | None:
    """Which notice a row is, if it is one."""
    return (row.data or {}).get("event") if row.kind in NOTICES else None


def changes_counts(thread: Thread) -> bool:
    """Whether who waits, who holds it, or who has a seat has changed: a message alone does not."""
    return bool(thread.facts or thread.joined or thread.left or thread.seats_changed)


def lock_ahead(groups: Iterable[str]) -> None:
    """Locks conversations (uuids) that several changes of the caller's transaction are going to
    lock: together, so that two transactions do not wait for each other."""
    ledger.lock(set(groups))


@contextmanager
def begin(now: datetime | None = None) -> Iterator[Change]:
    """A change in a transaction of its own, or in the caller's; `now` is the time that its rows
    get. It is announced after the outermost commit."""
    with collect(now or clock.now()) as change:
        yield change
    transaction.on_commit(lambda: announce.send(change.announcements()))


@contextmanager
def collect(now: datetime) -> Iterator[Change]:
    """The same, but the caller sends `announcements()`, after its answers (posting)."""
    change = Change(now)
    with transaction.atomic():
        yield change
        change.write()
        transaction.on_commit(change.tell_settled)
