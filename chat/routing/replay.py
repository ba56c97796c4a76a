"""What another routing would have done: arrivals run through a policy, on a clock that jumps.

The decision is that of decision.py. What agents do is assumed, alike for each policy: who is asked,
or finds a conversation by themselves, takes it after REACTION; and serves it for as long as it
really took. Under `everyone` it is one of those who have room, by chance and by their pace.
"""

import heapq
import math
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from accounts.hours import Hours, passed

from .decision import (
    ASSIGN,
    EVERYONE,
    OFFER,
    Agent,
    Case,
    End,
    Round,
    Snapshot,
    can_take,
    decide,
    eligible,
)

POLICIES = EVERYONE, OFFER, ASSIGN
REACTION = 10.0
"""Seconds until an agent takes what they are asked about, or find. Half of an offer's time where
that is less."""
READ = 300
"""Waiting conversations that a decision looks at, as live (facts.BATCH)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A visitor begins to wait at `at` for what takes an agent `seconds`. `key` is of this arrival,
    `group` of the visitor's conversation, to which they may come back; `skills` as in Case."""

    key: str
    group: str
    at: datetime
    seconds: float
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shift:
    """An agent, and when they are there: (from, until). `helps`: they are of the team into which
    this one overflows."""

    who: str
    spans: tuple[tuple[datetime, datetime], ...]
    capacity: int | None = None
    skills: frozenset[str] = frozenset()
    helps: bool = False
    pace: float = 1.0
    """How often they are the first to find a conversation, in proportion to the others."""

    def covers(self, moment: datetime) -> bool:
        return any(begin <= moment < end for begin, end in self.spans)


@dataclass(frozen=True, slots=True)
class Desk:
    """A team's settings; `overflow_minutes` is None where it overflows into none."""

    capacity: int
    offer_seconds: int = 30
    overflow_minutes: int | None = None
    hours: Hours | None = None


@dataclass(slots=True)
class Outcome:
    """Of each arrival that was served: the seconds until an agent had it, and its key and who, in
    the order in which they were taken. `left` is how many never were, `overflowed` how many had
    helpers."""

    waits: list[float] = field(default_factory=list)
    served: list[tuple[str, str]] = field(default_factory=list)
    overflowed: int = 0
    left: int = 0

    def wait(self, share: float) -> float | None:
        """The wait in seconds at the position ⌈share·n⌉ of all, sorted; None for none."""
        waits = sorted(self.waits)
        return waits[math.ceil(share * len(waits)) - 1] if waits else None

    def gini(self, people: Iterable[str]) -> float:
        """How unevenly the conversations are spread over these agents: 0 evenly, towards 1 all to
        one."""
        counted = Counter(who for _key, who in self.served)
        shares = sorted(counted[who] for who in people)
        total = sum(shares)
        if not total:
            return 0.0
        ranked = sum(rank * share for rank, share in enumerate(shares, 1))
        return 2 * ranked / (len(shares) * total) - (len(shares) + 1) / len(shares)


def run(policy: str, arrivals: Iterable[Arrival], shifts: list[Shift], desk: Desk) -> Outcome:
    """What the policy, one of POLICIES, would have done with these arrivals."""
    replay = Replay(policy, shifts, desk)
    for arrival in arrivals:
        replay.at(arrival.at, replay.arrive, arrival)
    return replay.run()


