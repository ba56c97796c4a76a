"""What happened, told to sockets after the commit: which event (events.py) goes to whom.

An `Announcement` collects what one transaction has to tell; `send` hands it to the sockets
of this process and to the other processes. Each event is encoded once, however many read it.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from chat import metrics
from chat.models import Visitor
from chat.protocol import events
from chat.protocol.frames import encode

from . import bus
from .hub import hub
from .threads import HIDDEN, Row, Seat, Thread

log = logging.getLogger("kefu.announce")


@dataclass(slots=True)
class Announcement:
    """Deliveries by enterprise: `events` are (recipients' uuids, JSON) in order;
    `unread` are (member, group, value, version), see hub.Totals; `stored` the kinds of the rows."""

    ent_id: str
    events: list[tuple[list[str], bytes]] = field(default_factory=list)
    unread: list[tuple[str, str, int, int]] = field(default_factory=list)
    stored: list[int] = field(default_factory=list)

    def add(self, recipients: list[str], event: dict) -> None:
        self.events.append((recipients, encode(event)))


class Announcements(dict[str, Announcement]):
    """One announcement for each enterprise, made when it is first asked for."""

    def __missing__(self, ent_id: str) -> Announcement:
        self[ent_id] = announcement = Announcement(ent_id)
        return announcement


def send_event(ent_id: str, recipients: list[str], event: dict) -> None:
    """Sends one event to people of an enterprise, by uuids and topics (hub.Hub.join). For what is
    no change of a conversation: those are announced by conversations/changes.py."""
    announcement = Announcement(ent_id)
    announcement.add(recipients, event)
    send([announcement])


def attempt(shape: Callable, *args) -> bool:
    """Shapes what is stored already. If that fails (False) it is stored all the same, and who asked
    must not be told otherwise; who was not told of it finds it with the next sync. That looks at
    numbers: of a conversation whose row or seats were not told its messages must not be either."""
    try:
        shape(*args)
    except Exception:
        log.exception("what was stored was not announced")
        return False
    return True


def send(announcements: list[Announcement]) -> None:
    """Tells this process's sockets now, the others by the bus. From any thread."""
    for announcement in announcements:
        hub.deliver(announcement.events, announcement.unread)
        bus.send(announcement)
        metrics.stored(announcement.stored)


def add_conversation(thread: Thread, now: datetime, announcement: Announcement) -> None:
    """What `ledger.write` stored for one conversation: rows, changed facts, cursors, unread."""
    agents = [*thread.agents(), *thread.watching]
    for recipients, event in thread.events:
        announcement.add(recipients, event)
    if thread.facts:
        announcement.add(agents, events.conversation(thread.uuid, thread.last_seq, thread.facts))
    for who, seq in thread.mentioned.items():
        note = next((row for row in thread.rows if row.seq == seq), None)
        announcement.add([who], events.mentioned(thread.uuid, seq, note))
    if thread.rows:
        everyone = [*thread.seats, *thread.watching]
        announcement.stored += [row.kind for row in thread.rows]
        for row in thread.rows:
            add_posted(thread, row, now, agents, everyone, announcement)
    for seat in thread.seats.values():
        if seat.moved:
            add_cursor(thread, seat, agents, announcement)
        if seat.moved or seat.added or seat.recounted:
            announcement.unread.append(unread(thread, seat))


def add_visitor(visitor: Visitor, threads: Iterable[Thread], announcement: Announcement) -> None:
    """To the agents of these conversations how the row of their visitor stands."""
    agents: set[str] = set()
    for thread in threads:
        agents |= {*thread.agents(), *thread.watching}
    announcement.add(sorted(agents), events.visitor(visitor))


def add_posted(
    thread: Thread,
    row: Row,
    now: datetime,
    agents: list[str],
    everyone: list[str],
    announcement: Announcement,
) -> None:
    """message.posted; the visitor's `prev` differs from the agents' only after a note. Agents hear
    of no message that is held."""
    message = encode(events.message(row, thread.uuid, thread.visitor, now))
    event = partial(events.posted_json, message)
    if row.kind in HIDDEN:
        # A manager who notes without a seat has other windows, too. Who goes with a word to the
        # colleagues sits there no more, and hears nothing.
        gone = not row.sender or row.sender in everyone or row.sender in thread.left
        looking = [] if gone else [row.sender]
        announcement.events.append(([*agents, *looking], event(row.seq - 1)))
    elif thread.is_silent(row):
        announcement.events.append(([thread.visitor], event(row.prev_public)))
    elif row.prev_public == row.seq - 1:
        announcement.events.append((everyone, event(row.seq - 1)))
    else:
        announcement.events.append((agents, event(row.seq - 1)))
        announcement.events.append(([thread.visitor], event(row.prev_public)))


def add_cursor(thread: Thread, seat: Seat, agents: list[str], announcement: Announcement) -> None:
    """A moved cursor: to the agents whose it is, to the visitor how far agents have read. Agents
    are not told of the cursor of a visitor who is held."""
    if seat.member_id == thread.visitor and thread.quarantine_reason:
        return
    announcement.add(agents, events.cursor(thread.uuid, seat.member_id, seat.read_seq))
    seen = thread.seen()
    if seat.member_id != thread.visitor and seen == min(seat.read_seq, thread.public_seq):
        announcement.add([thread.visitor], events.seen(thread.uuid, seen))


def unread(thread: Thread, seat: Seat) -> tuple[str, str, int, int]:
    """A seat's unread with its version: last_seq and read_seq only grow, so does their sum."""
    return seat.member_id, thread.uuid, seat.unread, thread.last_seq + seat.read_seq
