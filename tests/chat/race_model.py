"""What may come of actions that happen at once: the rules of docs/protocol.md in plain Python.

A conversation's rows are the order in which things came about. `Talk.replay` follows them, asks of
each whether it was allowed just then, and of each refusal whether there was a moment at which it
was right. The model knows nothing of locks and tables.
"""

import copy
from dataclasses import dataclass, field

from .helpers import MESSAGE, NOTE

DONE, SAME = "done", "same"
"""An action that left a notice, and one that found it so already."""
NOTICED = {
    "claimed": ("claim", "member"),
    "taken_over": ("claim", "member"),
    "released": ("release", "member"),
    "freed": ("release", "by"),
    "closed": ("close", "by"),
    "reopened": ("reopen", "by"),
    "left": ("leave", "member"),
    "invited": ("invite", "by"),
    "removed": ("remove", "by"),
    "transferred": ("transfer", "by"),
    "moved": ("transfer", "by"),
    "recall": ("recall", "member"),
}
"""Of each notice: which action leaves it, and where its data tell the actor."""


@dataclass(eq=False)
class Act:
    """What somebody does; `outcome` is a refusal's code, or "" for what was not refused."""

    who: str
    name: str
    member: str | None = None
    team: str | None = None
    take_over: bool = False
    note: str = ""
    seq: int = 0
    seen: int | None = None
    content: str = ""
    client_id: str = ""
    outcome: str | None = None
    accepted: int = 0
    """The seq that a message's sender was told."""