class Replay:
    """One policy's run. Its events are functions that are called at their times."""

    def __init__(self, policy: str, shifts: list[Shift], desk: Desk):
        self.policy, self.desk = policy, desk
        self.shifts = {shift.who: shift for shift in shifts}
        self.own = frozenset(shift.who for shift in shifts if not shift.helps)
        self.reaction = min(REACTION, desk.offer_seconds / 2)
        self.chance = random.Random(1)
        self.number = count()
        self.events: list[tuple] = []
        self.waiting: dict[str, tuple[Case, Arrival]] = {}
        self.taken: Counter[str] = Counter()
        self.given_at: dict[str, datetime] = {}
        self.holders: dict[str, str] = {}
        self.outcome = Outcome()
        for shift in shifts:
            for begin, _end in shift.spans:
                self.at(begin, self.nothing)

    def at(self, moment: datetime, function: Callable[..., None], *args: Any) -> None:
        heapq.heappush(self.events, (moment, next(self.number), function, args))

    def run(self) -> Outcome:
        while self.events:
            moment = self.events[0][0]
            while self.events and self.events[0][0] == moment:
                _moment, _number, function, args = heapq.heappop(self.events)
                function(moment, *args)
            self.decide(moment)
        self.outcome.left = len(self.waiting)
        return self.outcome

    def nothing(self, now: datetime) -> None:
        """Only a moment at which something may be decided."""

    def arrive(self, now: datetime, arrival: Arrival) -> None:
        case = Case(
            arrival.key,
            next(self.number),
            now,
            self.policy if self.policy != EVERYONE else ASSIGN,
            self.desk.capacity,
            self.desk.offer_seconds,
            self.own,
            holder=self.holders.get(arrival.group, ""),
            skills=arrival.skills,
        )
        self.waiting[arrival.key] = case, arrival
        if self.desk.overflow_minutes:
            due = passed(self.desk.hours, now, 60 * self.desk.overflow_minutes)
            self.at(due, self.overflow, arrival.key)

    def overflow(self, now: datetime, key: str) -> None:
        """Seats those helpers who are eligible now, as overflow.py does."""
        if key not in self.waiting:
            return
        case, _arrival = self.waiting[key]
        able = {one.who for one in self.agents(now) if can_take(one, case.capacity, one.taken)}
        come = {who for who in able if self.shifts[who].helps}
        if come:
            self.outcome.overflowed += 1
            self.change(case, seated=case.seated | come)

    def change(self, case: Case, **fields: Any) -> None:
        _case, arrival = self.waiting[case.group]
        self.waiting[case.group] = replace(case, **fields), arrival

    def agents(self, now: datetime) -> list[Agent]:
        return [
            Agent(
                shift.who,
                number,
                shift.covers(now),
                capacity=shift.capacity,
                taken=self.taken[shift.who],
                given_at=self.given_at.get(shift.who),
                skills=shift.skills,
            )
            for number, shift in enumerate(self.shifts.values())
        ]

    def decide(self, now: datetime) -> None:
        if not self.waiting:
            return
        cases = [case for case, _arrival in self.waiting.values()][:READ]
        if self.policy == EVERYONE:
            return self.find(cases, now)
        for one in decide(Snapshot(now, self.agents(now), cases)):
            if isinstance(one, End):
                self.taken[one.who] -= 1
                self.change(one.case, offered_to="", offered_until=None, round=one.round)
            elif self.policy == ASSIGN:
                self.taken[one.who] += 1
                self.take(now, one.case.group, one.who)
            else:
                self.offer(now, one.case, one.who, one.round)

    def find(self, cases: list[Case], now: datetime) -> None:
        """Everyone: any agent with room takes the longest wait that they see."""
        agents = self.agents(now)
        for case in cases:
            if case.offered_to:
                continue
            able = [one.who for one in agents if eligible(one, case, self.taken[one.who])]
            if able:
                paces = [self.shifts[who].pace for who in able]
                (first,) = self.chance.choices(able, paces)
                self.offer(now, case, first, case.round)

    def offer(self, now: datetime, case: Case, who: str, turn: Round) -> None:
        until = now + timedelta(seconds=self.desk.offer_seconds)
        self.taken[who] += 1
        self.change(case, offered_to=who, offered_until=until, round=turn)
        self.at(now + timedelta(seconds=self.reaction), self.accept, case.group, who, until)

    def accept(self, now: datetime, key: str, who: str, until: datetime) -> None:
        case, _arrival = self.waiting.get(key, (None, None))
        if case and (case.offered_to, case.offered_until) == (who, until):
            self.take(now, key, who)

    def take(self, now: datetime, key: str, who: str) -> None:
        case, arrival = self.waiting.pop(key)
        self.given_at[who] = now
        self.holders[arrival.group] = who
        self.outcome.waits.append((now - case.since).total_seconds())
        self.outcome.served.append((key, who))
        self.at(now + timedelta(seconds=arrival.seconds), self.finish, who)

    def finish(self, now: datetime, who: str) -> None:
        self.taken[who] -= 1
