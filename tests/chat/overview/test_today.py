"""The figures of today and of the week before, beside a count by brute force."""

import random
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from accounts.setup import find_or_create_team
from chat.models import Conversation
from chat.overview import now, today
from chat.reports import counting
from chat.reports.counting import packs
from tests.chat.reports import reference
from tests.chat.reports.scene import Scene

pytestmark = pytest.mark.django_db

ZONES = ["UTC", "Asia/Kathmandu", "America/New_York", "Europe/London"]


@pytest.fixture
def scene(monkeypatch, team, alice, bob):
    return Scene(monkeypatch, team, [alice, bob])


def live(scene: Scene, chance: random.Random) -> None:
    """Something happens."""
    if not scene.talks or chance.random() < 0.4:
        scene.says(scene.begin())
        return
    talk, who = chance.choice(scene.talks), chance.choice(scene.members)
    act = chance.random()
    if act < 0.5:
        scene.answers(talk, who)
    elif act < 0.7:
        scene.says(talk)
    elif act < 0.85:
        scene.acts("close", talk, who)
    else:
        scene.rates(talk, chance.randint(1, 5))


LATER = [pytest.param(seed, marks=pytest.mark.release) for seed in (2, 3)]


@pytest.mark.parametrize("seed", [0, 1, *LATER])
def test_both_days_are_counted_as_by_brute_force(scene, manager, enterprise, seed):
    chance = random.Random(seed)
    enterprise.zone = ZONES[seed]
    enterprise.save()
    zone = ZoneInfo(enterprise.zone)
    scene.now = datetime(2026, 3, 27, chance.randrange(24), 7, 0, 123456, timezone.utc)
    begin = scene.now
    while scene.now < begin + timedelta(days=9):
        # Much happens around the same time of the day, as it is there that a period is cut.
        for _times in range(3):
            live(scene, chance)
            scene.wait(seconds=chance.randint(1, 400))
        scene.wait(minutes=chance.randint(30, 600))
    for counted in (False, True):
        if counted:
            counting.count()
            packs.pack_days(scene.now)
        for _look in range(4):
            check(manager, zone, scene.now, scene.talks)
            scene.wait(seconds=chance.randint(1, 3000))


def check(manager, zone, moment, talks) -> None:
    day = today.count(today.ask(manager, None, moment))
    local = moment.astimezone(zone)
    ends = moment, today.same_time(day.asked)
    for lines, end, days in zip((day.lines, day.before), ends, (0, 7), strict=True):
        date = local.date() - timedelta(days)
        happened = [
            thing
            for thing in reference.things(talks, lambda _talk: {})
            if thing.at.astimezone(zone).date() == date and (lines is day.lines or thing.at < end)
        ]
        values = {
            name: sorted(thing.value for thing in happened if thing.metric == name)
            for name in ("first_reply", "rating")
        }
        n = sum(thing.metric == "receptions" for thing in happened)
        assert lines.totals.receptions == n == sum(map(sum, lines.hours))
        assert lines.totals.first_reply == pytest.approx(values["first_reply"])
        ratings = values["rating"]
        assert (lines.totals.ratings, lines.totals.stars) == (len(ratings), sum(ratings))
        assert (lines.totals.messages_in, lines.totals.next_reply) == (0, [])


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ("2026-04-04T02:30:15+02:00", "2026-03-28T01:30:15+00:00"),
        ("2026-04-05T02:30:15+02:00", "2026-03-29T01:00:00+00:00"),  # clocks skipped 2:30
        ("2026-04-05T03:00:15+02:00", "2026-03-29T01:00:15+00:00"),
        ("2026-11-01T02:30:15+01:00", "2026-10-25T00:30:15+00:00"),  # they showed it twice
    ],
)
def test_the_same_time_a_week_ago_is_by_local_clocks(manager, enterprise, now, before):
    enterprise.zone = "Europe/Berlin"
    enterprise.save()
    asked = today.ask(manager, None, datetime.fromisoformat(now))
    assert today.same_time(asked) == datetime.fromisoformat(before)


def test_the_share_in_time_is_by_each_teams_limit(scene, manager, team, enterprise):
    quick = find_or_create_team(enterprise, "quick")
    quick.answer_seconds = 10
    quick.save()
    team.answer_seconds = 60
    team.save()
    asked = today.ask(manager, None, scene.now)
    assert today.in_time(today.count(asked).lines, asked.teams) is None
    for seconds in (30, 59, 61):
        talk = scene.begin()
        scene.says(talk)
        scene.wait(seconds=seconds)
        scene.answers(talk, scene.members[0])
    asked = today.ask(manager, None, scene.now)
    assert today.in_time(today.count(asked).lines, asked.teams) == 66
    assert today.in_time(today.count(asked).lines, asked.teams, 3) == 33, "who still waits"
    team.hours = {"zone": "UTC", "week": [[[540, 1080]]] * 7, "holidays": []}
    team.save()
    scene.now = datetime(2026, 3, 28, 3, 0, tzinfo=timezone.utc)
    talk = scene.begin()
    scene.says(talk)
    scene.wait(hours=6, seconds=60)
    scene.answers(talk, scene.members[0])
    asked = today.ask(manager, None, scene.now)
    assert today.in_time(today.count(asked).lines, asked.teams) == 100, "a limit is in its hours"


def test_who_waits_is_told_by_team_and_by_how_long(scene, enterprise, team, other_team):
    late = find_or_create_team(enterprise, "patient")
    late.answer_seconds = 3_600
    late.save()
    team.answer_seconds = 120
    team.save()
    begun = {}
    for seconds in (0, 50, 90, 100):
        talk = scene.begin()
        begun[seconds] = scene.now
        scene.says(talk)
        scene.wait(seconds=50)
    snoozed = Conversation.objects.filter(uuid=scene.talks[3].group)
    snoozed.update(snoozed_until=scene.now + timedelta(hours=1))
    found = now.waits(enterprise.code, [team, late], scene.now)
    waited = [
        (scene.now - scene.row(talk).waiting_since).total_seconds() for talk in scene.talks[:3]
    ]
    assert waited == [200, 150, 100]
    assert (found[team.pk].n, found[team.pk].late, found[team.pk].soon) == (3, 2, 1)
    assert found[team.pk].since == begun[0]
    assert [one.uuid for one in now.waiting(enterprise.code, scene.now)] == [
        talk.group for talk in scene.talks[:3]
    ]
    assert not now.waits(other_team.enterprise.code, [other_team], scene.now)
    assert now.opened(enterprise.code) == {team.pk: 4}
