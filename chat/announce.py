"""What happened, as events for sockets: the shapes of docs/protocol.md, after commit only.

An `Announcement` collects what one transaction has to tell; `send` hands it to the sockets
of this process and to the other processes. Each event is encoded once, however many read it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from . import bus, metrics
from .frames import encode
from .hub import hub
from .models import Visitor
from .threads import AGENT_NOTICE, HIDDEN, MESSAGE, NOTE, NOTICE, NOTICES, Row, Seat, Thread

log = logging.getLogger("kefu.announce")

KINDS = {MESSAGE: "message", NOTICE: "notice", NOTE: "note", AGENT_NOTICE: "notice"}


@dataclass(slots=True)
class Announcement:
    """Deliveries by enterprise: `events` are (recipients' uuids, JSON) in order;
    `unread` are (member, group, value, version), see hub.Totals; `stored` the kinds of the rows."""

    ent_id: str
    events: list[tuple[list[str], bytes]] = field(default_factory=list)
    unread: list[tuple[str, str, int, int]] = field(default_factory=list)
    stored: list[int] = field(default_factory=list)

    def to(self, recipients: list[str], event: dict) -> None:
        self.events.append((recipients, encode(event)))


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


def of_thread(thread: Thread, now: datetime, announcement: Announcement) -> None:
    """What `ledger.write` stored for one conversation: rows, changed facts, cursors, unread."""
    agents = [*thread.agents(), *thread.watching]
    if thread.facts:
        event = {"type": "conversation", "group": thread.uuid, "version": thread.last_seq}
        announcement.to(agents, event | thread.facts)
    for who, seq in thread.mentioned.items():
        announcement.to([who], mentioned(thread, seq))
    if thread.rows:
        everyone = [*thread.seats, *thread.watching]
        announcement.stored += [row.kind for row in thread.rows]
        for row in thread.rows:
            posted(thread, row, now, agents, everyone, announcement)
    for seat in thread.seats.values():
        if seat.moved:
            read(thread, seat, agents, announcement)
        if seat.moved or seat.added:
            announcement.unread.append(unread(thread, seat))


def of_visitor(
    visitor: Visitor, threads: list[Thread], now: datetime, announcement: Announcement
) -> None:
    """What was stored for all conversations of a visitor, and to their agents how the visitor's
    own row stands."""
    agents: set[str] = set()
    for thread in threads:
        agents |= {*thread.agents(), *thread.watching}
        of_thread(thread, now, announcement)
    announcement.to(sorted(agents), {"type": "visitor", **about(visitor)})


def about(visitor: Visitor) -> dict:
    """What is stored of a visitor, as agents see it."""
    return {
        "visitor": visitor.uuid,
        "name": visitor.label,
        "contact": visitor.contact,
        "identity": visitor.identity or None,
        "referrer": visitor.referrer,
        "language": visitor.language,
        "device": visitor.device,
        "browser": visitor.browser,
        "address": visitor.address,
        "path": visitor.path,
        "created_at": visitor.created_at,
        "consented_at": visitor.consented_at,
        "blocked": block_of(visitor),
        "erased": visitor.is_erased,
    }


def block_of(visitor: Visitor) -> dict | None:
    """Until when a visitor is blocked (None: for good), why, and by whom."""
    if not visitor.is_blocked:
        return None
    reason, name = visitor.block_reason, visitor.blocked_by
    return {"until": visitor.blocked_until, "reason": reason, "by_name": name}


def posted(
    thread: Thread,
    row: Row,
    now: datetime,
    agents: list[str],
    everyone: list[str],
    announcement: Announcement,
) -> None:
    """message.posted; the visitor's `prev` differs from the agents' only after a note. Agents hear
    of no message that is held."""
    message = encode(message_of(row, thread.uuid, thread.visitor, now))

    def event(prev: int) -> bytes:
        return b'{"type":"message.posted","message":%b,"prev":%d}' % (message, prev)

    if row.kind in HIDDEN:
        # A manager who notes without a seat has other windows, too. Who goes with a word to the
        # colleagues sits there no more, and hears nothing.
        gone = not row.sender or row.sender in everyone or row.sender in thread.left
        looking = [] if gone else [row.sender]
        announcement.events.append(([*agents, *looking], event(row.seq - 1)))
    elif thread.silent(row):
        announcement.events.append(([thread.visitor], event(row.prev_public)))
    elif row.prev_public == row.seq - 1:
        announcement.events.append((everyone, event(row.seq - 1)))
    else:
        announcement.events.append((agents, event(row.seq - 1)))
        announcement.events.append(([thread.visitor], event(row.prev_public)))


def mentioned(thread: Thread, seq: int) -> dict:
    """The last note that calls a member, and who wrote it; 0 after a recall of the only one."""
    event = {"type": "mentioned", "group": thread.uuid, "seq": seq}
    for row in thread.rows:
        if row.seq == seq:
            event |= {"member": row.sender, "name": row.sender_name}
    return event


def message_of(row: Row, group: str, visitor: str, now: datetime | None = None) -> dict:
    """The message object of a row; `now` is the time of one that was just stored."""
    message = {
        "id": row.id,
        "group": group,
        "seq": row.seq,
        "kind": KINDS[row.kind],
        "sender": row.sender,
        "sender_name": row.sender_name,
        "sender_avatar": row.sender_avatar,
        "sender_role": role(row.sender, visitor),
        "content": row.content,
        "client_id": row.client_id,
        "created_at": row.created_at or now,
        "attachment": None,
        "data": row.data,
    }
    if row.data and row.kind in NOTICES:
        # A recalled one keeps its sender, whose retry must find it.
        message["sender_role"] = "system"
    elif row.data:
        message["data"] = None
        if "attachment" in row.data:
            message["attachment"] = attachment_of(row.data["attachment"])
        if row.quote:
            message["reply_to"] = row.quote
        if "mentions" in row.data:
            message["mentions"] = row.data["mentions"]
        if "question" in row.data:
            message["question"] = row.data["question"]
        if "automatic" in row.data:
            message |= {"automatic": True, "sender_role": "agent"}
    return message


def attachment_of(file: dict) -> dict:
    """A message's file as pages see it; the address opens for the people of its group only."""
    facts = dict(file)
    url = f"/files/{facts.pop('key')}/"
    return {"url": url, "thumbnail": f"{url}small/" if file["width"] else None, **facts}


def role(sender: str, visitor: str) -> str:
    """Who wrote a row: system (no sender), the conversation's visitor, or an agent."""
    if not sender:
        return "system"
    return "visitor" if sender == visitor else "agent"


def read(thread: Thread, seat: Seat, agents: list[str], announcement: Announcement) -> None:
    """A moved cursor: to the agents whose it is, to the visitor how far agents have read. Agents
    are not told of the cursor of a visitor who is held."""
    if seat.member_id == thread.visitor and thread.held_for:
        return
    event = {"type": "read", "group": thread.uuid, "member": seat.member_id, "seq": seat.read_seq}
    announcement.to(agents, event)
    seen = thread.seen()
    if seat.member_id != thread.visitor and seen == min(seat.read_seq, thread.public_seq):
        announcement.to([thread.visitor], {"type": "read", "group": thread.uuid, "seq": seen})


def unread(thread: Thread, seat: Seat) -> tuple[str, str, int, int]:
    """A seat's unread with its version: last_seq and read_seq only grow, so does their sum."""
    return seat.member_id, thread.uuid, seat.unread, thread.last_seq + seat.read_seq


def accepted(client_id: str, group: str, seq: int, id: int, created_at: datetime) -> dict:
    """The answer to a stored message, the same at every retry."""
    return {
        "type": "message.accepted",
        "client_id": client_id,
        "group": group,
        "seq": seq,
        "id": id,
        "created_at": created_at,
    }
