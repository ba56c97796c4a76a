"""A locked conversation in memory: its seats, and the rows that a transaction adds to it.

The SQL that locks it, counts unread messages and stores it is in ledger.py.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from accounts.models import Team
from chat.models import GroupMessage
from chat.protocol.notices import Facts, Notice

from .team_settings import TeamSettings

if TYPE_CHECKING:
    from typing_extensions import Unpack

MESSAGE, NOTICE, NOTE, AGENT_NOTICE = GroupMessage.Type.values
NOTICES = NOTICE, AGENT_NOTICE
"""Rows that say what happened. They are never unread, and are no activity."""
HIDDEN = NOTE, AGENT_NOTICE
"""Rows that a visitor never sees."""
KINDS = {MESSAGE: "message", NOTICE: "notice", NOTE: "note", AGENT_NOTICE: "notice"}
"""The names that clients get for a row's kind."""


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
    """One row of group_message. `created_at` is None for a row that this transaction writes: it
    gets the transaction's time. For `prev_public` see Thread.append."""

    kind: int
    sender: str
    sender_name: str
    sender_avatar: str
    content: str
    client_id: str
    data: dict | None
    """The facts of a notice; for a message, what it points at (references.py)."""
    seq: int = 0
    prev_public: int = 0
    id: int = 0
    created_at: datetime | None = None
    quote: dict | None = None
    """The quoted message of an answer; read when it is shown, never stored."""
    current: dict | None = None
    """For the notice of an edit, the message as it is now (references.current); likewise."""
    answer: "Row | None" = None
    """The automatic answer to it, which is stored right after it (questions.py)."""

    @property
    def by_bot(self) -> bool:
        """Whether a program wrote it: a bot or a service account."""
        return bool(self.data and self.data.get("bot"))

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
            row.message_content,  # type: ignore[arg-type]  # null in no row of ours
            row.client_id,
            row.data,
            seq=row.seq,
            id=row.id,
            created_at=row.created_at,
        )

    @classmethod
    def notice(cls, notice: Notice, text: str = "", /, **facts: "Unpack[Facts]") -> "Row":
        """A notice that is not stored yet, with another text than usual where one is given."""
        kind, data = AGENT_NOTICE if notice.agents_only else NOTICE, notice.data(**facts)
        return cls(kind, "", "", "", text or notice.text(data), str(uuid.uuid4()), data)