@dataclass
class Row:
    """A stored row, whoever may see it; `told` are the people whom it has to be pushed to."""

    seq: int
    kind: int
    sender: str
    content: str
    client_id: str
    data: dict
    public: bool
    told: set[str] = field(default_factory=set)


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
class Talk:
    """A conversation."""

    house: House
    visitor: str
    open: bool
    holder: str
    team: str
    seats: dict[str, Seat]
    rows: list[Row]
    recalled: set[int] = field(default_factory=set)

    def agents(self) -> set[str]:
        return self.seats.keys() - {self.visitor}

    def now(self) -> "Talk":
        """As it stands at this moment."""
        seats = copy.deepcopy(self.seats)
        rows, recalled = list(self.rows), set(self.recalled)
        return Talk(
            self.house, self.visitor, self.open, self.holder, self.team, seats, rows, recalled
        )

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
        return SAME if act.team == self.team or act.member and act.member == self.holder else DONE

    def replay(self, acts: list[Act], rows: list[Row]) -> None:
        """Follows `rows`, the new ones in their order, and ends as they leave it."""
        moments, waiting = [self.now()], list(acts)
        start = len(self.rows)
        for row in rows:
            assert row.seq == len(self.rows) + 1, "a gap or a tie"
            if row.data.get("event") == "recalled":
                # What was sent in this round and taken back in it has lost its kind and its words.
                row = self.as_sent(row, acts)
            if row.kind in (MESSAGE, NOTE):
                self.check_message(row, acts)
            else:
                self.take(row, waiting)
            self.rows.append(row)
            row.told |= self.agents() | ({self.visitor} if row.public else set())
            moments.append(self.now())
        for act in acts:
            if act.accepted:
                row = self.rows[act.accepted - 1]
                said = f"{self.tell(act)}: another row stands there: {row}"
                assert (row.sender, row.client_id) == (act.who, act.client_id), said
            elif act in waiting:
                possible = {moment.outcome(act) for moment in moments}
                if act.team and any(row.data.get("event") == "moved" for row in rows):
                    possible.add("conflict")  # It was handed on at this very moment.
                found = DONE if act.name in ("read", "history") else SAME
                wanted = act.outcome or found
                assert wanted in possible, f"{self.tell(act)}: not one of {possible}"
            if act.name == "read" and not act.outcome and act.who in self.seats:
                # It named what was there before, so it moves nobody who came only now.
                assert act.seq <= start
                seat = self.seats[act.who]
                seat.cursor = max(seat.cursor, act.seq)

    def as_sent(self, row: Row, acts: list[Act]) -> Row:
        (act, *_) = [act for act in acts if act.client_id == row.client_id]
        kind = NOTE if act.name == "note" else MESSAGE
        return Row(row.seq, kind, row.sender, act.content, row.client_id, {}, row.public)

    def check_message(self, row: Row, acts: list[Act]) -> None:
        """A row is what was acknowledged, or the note that came with an action just before."""
        known = [act for act in acts if act.client_id == row.client_id]
        if not known:
            before = self.rows[-1]
            actor = before.data[NOTICED[before.data["event"]][1]]
            notes = [act.note for act in acts if act.who == actor]
            known = row.kind == NOTE and row.sender == actor and row.content in notes
            assert known, f"nobody was told that this is stored: {row}"
            row.told |= before.told & self.house.managers
            return
        for act in known:
            assert act.accepted == row.seq, f"{self.tell(act)}: stored, and not told so"
            assert (act.who, act.content) == (row.sender, row.content), f"other words: {row}"
        assert DONE in {self.outcome(act) for act in known}, f"{self.tell(known[0])}: not allowed"
        row.told |= {row.sender} & self.house.managers
        if row.sender == self.visitor:
            assert self.open, f"the visitor wrote, and it stays closed: {row}"

    def take(self, row: Row, waiting: list[Act]) -> None:
        """Finds whose doing a notice is, asks whether they may, and lets it come about."""
        event = row.data["event"]
        name, key = NOTICED[event]
        actor = row.data[key]
        if event == "reopened" and actor == self.visitor:
            assert not self.open, f"it was open: {row}"
        else:
            fit = [act for act in waiting if (act.who, act.name) == (actor, name)]
            fit = [act for act in fit if not act.outcome and self.fits(act, row)]
            assert fit, f"nobody asked for this, or they were refused: {row}"
            allowed = [act for act in fit if self.outcome(act) == DONE]
            assert allowed, f"{self.tell(fit[0])}: done, but {self.outcome(fit[0])} was right"
            waiting.remove(allowed[0])
            if actor in self.house.managers - self.seats.keys():
                row.told.add(actor)
        getattr(self, f"on_{event}")(row)

    def fits(self, act: Act, row: Row) -> bool:
        match row.data["event"]:
            case "claimed" | "released":
                return True
            case "taken_over":
                return act.take_over and row.data["from"] == self.holder
            case "freed":
                return row.data["member"] == self.holder
            case "moved":
                return act.team == row.data["team"]
            case "invited" | "removed" | "transferred":
                return act.member == row.data["member"]
            case "recall":
                return act.seq == row.data["of"]
        return True

    def on_claimed(self, row: Row) -> None:
        self.holder = row.data["member"]

    on_taken_over = on_claimed

    def on_released(self, row: Row) -> None:
        self.holder = ""

    on_freed = on_released

    def on_closed(self, row: Row) -> None:
        self.open, self.holder = False, ""

    def on_reopened(self, row: Row) -> None:
        self.open = True
        for who, leads in self.house.teams[self.team].items():
            self.seats.setdefault(who, Seat(leads, row.seq))

    def on_left(self, row: Row) -> None:
        del self.seats[row.data["member"]]
        if self.holder == row.data["member"]:
            self.holder = ""

    on_removed = on_left

    def on_invited(self, row: Row) -> None:
        self.seats.setdefault(row.data["member"], Seat(False, row.seq))

    def on_transferred(self, row: Row) -> None:
        self.on_invited(row)
        self.on_claimed(row)

    def on_moved(self, row: Row) -> None:
        self.team, self.holder = row.data["team"], ""
        there = self.house.teams[self.team]
        for who in self.agents() - there.keys():
            del self.seats[who]
        for who, leads in there.items():
            self.seats.setdefault(who, Seat(leads, row.seq)).leads = leads

    def on_recall(self, row: Row) -> None:
        self.recalled.add(row.data["of"])

    def tell(self, act: Act) -> str:
        """For people: who did what, and what came of it."""
        names = self.house.names
        facts = {name: getattr(act, name) for name in ("team", "take_over", "note", "seq", "seen")}
        if act.member:
            facts["member"] = names[act.member]
        said = [f"{name}={value}" for name, value in facts.items() if value]
        end = act.outcome or act.accepted or "ok"
        return " ".join([names[act.who], act.name, *said, "→", str(end)])
