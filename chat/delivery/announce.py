"""Says after a commit which event (protocol/events.py) goes to whom.

An `Announcement` collects the events of one transaction for one enterprise; `send` hands it to the
sockets of this process and to the other processes. Each event is encoded once for all readers.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from chat import metrics
from chat.ledger import access, visible_names
from chat.ledger.threads import HIDDEN, Row, Seat, Thread
from chat.models import Visitor
from chat.protocol import events
from chat.protocol.frames import encode

from . import bus
from .hub import hub

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


def watching(ent_id: str) -> str:
    """The topic (hub.Hub.join) of those who look at an enterprise's live view."""
    return f"live:{ent_id}"


def send_event(ent_id: str, recipients: list[str], event: dict) -> None:
    """Sends one event to recipients of an enterprise: uuids, or topics (hub.Hub.join). Only for
    events that are not changes of a conversation: conversations/changes.py announces those."""
    announcement = Announcement(ent_id)
    announcement.add(recipients, event)
    send([announcement])


def attempt(shape: Callable, *args) -> bool:
    """Calls `shape`, which adds events for something that is stored already. Returns False if that
    fails; the caller must not report an error then, since the data is stored. Clients get what was
    not announced with their next sync. The sync compares numbers, so if the row or the seats of a
    conversation were not announced, its messages must not be announced either."""
    try:
        shape(*args)
    except Exception:
        log.exception("what was stored was not announced")
        return False
    return True


def send(announcements: list[Announcement]) -> None:
    """Sends to the sockets of this process at once, to other processes by the bus. May be called
    from any thread."""
    for announcement in announcements:
        hub.deliver(announcement.ent_id, announcement.events, announcement.unread)
        if announcement.events or announcement.unread:
            bus.send(announcement)
        metrics.count_stored(announcement.stored)


def add_hint(announcement: Announcement) -> None:
    """Adds that something has changed of what the live view shows."""
    announcement.events.append(([watching(announcement.ent_id)], events.CHANGED))


def add_conversation(thread: Thread, now: datetime, announcement: Announcement) -> None:
    """Adds what `ledger.write` stored for one conversation: rows, facts, cursors, unread counts."""
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
        if seat.moved or seat.added or seat.recounted or thread.was_cleared:
            announcement.unread.append(unread(thread, seat))


def add_visitor(visitor: Visitor, threads: Iterable[Thread], announcement: Announcement) -> None:
    """Adds the present row of a visitor, for the agents of these conversations."""
    agents: set[str] = set()
    for thread in threads:
        agents |= {*thread.agents(), *thread.watching}
    add_facts(visitor, agents, announcement)


def send_visitor(visitor: Visitor, linked: bool = False) -> None:
    """Sends the present row of a visitor to their agents. `linked` is as in events.visitor."""
    announcement = Announcement(visitor.ent_id)
    add_facts(visitor, access.agents_of_visitor(visitor.uuid), announcement, linked)
    send([announcement])


def add_facts(
    visitor: Visitor, agents: Iterable[str], announcement: Announcement, linked: bool = False
) -> None:
    """Adds what is stored of a visitor, to each as much as they see of it."""
    masked = access.without_contacts(agents)
    for sees, some in ((True, set(agents) - masked), (False, masked)):
        if some:
            announcement.add(sorted(some), events.visitor(visitor, sees, linked))


def add_posted(
    thread: Thread,
    row: Row,
    now: datetime,
    agents: list[str],
    everyone: list[str],
    announcement: Announcement,
) -> None:
    """Adds `message.posted`. The visitor's differs from that of the agents by its `prev` after a
    hidden row, and by names (visible_names.py). Agents are not told of silent rows
    (Thread.is_silent)."""
    message = events.message(row, thread.uuid, thread.visitor, now)
    event = partial(events.posted_json, encode(message))
    if row.kind in HIDDEN:
        # A manager without a seat who writes a note has other windows, too. An agent who leaves
        # with a note has no seat any more and is not told.
        gone = not row.sender or row.sender in everyone or row.sender in thread.left
        looking = [] if gone else [row.sender]
        announcement.events.append(([*agents, *looking], event(row.seq - 1)))
        return
    (shown,) = visible_names.for_visitor([message], thread.visitor)
    to_visitor = event if shown is message else partial(events.posted_json, encode(shown))
    if thread.is_silent(row):
        announcement.events.append(([thread.visitor], to_visitor(row.prev_public)))
    elif shown is message and row.prev_public == row.seq - 1:
        announcement.events.append((everyone, event(row.seq - 1)))
    else:
        announcement.events.append((agents, event(row.seq - 1)))
        announcement.events.append(([thread.visitor], to_visitor(row.prev_public)))


def add_cursor(thread: Thread, seat: Seat, agents: list[str], announcement: Announcement) -> None:
    """Adds a cursor that moved: for agents the member and the seq, for the visitor how far agents
    have read. Agents are not told how far a visitor in quarantine has read."""
    if seat.member_id == thread.visitor and thread.quarantine_reason:
        return
    announcement.add(agents, events.cursor(thread.uuid, seat.member_id, seat.read_seq))
    seen = thread.seen()
    if seat.member_id != thread.visitor and seen == min(seat.read_seq, thread.public_seq):
        announcement.add([thread.visitor], events.seen(thread.uuid, seen))


def unread(thread: Thread, seat: Seat) -> tuple[str, str, int, int]:
    """A seat's unread count with its version. last_seq and read_seq only grow, so their sum
    does."""
    return seat.member_id, thread.uuid, seat.unread, thread.last_seq + seat.read_seq
