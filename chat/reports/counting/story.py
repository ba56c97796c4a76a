"""What reports count in one conversation, told from its rows in their order.

Nothing here reads a database or a clock: the same rows tell the same story, at once or in parts.
The definitions are those of docs/reports.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from chat.ledger.references import GONE
from chat.models import CountedMessages, CountedReception, CountedReply, GroupMessage, Origin
from chat.protocol.notices import Notice
from chat.reading.undone import UNDO_WITHIN
from chat.reports.figures import MICROSECOND

from .states import ENDED_BY_CLOSE, GIVEN, USED, State, StateAndReception, merged

MESSAGE, NOTICE, _NOTE, _AGENT_NOTICE = GroupMessage.Type.values
JOINED_WITHIN = timedelta(hours=24)
"""What a visitor reopens so soon after its close belongs to the reception that was closed."""
QUARTER = timedelta(minutes=15)
OF_NO_PERSON = ("automatic", "invitation", "bot")


class Said(NamedTuple):
    """One row of a conversation, as far as it counts."""

    seq: int
    sender: str
    kind: int
    at: datetime
    data: dict


def writer(row: Said, visitor: str) -> str | None:
    """Who wrote a public message: "" for the visitor, a member's uuid; None for every other row.
    What was recalled or erased counts like before.

    What no person wrote for this conversation is no message of a person: answers to quick
    questions, greetings, invitations, what a bot says.
    """
    if row.kind != MESSAGE and not (row.kind == NOTICE and row.data.get("event") in GONE):
        return None
    if row.sender == visitor:
        return ""
    if not row.sender or any(row.data.get(name) for name in OF_NO_PERSON):
        return None
    return row.sender


def answers_as_bot(row: Said) -> bool:
    """Whether a bot wrote it, and no service account, which is marked as automatic, too."""
    return row.data.get("bot") is True and not row.data.get("automatic")


@dataclass
class Story:
    """One conversation's receptions, replies and messages since `state`."""

    ent_id: str
    group: str
    visitor: str
    teams: dict[str, int]
    """The ids of the enterprise's teams by slug."""
    worked: Callable[[int | None, datetime, datetime], timedelta]
    """How much of a time a team worked."""
    state: State
    current: CountedReception | None = None
    """The reception that began last, open or not."""
    origin: str = Origin.LIVE
    conversation: int = 0
    """The key of the conversation's row."""
    since: int = 0
    seq: int = 0
    """After which row it begins, and up to which it is told, at least."""
    receptions: list[CountedReception] = field(default_factory=list)
    """Those that are new or changed."""
    replies: list[CountedReply] = field(default_factory=list)
    messages: dict[tuple, CountedMessages] = field(default_factory=dict)
    """By quarter, writer, reception (its `first_seq`) and `joined_seq`."""
    quarter: datetime = datetime(1970, 1, 1, tzinfo=timezone.utc)  # of the last message
    former: StateAndReception | None = None
    """How the conversation stood to which that was added whose rows are told now."""
    following: Said | None = None
    """The row after the one that is told now."""

    def tell(self, rows: list[Said]) -> "Story":
        for row, self.following in zip(rows, [*rows[1:], None], strict=False):
            self.seq = max(self.seq, row.seq)
            who = writer(row, self.visitor)
            if who is not None:
                self.message(row, who)
            elif row.kind in (MESSAGE, NOTICE) and answers_as_bot(row):
                self.state.asked = ""
            elif react := EVENTS.get(row.data.get("event", "")):
                react(self, row)
        self.join(self.seq)
        return self

    def message(self, row: Said, who: str) -> None:
        if who:
            self.hand_over(row)
            self.answer(row, who)
        elif "question" not in row.data and self.state.floor:
            self.state.floor, self.state.asked = USED, self.state.asked or row.at.isoformat()
        elif "question" not in row.data:
            self.ask(row)
        self.count(row, who)

    def give_floor(self, row: Said) -> None:
        self.state.floor, self.state.asked = GIVEN if row.data.get("bot") else "", ""

    def hand_over(self, row: Said) -> None:
        """People have it instead of a bot. What the visitor wrote to the bot waits for them from
        now on, and a reception may begin; nothing has waited for them before."""
        if self.state.closing:
            self.state.closing |= {"floor": "", "asked": ""}
        floor, asked = self.state.floor, self.state.asked
        self.state.floor = self.state.asked = ""
        if floor == USED:
            self.ask(row, asked)

    def ask(self, row: Said, since: str | None = None) -> None:
        """The visitor waits for a person, and with that a reception may begin. `since`: when they
        wrote what waits, in ISO format; empty if nothing does; by default with this row."""
        if self.state.fresh or self.current is None:
            self.end_for_good()
            self.state.fresh = self.state.over = False
            self.current = CountedReception(
                ent_id=self.ent_id,
                group_id=self.group,
                first_seq=row.seq,
                team_id=self.state.team,
                opened_at=row.at,
                holder=self.state.holder,
                origin=self.origin,
            )
            self.touch()
        if not self.state.waiting:
            self.state.waiting = row.at.isoformat() if since is None else since

    def end_for_good(self) -> None:
        """An agent's reopening, after which the next reception begins, took no close back."""
        if self.current and self.state.taken_back:
            closed, self.current.holder = self.state.taken_back
            self.end(datetime.fromisoformat(closed))
        self.state.taken_back = None

    def end(self, at: datetime) -> None:
        assert self.current
        self.current.closed_at = at
        self.current.resolution_worked = self.spent(self.current.opened_at, at)
        self.touch()

    def answer(self, row: Said, who: str) -> None:
        """A person writes publicly: the first reply, the next one, or neither."""
        if self.state.closing:
            self.state.closing["waiting"] = ""
        reception = self.current
        if reception is None:
            return
        self.touch()
        if who not in reception.members:
            reception.members = [*reception.members, who]
        if reception.replied_at is None:
            reception.replied_at, reception.replied_by = row.at, who
            reception.reply_worked = self.spent(reception.opened_at, row.at)
        elif self.state.waiting:
            asked = datetime.fromisoformat(self.state.waiting)
            reply = CountedReply(reception=reception, replied_at=row.at, replied_by=who)
            reply.asked_at, reply.worked = asked, self.spent(asked, row.at)
            self.replies.append(reply)
        self.state.waiting = ""

    def spent(self, begin: datetime, end: datetime) -> int:
        """How long the reception's team worked of this time, in microseconds."""
        assert self.current
        return self.worked(self.current.team_id, begin, end) // MICROSECOND

    def count(self, row: Said, who: str) -> None:
        """Adds a message to those of its writer in its quarter of an hour."""
        reception = self.current
        team = reception.team_id if reception else self.state.team
        begun = reception.first_seq if reception else None
        if not self.quarter <= row.at < self.quarter + QUARTER:
            self.quarter = quarter_of(row.at)
        key = self.quarter, who, begun, self.state.joined_seq
        counted = self.messages.get(key)
        if counted is None:
            counted = self.messages[key] = CountedMessages(
                ent_id=self.ent_id,
                group_id=self.group,
                reception=reception,
                team_id=team,
                quarter=self.quarter,
                member=who,
                n=0,
                first_seq=row.seq,
                origin=self.origin,
            )
        counted.n += 1
        counted.last_seq = row.seq

    def touch(self) -> None:
        assert self.current
        if not any(one is self.current for one in self.receptions):
            self.receptions.append(self.current)

    def hold(self, row: Said) -> None:
        self.hand_over(row)
        self.state.holder = row.data.get("member") or ""
        self.credit()

    def credit(self) -> None:
        if self.current and self.current.closed_at is None and self.state.holder:
            self.current.holder = self.state.holder
            self.touch()

    def let_go(self, row: Said) -> None:
        self.state.holder = ""

    def leave(self, row: Said) -> None:
        if row.data.get("member") == self.state.holder:
            self.state.holder = ""

    def move(self, row: Said) -> None:
        self.state.holder = ""
        # A team that is not there any more is none.
        self.state.team = self.teams.get(row.data.get("team", ""))
        self.hand_over(row)

    def close(self, row: Said) -> None:
        ends = self.current is not None and self.current.closed_at is None
        before = {name: getattr(self.state, name) for name in ENDED_BY_CLOSE}
        self.shut(row)
        before |= {"by": row.data.get("by"), "at": row.at.isoformat(), "ends": ends}
        self.state.closing = before
        if ends:
            self.end(row.at)

    def shut(self, row: Said) -> None:
        """Nothing is resolved where an erasure closes it."""
        self.state.holder = self.state.waiting = self.state.floor = self.state.asked = ""
        self.state.open, self.state.taken_back, self.state.closing = False, None, None

    def reopen(self, row: Said) -> None:
        """The reception goes on where its visitor reopens it soon; else the next one is to begin.
        Until then what an agent reopened is not closed."""
        closing, self.state.closing = self.state.closing, None
        if closing and self.undoes(row, closing):
            return self.resume(row, closing)
        reception, closed = self.current, self.current and self.current.closed_at
        self.give_floor(row)
        self.state.open, self.state.opened = True, row.at.isoformat()
        if not self.is_visitors(row):
            if reception and closed and not self.state.over:
                self.state.taken_back = [closed.isoformat(), reception.holder]
                reception.closed_at = reception.resolution_worked = None
                self.touch()
            self.state.fresh = True
        elif closed and not self.state.fresh and row.at - closed <= JOINED_WITHIN:
            self.go_on(row)
        else:
            self.state.fresh = True

    def undoes(self, row: Said, closing: dict) -> bool:
        who, at = row.data.get("by"), datetime.fromisoformat(closing["at"])
        return bool(who) and who == closing["by"] != self.visitor and row.at - at <= UNDO_WITHIN

    def resume(self, row: Said, closing: dict) -> None:
        """The close was none: all is as before it, but that people have it instead of a bot."""
        self.state.open = True
        for name in ENDED_BY_CLOSE:
            setattr(self.state, name, closing[name])
        if closing["ends"] and self.current:
            self.current.closed_at = self.current.resolution_worked = None
            self.touch()
        self.hand_over(row)

    def is_visitors(self, row: Said) -> bool:
        """Whether the visitor's message reopened it, which then follows. Who wrote it may have been
        another visitor before they signed in, whom old rows name."""
        after = self.following
        theirs = row.data.get("by") == self.visitor
        return theirs or bool(after and (after.sender, after.at) == (self.visitor, row.at))

    def go_on(self, row: Said) -> None:
        self.state.open, self.state.taken_back, self.state.closing = True, None, None
        self.state.fresh = self.current is None
        if self.current:
            self.current.closed_at = self.current.resolution_worked = None
            self.touch()

    def begin(self, row: Said) -> None:
        """The conversation begins, or that of another visitor of the same person does, which was
        added (care/merges.py): its rows follow."""
        if row.seq > 1:
            self.join(row.seq)
            self.former = self.state, self.current
            team = self.teams.get(row.data["door"]) if "door" in row.data else self.state.team
            self.state, self.current = State(team, joined_seq=row.seq), None
        self.state.opened = row.at.isoformat()
        self.give_floor(row)

    def identified(self, row: Said) -> None:
        self.join(row.seq)

    def join(self, seq: int) -> None:
        """The rows of the conversation that was added end."""
        if self.former:
            self.state, self.current = merged(self.former, (self.state, self.current), seq)
            self.former = None
            self.credit()

    def rate(self, row: Said) -> None:
        score = row.data.get("score")
        # Imported rows may hold anything: one of them would keep all others from being counted.
        if self.current and isinstance(score, int):
            self.current.score = score
            self.touch()


def quarter_of(at: datetime) -> datetime:
    """The beginning of the quarter of an hour in UTC."""
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


EVENTS: dict[str, Callable[[Story, Said], None]] = {
    Notice.OPENED: Story.begin,
    Notice.IDENTIFIED: Story.identified,
    Notice.CLAIMED: Story.hold,
    Notice.TAKEN_OVER: Story.hold,
    Notice.TRANSFERRED: Story.hold,
    Notice.RELEASED: Story.let_go,
    Notice.FREED: Story.let_go,
    Notice.EXPIRED: Story.let_go,
    Notice.LEFT: Story.leave,
    Notice.REMOVED: Story.leave,
    Notice.MOVED: Story.move,
    Notice.HANDED_OVER: Story.hand_over,
    Notice.CLOSED: Story.close,
    Notice.QUARANTINE_OVER: Story.close,
    Notice.ERASURE: Story.shut,
    Notice.REOPENED: Story.reopen,
    Notice.NOT_SPAM: Story.go_on,
    Notice.RATED: Story.rate,
}
"""What the notices of chat/conversations and chat/care mean for reports."""
