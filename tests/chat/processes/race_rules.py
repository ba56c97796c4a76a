"""What may come of one action, by docs/protocol.md in plain Python: the facts of a conversation,
and who may do what with it."""

import copy
from dataclasses import dataclass, field, replace

from tests.chat.helpers import MESSAGE

DONE, SAME = "done", "same"
"""An action that left a notice, and one that found it so already."""


@dataclass(eq=False)
class Act:
    """What somebody does; `outcome` is a refusal's code, or "" for what was not refused."""

    who: str
    name: str
    member: str | None = None
    team: str | None = None
    take_over: bool = False
    note: str = ""
    minutes: int = 0
    reason: str = ""
    summary: str = ""
    seq: int = 0
    seen: int | None = None
    content: str = ""
    client_id: str = ""
    outcome: str | None = None
    accepted: int = 0
    """The seq that a message's sender was told."""


@dataclass
class Row:
    """A stored row, whoever may see it; `told` are the people whom it has to be pushed to, `may`
    those whom it may be pushed to as well."""

    seq: int
    kind: int
    sender: str
    content: str
    client_id: str
    data: dict
    public: bool
    told: set[str] = field(default_factory=set)
    may: set[str] = field(default_factory=set)


@dataclass
class Seat:
    leads: bool
    cursor: int


@dataclass
class House:
    """Who works there: `teams` has the members of each and whether they lead it."""

    teams: dict[str, dict[str, bool]]
    managers: set[str]
    names: dict[str, str]


@dataclass
class Rules:
    """A conversation as it stands."""

    house: House
    visitor: str
    open: bool
    holder: str
    team: str
    seats: dict[str, Seat]
    rows: list[Row]
    recalled: set[int] = field(default_factory=set)
    snoozed: bool = False

    def agents(self) -> set[str]:
        return self.seats.keys() - {self.visitor}

    def now(self) -> "Rules":
        """As it stands at this moment."""
        seats, rows, recalled = copy.deepcopy(self.seats), list(self.rows), set(self.recalled)
        return replace(self, seats=seats, rows=rows, recalled=recalled)

    def outcome(self, act: Act) -> str:
        """What the protocol says comes of it now: DONE, SAME, or the code of a refusal."""
        manages = act.who in self.house.managers
        seat = self.seats.get(act.who)
        if act.name == "history":
            return DONE if seat or manages else "not_found"
        if act.name in ("message", "read", "recall") and seat is None:
            return "not_found"
        if seat is None and not manages:
            return "not_found"
        return getattr(self, f"may_{act.name}")(act, manages or seat.leads)

    def may_message(self, act: Act, leads: bool) -> str:
        later = self.rows[act.seen :] if act.seen is not None else []
        own = (act.who, self.visitor)
        answered = [r for r in later if r.kind == MESSAGE and r.sender not in own]
        return "stale" if any(row.seq not in self.recalled for row in answered) else DONE

    def may_note(self, act: Act, leads: bool) -> str:
        return DONE

    def may_read(self, act: Act, leads: bool) -> str:
        return DONE

    def may_recall(self, act: Act, leads: bool) -> str:
        return SAME if act.seq in self.recalled else DONE

    def may_claim(self, act: Act, leads: bool) -> str:
        if act.who not in self.seats:
            return "forbidden"
        if not self.open:
            return "conflict"
        if self.holder == act.who:
            return SAME
        return DONE if not self.holder or (act.take_over and leads) else "claimed"

    def may_release(self, act: Act, leads: bool) -> str:
        if not self.holder:
            return SAME
        return DONE if self.holder == act.who or leads else "claimed"

    def may_close(self, act: Act, leads: bool) -> str:
        return DONE if self.open else SAME

    def may_reopen(self, act: Act, leads: bool) -> str:
        return SAME if self.open else DONE

    def may_snooze(self, act: Act, leads: bool) -> str:
        return DONE if self.open else "conflict"

    def may_wake(self, act: Act, leads: bool) -> str:
        return DONE if self.snoozed else SAME

    def may_leave(self, act: Act, leads: bool) -> str:
        if act.who not in self.seats:
            return SAME
        return "conflict" if self.is_last(act.who) else DONE

    def may_invite(self, act: Act, leads: bool) -> str:
        return SAME if act.member in self.seats else DONE

    def may_remove(self, act: Act, leads: bool) -> str:
        if not leads:
            return "forbidden"
        if act.member not in self.seats:
            return SAME
        return "conflict" if self.is_last(act.member) else DONE

    def is_last(self, who: str) -> bool:
        return self.open and self.agents() == {who}

    def may_transfer(self, act: Act, leads: bool) -> str:
        if not self.open:
            return "conflict"
        if self.holder not in ("", act.who) and not leads:
            return "claimed"
        return SAME if act.team == self.team or (act.member and act.member == self.holder) else DONE
