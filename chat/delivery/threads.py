"""A locked conversation in memory: its seats, and the rows that a transaction adds to it.

What is locked, counted and stored by SQL stands in ledger.py.
"""

from dataclasses import dataclass, field
from datetime import datetime

from chat.models import GroupMessage

MESSAGE, NOTICE, NOTE, AGENT_NOTICE = GroupMessage.Type.values
NOTICES = NOTICE, AGENT_NOTICE
"""What happened: never unread, and no activity."""
HIDDEN = NOTE, AGENT_NOTICE
"""What a visitor never sees."""
KINDS = {MESSAGE: "message", NOTICE: "notice", NOTE: "note", AGENT_NOTICE: "notice"}
"""What clients are told of a row's kind."""


@dataclass(slots=True)
class Seat:
    """One row of chat_group: a member's or the visitor's place in a group."""

    id: int
    member_id: str
    member_type: int
    unread: int
    read_seq: int
    joined_seq: int
    added: int = 0
    moved: bool = False
    """Whether the cursor has moved, and with it `unread`."""
    recounted: bool = False
    """Whether `unread` was counted anew while the cursor stayed."""


@dataclass(slots=True)
class Row:
    """One row of group_message. `created_at` is None while this transaction writes it, then
    the transaction's time counts; `prev_public`: see Thread.append."""

    kind: int
    sender: str
    sender_name: str
    sender_avatar: str
    content: str
    client_id: str
    data: dict | None
    """Of a notice its facts; of a message what it points at (references.py)."""
    seq: int = 0
    prev_public: int = 0
    id: int = 0
    created_at: datetime | None = None
    quote: dict | None = None
    """What an answer quotes; read, not stored."""
    answer: "Row | None" = None
    """What answers it by itself, and follows it (questions.py)."""

    @property
    def kind_name(self) -> str:
        """The kind as clients are told it."""
        return KINDS[self.kind]

    @classmethod
    def stored(cls, row: GroupMessage) -> "Row":
        return cls(
            row.message_type,
            row.sender,
            row.sender_name,
            row.sender_avatar,
            row.message_content,
            row.client_id,
            row.data,
            seq=row.seq,
            id=row.id,
            created_at=row.created_at,
        )


@dataclass(slots=True)
class Thread:
    """A locked conversation: its row, its seats, and what this transaction adds to it."""

    id: int
    uuid: str
    ent_id: str
    visitor: str
    reception_id: int | None
    last_seq: int
    public_seq: int
    message_seq: int
    open: bool
    claimed_by: str
    waiting: bool
    seats: dict[str, Seat]
    rows: list[Row] = field(default_factory=list)
    facts: dict = field(default_factory=dict)
    """Fields of the `conversation` event that changed."""
    replied: bool = False
    columns: dict | None = None
    """Further columns of the conversation that changed."""
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    """Who took a seat in this transaction, and who gave theirs up."""
    seats_changed: bool = False
    """Whether somebody sits there as something else than before."""
    merged_into: str | None = None
    """The conversation that this one became a part of; then it has no row any more."""
    events: tuple[tuple[list[str], dict], ...] = ()
    """Further events, and who is told each of them, before the rows."""
    mentioned: dict[str, int] = field(default_factory=dict)
    """Members and the last note that calls them, where that changed."""
    watching: tuple[str, ...] = ()
    """Who hears of it without a seat: a manager who acted here."""
    snoozed: bool = False
    closing: bool = False
    """The visitor was told that it closes by itself (idle.py)."""
    quarantined: bool = False
    quarantine_reason: str = ""
    """Whether it is in quarantine, and why it is or was (care/quarantine.py)."""
    was_cleared: bool = False
    """Whether this transaction ended its quarantine, while it is open."""

    def set_columns(self, **columns) -> None:
        """Columns of the conversation to be stored by `write`, beside the numbers."""
        self.columns = {**(self.columns or {}), **columns}

    def append(self, row: Row) -> Row:
        """Gives `row` the next seq and counts it as unread for the others, notices excepted.

        `prev_public` is the highest seq before it that a visitor may see.
        """
        self.last_seq += 1
        row.seq = self.last_seq
        row.prev_public = self.public_seq
        if row.kind not in HIDDEN:
            self.public_seq = row.seq
        self.rows.append(row)
        if row.kind not in NOTICES:
            if self.snoozed and row.sender == self.visitor:
                self.end_snooze()
            if self.closing:
                self.cancel_closing()
            self.message_seq = row.seq
            # Mostly everyone: this is done for each message.
            everyone = row.kind == MESSAGE and not self.quarantine_reason
            for seat in self.seats.values() if everyone else self.readers(row):
                if seat.member_id != row.sender:
                    seat.unread += 1
                    seat.added += 1
        return row

    def is_silent(self, row: Row) -> bool:
        """Whether agents are not told of the row and do not count it as unread: in quarantine, or
        in a conversation that was closed in quarantine, what the visitor writes and what answers
        automatically."""
        if not self.quarantine_reason or row.kind != MESSAGE:
            return False
        return row.sender in (self.visitor, "")

    def end_snooze(self) -> bool:
        """Ends the snooze; False if there was none."""
        if not self.snoozed:
            return False
        self.snoozed = False
        self.facts["snoozed_until"] = None
        self.set_columns(snoozed_until=None)
        return True

    def cancel_closing(self) -> None:
        """It does not close by itself any more."""
        if self.closing:
            self.closing = False
            self.set_columns(closing_at=None)

    def set_quarantine(self, since: datetime | None) -> None:
        """Holds it since then, for what it was held for before; with None no more."""
        self.quarantined = since is not None
        self.facts["held"] = self.quarantine_reason if since else None
        self.set_columns(held_since=since)

    def clear(self) -> None:
        """It is held no more, and never again; one that is closed comes in with no sound."""
        self.set_quarantine(None)
        self.quarantine_reason, self.was_cleared = "", self.open
        self.set_columns(held_for="")

    def readers(self, row: Row) -> list[Seat]:
        """The seats to which `row` is news: everyone's, the agents' alone for what is hidden, the
        visitor's for what is silent."""
        if self.is_silent(row):
            return [seat for who, seat in self.seats.items() if who == self.visitor]
        if row.kind not in HIDDEN:
            return list(self.seats.values())
        return [seat for seat in self.seats.values() if seat.member_id != self.visitor]

    def agents(self) -> list[str]:
        """Uuids of the members who sit here, the visitor left out."""
        return [who for who in self.seats if who != self.visitor]

    def seen(self) -> int:
        """How far the visitor is told that agents have read."""
        cursors = [
            (seat.read_seq, seat.joined_seq)
            for who, seat in self.seats.items()
            if who != self.visitor
        ]
        return seen_seq(cursors, self.public_seq)


def seen_seq(cursors: list[tuple[int, int]], public_seq: int) -> int:
    """The highest seq that any agent has read, of what a visitor may see; 0 for none.

    `cursors` are (read_seq, joined_seq) of the agents' seats: a newcomer begins at the present
    seq without having read what came before.
    """
    read = [read_seq for read_seq, joined_seq in cursors if read_seq > joined_seq]
    return min(max(read, default=0), public_seq)
