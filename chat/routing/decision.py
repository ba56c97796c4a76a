"""The decision: from the facts of agents and conversations to who gets which, and why.

It reads no database and no clock, so the live decision (live.py) and the replay (replay.py) are the
same code. Members are uuids here, times are aware datetimes.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

EVERYONE, OFFER, ASSIGN = "everyone", "offer", "assign"
"""The modes of a team (accounts.models.Routing)."""
STICKY, SKILL, LEAST_LOADED, LONGEST_IDLE = "sticky", "skill", "least_loaded", "longest_idle"
"""Why an agent was chosen: the rule that decided between them and the last other candidates."""
EXPIRED, GONE = "expired", "gone"
"""Why an offer is over although nobody has answered it."""
STICKY_FOR = timedelta(days=30)
"""For how long a visitor comes back to who held the claim last."""
REST = timedelta(seconds=60)
"""How long a conversation is not offered again to the only agent there is, who did not take it."""


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent. `number` is the row's id; `present`: connected by a socket, and online; `taken`:
    how many open conversations they hold or are offered; `given_at`: when they got the latest one,
    None if they never had one."""

    who: str
    number: int
    present: bool = True
    routed: bool = True
    """Whether they take conversations: agents do, managers if they have chosen so."""
    capacity: int | None = None
    """Their own; None: that of the conversation's team."""
    taken: int = 0
    given_at: datetime | None = None
    skills: frozenset[str] = frozenset()
    may_miss: int | None = None
    """With how many more offers that expire they count as away; None: never."""


@dataclass(frozen=True, slots=True)
class Round:
    """To whom a conversation was offered in this round of its wait: `asked` in their order;
    `ended_at`, when the last of these offers was declined or expired; `last`, who was the last of
    the round before, and so comes after all others of this one, too."""

    asked: tuple[str, ...] = ()
    ended_at: datetime | None = None
    last: str = ""

    def after(self, who: str, now: datetime | None) -> "Round":
        """After an offer to `who` ended at `now`; None where they gave the claim up, which makes
        nobody rest."""
        others = tuple(other for other in self.asked if other != who)
        return Round((*others, who), now, self.last)


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation that nobody holds and in which a visitor waits since `since`. `mode`,
    `capacity` and `offer_seconds` are its team's; `working`: whether the team works now."""

    group: str
    number: int
    since: datetime
    mode: str
    capacity: int
    offer_seconds: int
    seated: frozenset[str]
    working: bool = True
    holder: str = ""
    """Who held the claim last, within STICKY_FOR."""
    skills: frozenset[str] = frozenset()
    """What it asks for: the visitor's language, and the topic that they chose."""
    round: Round = Round()
    offered_to: str = ""
    offered_until: datetime | None = None

    @property
    def turn(self) -> tuple[datetime, int]:
        """The order of conversations: the longest wait first."""
        return self.since, self.number


@dataclass(frozen=True, slots=True)
class End:
    """The open offer of a conversation is over: EXPIRED or GONE. `round` is whom it was offered to
    by now."""

    case: Case
    why: str
    round: Round

    @property
    def who(self) -> str:
        return self.case.offered_to


@dataclass(frozen=True, slots=True)
class Give:
    """A conversation is offered or assigned (its `mode`) to an agent, who has `taken` of `limit`
    conversations before. `round` is whom it was offered to in the round that this belongs to."""

    case: Case
    agent: Agent
    reason: str
    taken: int
    limit: int
    round: Round

    @property
    def who(self) -> str:
        return self.agent.who

    @property
    def text(self) -> str:
        """For logs and lists, such as "sticky; 2 of 4 taken"."""
        return f"{self.reason}; {self.taken} of {self.limit} taken"


@dataclass(slots=True)
class Snapshot:
    """What a decision needs to know; `agents` are all who may be eligible for one of the cases."""

    now: datetime
    agents: Iterable[Agent]
    cases: Iterable[Case]
    taken: dict[str, int] = field(init=False)
    """How many conversations each agent has, with what was decided so far."""
    given_at: dict[str, datetime | None] = field(init=False)
    """When each of them got the latest one, likewise."""

    def __post_init__(self) -> None:
        self.agents = sorted(self.agents, key=lambda agent: agent.number)
        self.taken = {agent.who: agent.taken for agent in self.agents}
        self.given_at = {agent.who: agent.given_at for agent in self.agents}


def decide(facts: Snapshot) -> list[End | Give]:
    """Which offers are over, then who gets which conversation, the longest wait first."""
    cases = sorted(facts.cases, key=lambda case: case.turn)
    ends = end_offers(cases, facts)
    if away := who_missed_too_many(ends, facts):
        facts.agents = [replace(one, present=False) if one in away else one for one in facts.agents]
        known = {end.case.group for end in ends}
        ends += end_offers([case for case in cases if case.group not in known], facts)
    over = {end.case.group: end for end in ends}
    gifts: list[Give] = []
    for case in cases:
        if end := over.get(case.group):
            case = replace(case, offered_to="", offered_until=None, round=end.round)
        if case.offered_to or case.mode == EVERYONE:
            continue
        if give := choose(case, facts):
            facts.taken[give.who] += 1
            if case.mode == ASSIGN:
                facts.given_at[give.who] = facts.now
            gifts.append(give)
    return [*ends, *gifts]


