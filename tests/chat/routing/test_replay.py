"""The replay: what each way of routing would have done with stored arrivals."""

import random
from datetime import datetime, timedelta, timezone

import pytest
from django.core.management import CommandError, call_command

from accounts import setup, tokens
from accounts.hours import Hours
from accounts.models import Member, Team
from chat.models import Conversation, GroupMessage, Reception
from chat.posting import batches
from chat.routing import replay, stored
from chat.routing.replay import ASSIGN, EVERYONE, OFFER, POLICIES, Arrival, Desk, Shift
from tests.chat.helpers import draft_of, new_guest

pytestmark = pytest.mark.once
BEGIN = datetime(2026, 11, 2, 9, tzinfo=timezone.utc)


def later(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def shift(who: str, **more) -> Shift:
    return Shift(who, ((BEGIN, later(10**7)),), **more)


def ten_thousand() -> tuple[list[Arrival], list[Shift]]:
    """Arrivals as on busy days, every 20 s on the average and in rushes, of visitors some of whom
    come back; and twelve agents for them, some of them quicker than others."""
    chance = random.Random(7)
    arrivals, moment = [], 0.0
    for number in range(10_000):
        rush = 2.5 if number // 500 % 4 == 3 else 1
        moment += chance.expovariate(rush / 20)
        visitor = f"v{chance.randrange(4_000)}"
        length = min(chance.lognormvariate(5.9, 0.8), 3600)
        arrivals.append(Arrival(str(number), visitor, later(moment), length))
    return arrivals, [shift(f"agent{n}", pace=12 - n) for n in range(12)]


@pytest.mark.release
def test_ten_thousand_arrivals_are_assigned_without_an_inversion():
    arrivals, shifts = ten_thousand()
    desk, people = Desk(capacity=4), [one.who for one in shifts]
    found = {policy: replay.run(policy, arrivals, shifts, desk) for policy in POLICIES}
    for policy, outcome in found.items():
        assert len(outcome.served) == 10_000 and outcome.left == 0
        waits = outcome.wait(0.5), outcome.wait(0.9), max(outcome.waits)
        print(policy, *(f"{wait:.1f}" for wait in waits), f"{outcome.gini(people):.4f}")
    order = [int(key) for key, _who in found[ASSIGN].served]
    assert order == sorted(order), "who waits longer comes first"
    assert max(found[ASSIGN].waits) > 60, "in a rush they wait, so there is an order"
    assert found[ASSIGN].wait(0.9) < found[OFFER].wait(0.9)
    assert found[ASSIGN].gini(people) < found[EVERYONE].gini(people)


def test_an_offer_costs_the_time_until_it_is_accepted():
    arrivals = [Arrival("0", "v", BEGIN, 60)]
    assert replay.run(OFFER, arrivals, [shift("alice")], Desk(4)).waits == [replay.REACTION]
    short = replay.run(OFFER, arrivals, [shift("alice")], Desk(4, offer_seconds=6))
    assert short.waits == [3]


def test_who_comes_back_gets_the_same_agent():
    arrivals = [Arrival(f"{n}", "v", later(n * 100), 10) for n in range(4)]
    outcome = replay.run(ASSIGN, arrivals, [shift("alice"), shift("bob")], Desk(4))
    assert len({who for _key, who in outcome.served}) == 1


@pytest.mark.parametrize(
    ("week", "come"), [((), 300), ([[[550, 1080]]] * 7, 900)], ids=["always", "from 9:10"]
)
def test_helpers_come_after_the_minutes_of_the_teams_hours(week, come):
    arrivals = [Arrival(str(n), f"v{n}", BEGIN, 3600) for n in range(3)]
    shifts = [shift("alice", capacity=1), shift("helper", helps=True, capacity=1)]
    desk = Desk(4, overflow_minutes=5, hours=Hours.from_stored({"zone": "UTC", "week": week}))
    outcome = replay.run(ASSIGN, arrivals, shifts, desk)
    assert outcome.waits == [0, come, 3600] and outcome.overflowed == 2


def test_nobody_is_given_anything_while_they_are_not_there():
    off = Shift("alice", ((later(100), later(200)),))
    arrivals = [Arrival("0", "v", BEGIN, 50), Arrival("1", "w", later(190), 1)]
    outcome = replay.run(ASSIGN, [*arrivals, Arrival("2", "x", later(300), 1)], [off], Desk(4))
    assert outcome.waits == [100, 0] and outcome.left == 1


@pytest.mark.parametrize(
    ("served", "gini"),
    [({"a": 5, "b": 5}, 0.0), ({"a": 10, "b": 0}, 0.5), ({"a": 3, "b": 1}, 0.25), ({}, 0.0)],
    ids=str,
)
def test_the_spread_is_the_ginis_coefficient(served, gini):
    outcome = replay.Outcome(served=[("", who) for who, n in served.items() for _ in range(n)])
    assert outcome.gini(["a", "b"]) == pytest.approx(gini)


@pytest.fixture
def day(team, alice, bob):
    """A stored day: three receptions, answered by alice after ten minutes."""
    for number in range(3):
        group = batches.post(new_guest(team).draft())["group"]
        batches.post(draft_of(alice, group))
        at = BEGIN + timedelta(minutes=number)
        Reception.objects.filter(group_id=group).update(
            opened_at=at,
            first_reply_at=at + timedelta(minutes=10),
            closed_at=at + timedelta(minutes=20),
        )
    rows = GroupMessage.objects.filter(sender=alice.uuid).order_by("id")
    for moment, row in zip((BEGIN, later(60), later(7200)), rows, strict=True):
        GroupMessage.objects.filter(pk=row.pk).update(created_at=moment)


@pytest.mark.django_db
def test_the_command_prints_a_line_for_each_policy(day, team, capsys):
    before = list(Conversation.objects.values())
    call_command("routing_replay", "--from", "2026-11-01", "--to", "2026-11-30")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "acme/service: 3 arrivals, 2 agents, 4 at a time"
    assert [line.split()[0] for line in lines[2:]] == ["everyone", "offer", "assign"]
    assert lines[4].split()[1:] == ["3", "0", "0.0", "s", "0.0", "s", "0.500", "0"]
    call_command("routing_replay", "--from=2026-11-02", "--policy=assign", "--capacity=1")
    line = capsys.readouterr().out.splitlines()[2].split()
    assert line[1:7] == ["3", "0", "540.0", "s", "1080.0", "s"]
    assert list(Conversation.objects.values()) == before, "it changes nothing"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "options",
    [
        ["--from", "2026-11-02", "--to", "2026-11-01"],
        ["--from", "yesterday"],
        ["--from", "2026-11-02", "--policy", "none"],
        ["--from", "2026-11-02", "--capacity", "-1"],
        ["--from", "2026-11-02", "--capacity", "10001"],
        ["--from", "2026-11-02", "--team", "nowhere"],
        ["--from", "2026-11-02", "--enterprise", "nobody"],
        [],
    ],
    ids=str,
)
def test_what_cannot_be_replayed_is_refused(team, options):
    with pytest.raises(CommandError):
        call_command("routing_replay", *options)


@pytest.mark.django_db
def test_an_agent_without_a_message_was_not_there(day, team, bob):
    spans = {
        one.who: one.spans
        for one in stored.shifts(team, *stored.period(BEGIN.date(), BEGIN.date()))
    }
    assert spans[bob.uuid] == ()
    assert Member.objects.count() == 2 and Team.objects.count() == 1


@pytest.mark.django_db
def test_a_bot_is_no_agent_of_its_team_or_of_one_that_helps(day, team, alice, bob, capsys):
    team.overflow = setup.find_or_create_team(team.enterprise, "sales")
    team.save()
    tokens.bot(team, "helper")
    tokens.bot(team.overflow, "other")
    Member.objects.filter(role=Member.Role.BOT).update(takes_routed=True)
    shifts = stored.shifts(team, *stored.period(BEGIN.date(), BEGIN.date()))
    assert {one.who for one in shifts} == {alice.uuid, bob.uuid}
    call_command("routing_replay", "--from=2026-11-01", "--to=2026-11-30", "--team=service")
    assert "3 arrivals, 2 agents," in capsys.readouterr().out.splitlines()[0]
