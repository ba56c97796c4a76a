"""What may come of actions that happen at once: the rules of docs/protocol.md in plain Python.

A conversation's rows are the order in which things came about. `Talk.replay` follows them, asks of
each whether it was allowed just then, and of each refusal whether there was a moment at which it
was right. The model knows nothing of locks and tables.
"""

from dataclasses import dataclass
from itertools import zip_longest

from tests.chat.helpers import MESSAGE, NOTE

from .race_rules import DONE, SAME, Act, Row, Rules, Seat

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
    "snoozed": ("snooze", "by"),
    "woken": ("wake", "by"),
    "recall": ("recall", "member"),
}
"""Of each notice: which action leaves it, and where its data tell the actor."""


@dataclass
class Talk(Rules):
    """A conversation that follows its rows."""

    def replay(self, acts: list[Act], rows: list[Row]) -> None:
        """Follows `rows`, the new ones in their order, and ends as they leave it."""
        moments, waiting = [self.now()], list(acts)
        start = len(self.rows)
        for row, following in zip_longest(rows, rows[1:]):
            assert row.seq == len(self.rows) + 1, "a gap or a tie"
            if row.data.get("event") == "recalled":
                # What was sent in this round and taken back in it has lost its kind and its words.
                row = self.as_sent(row, acts)
            if row.kind in (MESSAGE, NOTE):
                self.check_message(row, acts)
            elif self.is_claimed_by_answer(row, following):
                self.on_claimed(row)
            else:
                self.take(row, waiting, acts)
            self.rows.append(row)
            row.told |= self.agents() | ({self.visitor} if row.public else set())
            if row.data.get("event") == "reopened":
                # Who takes a seat by a visitor's message is told all of its transaction.
                for earlier in self.rows[start:]:
                    earlier.may |= self.agents()
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

    def is_claimed_by_answer(self, row: Row, following: Row | None) -> bool:
        """Whether this is the claim that comes with an answer, which is the next row."""
        if row.data["event"] != "claimed" or following is None:
            return False
        assert self.open and not self.holder, f"somebody held it: {row}"
        return following.public and following.sender == row.data["member"]

    def as_sent(self, row: Row, acts: list[Act]) -> Row:
        (act, *_) = [act for act in acts if act.client_id == row.client_id]
        kind = NOTE if act.name == "note" else MESSAGE
        return Row(row.seq, kind, row.sender, act.content, row.client_id, {}, row.public)

    def check_message(self, row: Row, acts: list[Act]) -> None:
        """A row is what was acknowledged, or the note that came with an action just before."""
        known = [act for act in acts if act.client_id == row.client_id]
        if not known:
            before = self.before
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
        if row.kind == MESSAGE and row.sender != self.visitor:
            assert self.holder or not self.open, f"an answer claims what nobody holds: {row}"
        if row.sender == self.visitor:
            self.snoozed = False
            assert self.open, f"the visitor wrote, and it stays closed: {row}"

    @property
    def before(self) -> Row:
        """The last notice that tells what somebody did."""
        return next(row for row in reversed(self.rows) if row.data.get("event") in NOTICED)

    def take(self, row: Row, waiting: list[Act], acts: list[Act]) -> None:
        """Finds whose doing a notice is, asks whether they may, and lets it come about."""
        event = row.data["event"]
        if event == "closing":
            row.told |= self.before.told & self.house.managers
            said = self.before.data["by"], row.data["reason"], row.data["summary"]
            words = {(act.who, act.reason, act.summary) for act in acts}
            assert not row.public and said in words, f"nobody said so: {row}"
            return
        if event == "back":
            assert self.snoozed and not row.public and row.data["why"] == "visitor", row
            self.snoozed = False
            return
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
        self.open, self.holder, self.snoozed = False, "", False

    def on_snoozed(self, row: Row) -> None:
        self.snoozed = True

    def on_woken(self, row: Row) -> None:
        self.snoozed = False

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