def end_offers(cases: list[Case], facts: Snapshot) -> list[End]:
    """Which open offers of these conversations are over."""
    ends: list[End] = []
    # Where a limit was lowered, the latest offers are too many.
    for case in reversed(cases):
        if end := ended(case, facts):
            ends.append(end)
            if end.who in facts.taken:
                facts.taken[end.who] -= 1
    return ends


def who_missed_too_many(ends: list[End], facts: Snapshot) -> set[Agent]:
    """The agents who count as away from these ends on: none of this may be given to them."""
    missed = Counter(end.who for end in ends if end.why == EXPIRED)
    return {
        agent
        for agent in facts.agents
        if agent.may_miss is not None and 0 < agent.may_miss <= missed[agent.who]
    }


def ended(case: Case, facts: Snapshot) -> End | None:
    """Whether the open offer of a conversation is over. An agent who left has missed nothing."""
    if not case.offered_to:
        return None
    agent = next((one for one in facts.agents if one.who == case.offered_to), None)
    # Their own offer is among what they have taken.
    keeps = agent is not None and eligible(agent, case, facts.taken[agent.who] - 1)
    if agent is None or not keeps or case.mode != OFFER:
        return End(case, GONE, case.round)
    if case.offered_until <= facts.now:  # type: ignore[operator]  # set where it is offered
        return End(case, EXPIRED, case.round.after(agent.who, facts.now))
    return None


def eligible(agent: Agent, case: Case, taken: int) -> bool:
    """Whether an agent who has `taken` conversations may get this one."""
    return agent.who in case.seated and case.working and can_take(agent, case.capacity, taken)


def can_take(agent: Agent, capacity: int, taken: int) -> bool:
    """Whether an agent may get a conversation of a team with this capacity, wherever they sit."""
    return agent.present and agent.routed and taken < limit_of(agent, capacity)


def limit_of(agent: Agent, capacity: int) -> int:
    """An agent's limit for conversations of a team with this capacity."""
    return capacity if agent.capacity is None else agent.capacity


def choose(case: Case, facts: Snapshot) -> Give | None:
    """Who gets a conversation that is offered to nobody; None where nobody may now."""
    able = [agent for agent in facts.agents if eligible(agent, case, facts.taken[agent.who])]
    fresh = [agent for agent in able if agent.who not in case.round.asked]
    turn = case.round
    if len(able) == 1 and able[0].who in (*turn.asked, turn.last):
        if turn.ended_at and facts.now < turn.ended_at + REST:
            return None
        fresh, turn = able, Round()
    elif able and not fresh:
        # A new round. Who was asked last is not asked again at once.
        names = {agent.who for agent in able}
        last = next(who for who in reversed(turn.asked) if who in names)
        fresh, turn = able, Round((), turn.ended_at, last)
    if not fresh:
        return None
    others = [agent for agent in fresh if agent.who != turn.last]
    agent, reason = best(others or fresh, case, facts)
    taken = facts.taken[agent.who]
    return Give(case, agent, reason, taken, limit_of(agent, case.capacity), turn)


def best(agents: list[Agent], case: Case, facts: Snapshot) -> tuple[Agent, str]:
    """The first of these agents, in the order of preference and then of their ids, and the rule
    that decided. It is LONGEST_IDLE where all are alike; for a single agent it is the first rule
    that they satisfy."""
    if any(agent.who == case.holder for agent in agents):
        return next(agent for agent in agents if agent.who == case.holder), STICKY
    skilled = most(agents, lambda agent: len(agent.skills & case.skills))
    if skilled[0].skills & case.skills and (len(skilled) < len(agents) or len(agents) == 1):
        reason = SKILL
    else:
        reason = LEAST_LOADED
    if len(skilled) == 1:
        return skilled[0], reason
    free = most(skilled, lambda agent: -facts.taken[agent.who])
    if len(free) == 1:
        return free[0], LEAST_LOADED
    return min(free, key=lambda agent: since(facts.given_at[agent.who])), LONGEST_IDLE


def since(moment: datetime | None) -> tuple[bool, datetime | int]:
    """For sorting: no moment comes before each moment."""
    return moment is not None, moment or 0


def most(agents: list[Agent], worth: Callable[[Agent], Any]) -> list[Agent]:
    """Those with the highest worth."""
    highest = max(map(worth, agents))
    return [agent for agent in agents if worth(agent) == highest]
