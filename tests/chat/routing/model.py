"""Routing as docs/protocol.md describes it, over plain objects: what the state machine compares the
product with. It shares no code with chat/routing/."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass
class Worker:
    """An agent. `given` is when they got the latest conversation."""

    who: str
    number: int
    socket: bool = False
    state: str = "online"
    capacity: int | None = None
    missed: int = 0
    given: datetime | None = None


@dataclass
class Talk:
    """A conversation. `asked`, `last` and `rested` are of the wait since `wait`; `last` was the
    last of the round before."""

    group: str
    number: int
    open: bool = True
    wait: datetime | None = None
    holder: str = ""
    last_holder: str = ""
    snoozed: datetime | None = None
    seated: set = field(default_factory=set)
    offered: str = ""
    until: datetime | None = None
    asked: list = field(default_factory=list)
    last: str = ""
    rested: datetime | None = None

    def begin_wait(self, now: datetime) -> None:
        if self.wait is None:
            self.wait, self.asked, self.last, self.rested = now, [], "", None

    def end_wait(self) -> None:
        self.wait = None
        self.drop()

    def drop(self) -> None:
        """The open offer ends."""
        self.offered, self.until = "", None

    def give(self, who: str) -> None:
        self.holder = who
        self.drop()

    def free(self) -> None:
        if self.holder:
            self.last_holder, self.holder = self.holder, ""

    def step_back(self, who: str, now: datetime) -> None:
        self.asked = [one for one in self.asked if one != who] + [who]
        self.rested = now


@dataclass
class Desk:
    """A team with its agents and conversations."""

    mode: str = "assign"
    capacity: int = 2
    working: bool = True
    seconds: int = 30
    workers: dict = field(default_factory=dict)
    talks: dict = field(default_factory=dict)

    def held(self, who: str, now: datetime) -> int:
        """Claims that are not snoozed, and open offers."""
        return sum(
            (talk.holder == who and not self.sleeps(talk, now)) or talk.offered == who
            for talk in self.talks.values()
            if talk.open
        )

    def sleeps(self, talk: Talk, now: datetime) -> bool:
        return talk.snoozed is not None and talk.snoozed > now

    def limit(self, worker: Worker) -> int:
        return self.capacity if worker.capacity is None else worker.capacity

    def can(self, worker: Worker, talk: Talk, now: datetime, own: int = 0) -> bool:
        """Whether they may get it; `own`: 1 where the offer that they have is for it."""
        there = worker.socket and worker.state == "online" and worker.missed < 3
        room = self.held(worker.who, now) - own < self.limit(worker)
        return there and self.working and worker.who in talk.seated and room

    def look(self, now: datetime) -> None:
        """Everything that routing does at once."""
        in_turn = sorted(self.talks.values(), key=lambda talk: (talk.wait or now, talk.number))
        missed = [self.end_offer(talk, now) for talk in reversed(in_turn) if talk.offered]
        for worker in filter(None, missed):
            worker.missed += 1
        for talk in in_turn:
            if talk.offered and self.workers[talk.offered].missed >= 3:
                talk.drop()
        for talk in in_turn:
            free = talk.wait and not talk.holder and not talk.offered
            if free and talk.open and not self.sleeps(talk, now) and self.mode != "everyone":
                self.route(talk, now)

    def end_offer(self, talk: Talk, now: datetime) -> Worker | None:
        """Who missed it, if it has expired."""
        worker = self.workers[talk.offered]
        if self.mode != "offer" or not self.can(worker, talk, now, own=1):
            talk.drop()
        elif talk.until <= now:
            talk.step_back(worker.who, now)
            talk.drop()
            return worker
        return None

    def route(self, talk: Talk, now: datetime) -> None:
        able = [one for one in self.workers.values() if self.can(one, talk, now)]
        fresh = [one for one in able if one.who not in talk.asked]
        if len(able) == 1 and able[0].who in (*talk.asked, talk.last):
            if talk.rested and now < talk.rested + timedelta(seconds=60):
                return
            talk.asked, talk.last, talk.rested, fresh = [], "", None, able
        elif able and not fresh:
            names = [one.who for one in able]
            talk.last = [who for who in talk.asked if who in names][-1]
            talk.asked, fresh = [], able
        if not fresh:
            return
        chosen = sorted(fresh, key=lambda one: self.rank(one, talk, now))[0]
        if self.mode == "assign":
            talk.give(chosen.who)
            chosen.given = now
        else:
            talk.offered = chosen.who
            talk.until = now + timedelta(seconds=self.seconds)

    def rank(self, worker: Worker, talk: Talk, now: datetime) -> tuple:
        return (
            worker.who == talk.last,
            worker.who != talk.last_holder,
            self.held(worker.who, now),
            worker.given.timestamp() if worker.given else 0,
            worker.number,
        )
