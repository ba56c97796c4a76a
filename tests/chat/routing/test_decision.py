"""Who gets which conversation, and why: the decision alone, without a database."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from chat.routing.decision import (
    ASSIGN,
    EXPIRED,
    GONE,
    LEAST_LOADED,
    LONGEST_IDLE,
    OFFER,
    REST,
    SKILL,
    STICKY,
    Agent,
    Case,
    End,
    Give,
    Round,
    Snapshot,
    decide,
)

pytestmark = pytest.mark.once
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=timezone.utc)
NAMES = "alice", "bob", "carol"
ALL = frozenset(NAMES)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def agent(who="alice", **facts) -> Agent:
    return Agent(who, NAMES.index(who) + 1, **facts)


def case(number=1, waited=10.0, **facts) -> Case:
    facts = {"mode": ASSIGN, "capacity": 4, "offer_seconds": 30, "seated": ALL, **facts}
    return Case(f"g{number}", number, ago(waited), **facts)


def gifts(agents: list[Agent], *cases: Case, now=NOW) -> list[tuple[str, str]]:
    """(group, who) in the order of the decisions."""
    found = decide(Snapshot(now, agents, cases))
    return [(one.case.group, one.who) for one in found if isinstance(one, Give)]


def reason(agents: list[Agent], one: Case) -> tuple[str, str]:
    """(who, why) of the one decision."""
    (give,) = decide(Snapshot(NOW, agents, [one]))
    return give.who, give.reason


def test_who_held_it_last_comes_first():
    agents = [agent(skills=frozenset(["en"])), agent("bob", taken=3)]
    assert reason(agents, case(holder="bob", skills=frozenset(["en"]))) == ("bob", STICKY)
    assert reason(agents, case(holder="carol")) == ("alice", LEAST_LOADED)


def test_then_who_has_the_skill():
    agents = [agent(), agent("bob", taken=3, skills=frozenset(["zh"]))]
    assert reason(agents, case(skills=frozenset(["zh"]))) == ("bob", SKILL)
    assert reason(agents, case(skills=frozenset(["en"]))) == ("alice", LEAST_LOADED)
    both = frozenset(["zh", "topic:Returns"])
    assert reason([*agents, agent("carol", taken=3, skills=both)], case(skills=both)) == (
        "carol",
        SKILL,
    )


def test_then_who_has_the_fewest():
    assert reason([agent(taken=2), agent("bob", taken=1)], case()) == ("bob", LEAST_LOADED)


def test_then_who_has_got_none_for_the_longest():
    agents = [agent(given_at=ago(5)), agent("bob", given_at=ago(60))]
    assert reason(agents, case()) == ("bob", LONGEST_IDLE)
    assert reason([*agents, agent("carol")], case()) == ("carol", LONGEST_IDLE)
    assert reason([agent("bob"), agent("alice")], case()) == ("alice", LONGEST_IDLE), "then by id"


def test_who_is_given_one_has_waited_no_more():
    agents = [agent(taken=2, given_at=ago(5)), agent("bob", taken=1, given_at=ago(9))]
    assert gifts(agents, case(1, 20), case(2, 10)) == [("g1", "bob"), ("g2", "alice")]
    asked = gifts(agents, case(1, 20, mode=OFFER), case(2, 10, mode=OFFER))
    assert asked == [("g1", "bob"), ("g2", "bob")], "who is only asked has got none yet"


def test_every_decision_says_why():
    (give,) = decide(Snapshot(NOW, [agent(taken=2)], [case(holder="alice")]))
    assert give.text == "sticky; 2 of 4 taken"


def offered(**facts) -> Case:
    facts = {"offered_to": "alice", "offered_until": NOW + timedelta(seconds=5), **facts}
    return case(mode=OFFER, **facts)


def test_an_open_offer_stays_until_its_time():
    assert decide(Snapshot(NOW, [agent(taken=1), agent("bob")], [offered()])) == []
    late = offered(offered_until=NOW)
    end, give = decide(Snapshot(NOW, [agent(taken=1), agent("bob")], [late]))
    assert (end.who, end.why, end.round) == ("alice", EXPIRED, Round(("alice",), NOW))
    assert (give.who, give.round) == ("bob", Round(("alice",), NOW))


@pytest.mark.parametrize(
    ("who", "facts"),
    [
        ({"present": False}, {}),
        ({"routed": False}, {}),
        ({"capacity": 0}, {}),
        ({"taken": 5}, {}),
        ({}, {"working": False}),
        ({}, {"mode": "everyone"}),
        ({}, {"mode": ASSIGN}),
        ({}, {"seated": frozenset()}),
    ],
    ids=str,
)
def test_an_offer_to_who_cannot_take_it_any_more_is_gone_and_was_not_missed(who, facts):
    late = replace(offered(offered_until=NOW), **facts)
    end, *_rest = decide(Snapshot(NOW, [agent(**{"taken": 1, **who})], [late]))
    assert (end.why, end.round) == (GONE, Round())
    assert decide(Snapshot(NOW, [], [late]))[0].why == GONE, "they are not there at all"


def test_where_a_limit_was_lowered_the_latest_offer_is_gone():
    older, later = (replace(offered(), group=f"g{n}", number=n, since=ago(90 - n)) for n in (1, 2))
    (end,) = decide(Snapshot(NOW, [agent(taken=2, capacity=1)], [older, later]))
    assert (end.case.group, end.why) == ("g2", GONE)


def test_whoever_misses_too_many_in_one_decision_gets_none_of_it():
    late = [replace(offered(offered_until=NOW), group=f"g{n}", number=n) for n in (1, 2)]
    later = replace(offered(), group="g3", number=3)
    agents = [agent(taken=3, may_miss=2)]
    found = decide(Snapshot(NOW, agents, [*late, later]))
    assert [(one.case.group, one.why) for one in found] == [
        *(("g2", EXPIRED), ("g1", EXPIRED)),
        ("g3", GONE),
    ]
    patient = [agent(taken=3, may_miss=3)]
    assert len(decide(Snapshot(NOW, patient, [*late, later]))) == 2
    found = decide(Snapshot(NOW, [*agents, agent("bob", taken=1)], [*late, later]))
    assert {one.who for one in found if isinstance(one, Give)} == {"bob"}


def test_who_declined_comes_after_all_others():
    asked = Round(("alice",), NOW)
    agents = [agent(), agent("bob", taken=3), agent("carol", taken=3)]
    (give,) = decide(Snapshot(NOW, agents, [case(mode=OFFER, round=asked, holder="alice")]))
    assert give.who == "bob"


def test_once_all_were_asked_a_new_round_begins_at_once():
    asked = Round(("alice", "bob"), NOW)
    (give,) = decide(Snapshot(NOW, [agent(), agent("bob")], [case(round=asked)]))
    assert (give.who, give.round) == ("alice", Round((), NOW, "bob"))
    backwards = Round(("bob", "alice"), NOW)
    (give,) = decide(Snapshot(NOW, [agent(), agent("bob", taken=3)], [case(round=backwards)]))
    assert give.who == "bob", "not who was asked last, although they have fewer"


def test_a_sole_agent_is_asked_again_after_a_minute():
    one = case(mode=OFFER, round=Round(("bob", "alice"), NOW))
    assert gifts([agent()], one, now=NOW + REST - timedelta(seconds=1)) == []
    assert gifts([agent()], one, now=NOW + REST) == [("g1", "alice")]
    assert gifts([agent(), agent("carol")], one) == [("g1", "carol")], "who was not asked yet"


def test_a_sole_agent_who_gave_the_claim_up_is_not_left_to_rest():
    gave_up = Round().after("alice", None)
    assert gifts([agent()], case(round=gave_up)) == [("g1", "alice")]
    assert gifts([agent(), agent("bob", taken=3)], case(round=gave_up)) == [("g1", "bob")]


MOSTLY = some.sampled_from([True, True, True, False])
"""So that many may get something: where nobody may, an order is not seen."""
AGENTS = some.lists(
    some.builds(
        Agent,
        who=some.sampled_from(NAMES),
        number=some.just(0),
        present=MOSTLY,
        routed=MOSTLY,
        capacity=some.none() | some.integers(0, 5),
        taken=some.integers(0, 2),
        given_at=some.none() | some.integers(1, 4).map(ago),
        skills=some.sets(some.sampled_from("xy")).map(frozenset),
    ),
    unique_by=lambda one: one.who,
    min_size=2,
)
SEATS = some.sets(some.sampled_from(NAMES), min_size=2).map(frozenset)
CASES = some.lists(
    some.builds(
        Case,
        group=some.just(""),
        number=some.just(0),
        since=some.integers(1, 6).map(ago),
        mode=some.sampled_from(["everyone", OFFER, ASSIGN]),
        capacity=some.integers(0, 5),
        offer_seconds=some.just(30),
        seated=SEATS,
        working=MOSTLY,
        holder=some.sampled_from(["", *NAMES]),
        skills=some.sets(some.sampled_from("xy")).map(frozenset),
        round=some.lists(some.sampled_from(NAMES), unique=True).map(
            lambda asked: Round(tuple(asked), ago(30) if asked else None)
        ),
    ),
    max_size=8,
)


def before(one: Agent, other: Agent, about: Case, taken: dict, given_at: dict) -> bool:
    """The protocol's order of two agents who were both asked or both not asked, read as it is
    written: whether `one` comes first."""
    pairs = [
        (one.who != about.holder, other.who != about.holder),
        (-len(one.skills & about.skills), -len(other.skills & about.skills)),
        (taken[one.who], taken[other.who]),
        (given_at[one.who] or ago(1e6), given_at[other.who] or ago(1e6)),
        (one.number, other.number),
    ]
    return [pair[0] for pair in pairs] < [pair[1] for pair in pairs]


SLOWLY = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
"""Busy machines draw slowly."""


@SLOWLY
@given(AGENTS, CASES)
def test_the_order_is_that_of_the_protocol(agents, cases):
    agents = [replace(one, number=NAMES.index(one.who)) for one in agents]
    cases = [replace(one, group=f"g{n}", number=n) for n, one in enumerate(cases)]
    found = decide(Snapshot(NOW, agents, cases))
    assert not any(isinstance(one, End) for one in found)
    given = {give.case.group: give for give in found}
    taken = {one.who: one.taken for one in agents}
    given_at = {one.who: one.given_at for one in agents}
    for about in sorted(cases, key=lambda one: (one.since, one.number)):
        able = [
            one
            for one in agents
            if one.present and one.routed and one.who in about.seated and about.working
            and taken[one.who] < (about.capacity if one.capacity is None else one.capacity)
        ]  # fmt: skip
        give = given.get(about.group)
        resting = len(able) == 1 and able[0].who in about.round.asked
        if about.mode == "everyone" or not able or resting:
            assert give is None
            continue
        chosen = give.agent
        assert chosen in able
        assert (give.taken, give.limit) == (
            taken[chosen.who],
            about.capacity if chosen.capacity is None else chosen.capacity,
        )
        waiting = [one for one in able if one.who not in about.round.asked]
        if waiting:
            assert chosen in waiting
            others = waiting
        else:
            last = max(able, key=lambda one: about.round.asked.index(one.who))
            others = [one for one in able if one != last]
            assert give.round == Round((), about.round.ended_at, last.who) or len(able) == 1
        assert not any(before(one, chosen, about, taken, given_at) for one in others)
        taken[chosen.who] += 1
        if about.mode == ASSIGN:
            given_at[chosen.who] = NOW
    assert len(given) == len(found)


@SLOWLY
@given(AGENTS, CASES, some.permutations(range(8)))
def test_the_order_in_which_facts_are_read_changes_nothing(agents, cases, places):
    agents = [replace(one, number=NAMES.index(one.who)) for one in agents]
    cases = [replace(one, group=f"g{n}", number=n) for n, one in enumerate(cases)]
    shuffled = [cases[place] for place in places if place < len(cases)]
    assert decide(Snapshot(NOW, agents, cases)) == decide(Snapshot(NOW, agents[::-1], shuffled))