COLUMNS = (
    *("id", "uuid", "ent_id", "visitor_id", "reception_id", "team_id"),
    *("last_seq", "public_seq", "message_seq", "open", "claimed_by", "waiting_since"),
    *("snoozed_until", "closing_at", "quarantined_since", "quarantined_for"),
    *("offered_to", "bot", "bot_asked_at", "channel"),
)
"""The columns of `conversation` that a Thread is made of."""


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
    team_id: int
    settings: TeamSettings
    """Of the teams of all conversations that were locked together."""
    rows: list[Row] = field(default_factory=list)
    facts: dict = field(default_factory=dict)
    """Fields of the `conversation` event that changed."""
    replied: bool = False
    columns: dict | None = None
    """Further columns of the conversation that changed, and their values."""
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
    """For members, the seq of the last note that mentions them, where that changed; 0 for none."""
    watching: tuple[str, ...] = ()
    """Members without a seat who are told nevertheless: a manager who acted here."""
    snoozed: bool = False
    closing: bool = False
    """Whether the visitor was warned that it is going to close by itself (idle.py)."""
    quarantined: bool = False
    quarantine_reason: str = ""
    """Whether it is in quarantine, and why it is or was (care/quarantine.py)."""
    quarantine_began: bool = False
    quarantine_ended: bool = False
    """Whether this transaction put it in quarantine, or took it out for good."""
    was_cleared: bool = False
    """Whether this transaction ended its quarantine, while it is open."""
    bot: str = ""
    asked: bool = False
    """The bot (uuid) that has the floor, and whether the visitor waits for its answer
    (conversations/floor.py)."""
    offered_to: str = ""
    """The agent to whom it is offered (conversations/offers.py)."""
    channel: str = ""
    """The kind of channel by which its visitor writes; "" for the page."""
    blocked: bool = False
    """Whether its visitor was blocked as it was locked, perhaps for a time that is over."""
    former_holder: str = ""
    """Whose claim this transaction has ended, if nobody has it now."""

    @classmethod
    def stored(cls, row: dict, settings: TeamSettings) -> "Thread":
        """A row of `conversation`, by the names of COLUMNS, without its seats."""
        return cls(
            id=row["id"],
            uuid=row["uuid"],
            ent_id=row["ent_id"],
            visitor=row["visitor_id"],
            reception_id=row["reception_id"],
            team_id=row["team_id"],
            last_seq=row["last_seq"],
            public_seq=row["public_seq"],
            message_seq=row["message_seq"],
            open=bool(row["open"]),
            claimed_by=row["claimed_by"],
            waiting=row["waiting_since"] is not None,
            snoozed=row["snoozed_until"] is not None,
            closing=row["closing_at"] is not None,
            quarantined=row["quarantined_since"] is not None,
            quarantine_reason=row["quarantined_for"],
            offered_to=row["offered_to"],
            bot=row["bot"],
            channel=row["channel"],
            asked=row["bot_asked_at"] is not None,
            seats={},
            settings=settings,
        )

    @property
    def team(self) -> Team:
        """The team that serves it; read when it is first asked for."""
        return self.settings.of(self.team_id)

    def set_columns(self, **columns: Any) -> None:
        """Has `ledger.write` store these columns of the conversation."""
        self.columns = {**(self.columns or {}), **columns}

    def tell(self, people: list[str], event: dict) -> None:
        """Has these people told an event after the commit, before they are told the rows."""
        self.events += ((people, event),)

    def append(self, row: Row) -> Row:
        """Gives `row` the next seq and counts it as unread for the others, notices excepted.

        `prev_public` is the highest seq before it that a visitor may see.
        """
        self.last_seq += 1
        row.seq = self.last_seq
        row.prev_public = self.public_seq
        kind = row.kind
        if kind not in HIDDEN:
            self.public_seq = row.seq
        self.rows.append(row)
        if kind not in NOTICES:
            if self.snoozed and row.sender == self.visitor:
                self.end_snooze()
            if self.closing:
                self.cancel_closing()
            self.message_seq = row.seq
            # Mostly everyone: this is done for each message.
            everyone = kind == MESSAGE and not self.quarantine_reason
            sender = row.sender
            for seat in self.seats.values() if everyone else self.readers(row):
                if seat.member_id != sender:
                    seat.unread += 1
                    seat.added += 1
        return row

    def notice(self, notice: Notice, text: str = "", /, **facts: "Unpack[Facts]") -> Row:
        """Appends a notice, with another text than usual where one is given."""
        return self.append(Row.notice(notice, text, **facts))

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
        """Takes back the warning: it does not close by itself any more."""
        if self.closing:
            self.closing = False
            self.set_columns(closing_at=None)

    def set_quarantine(self, since: datetime | None) -> None:
        """Puts it in quarantine since a moment, for the reason that is known; with None takes it
        out until its visitor writes again."""
        self.quarantine_began |= since is not None and not self.quarantined
        self.quarantined = since is not None
        self.facts["quarantined"] = self.quarantine_reason if since else None
        self.set_columns(quarantined_since=since)

    def clear(self) -> None:
        """Takes it out of quarantine for good. A closed one is announced like any other change."""
        self.set_quarantine(None)
        self.quarantine_ended = True
        self.quarantine_reason, self.was_cleared = "", self.open
        self.set_columns(quarantined_for="")

    def readers(self, row: Row) -> list[Seat]:
        """The seats that count `row` as unread: all of them; for a hidden row those of agents; for
        a silent one that of the visitor."""
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
