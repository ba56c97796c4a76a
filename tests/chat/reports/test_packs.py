"""Packed days: used while they are good, never when they are old, and nothing is lost where a
process ends in between."""

import pytest
from django.core.management import call_command

from accounts.models import Team
from accounts.setup import find_or_create_team, join_team
from chat.models import Conversation, CountedDay
from chat.reports import counting
from chat.reports.counting import packs, tables
from chat.reports.showing import facts, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(scene, alice):
    """A reception of long ago, counted and packed."""
    talk = scene.begin()
    scene.says(talk)
    scene.wait(seconds=30)
    scene.answers(talk, alice)
    scene.wait(days=3)
    counting.count()
    return scene


@pytest.fixture
def told(asked):
    return lambda: report.shaped(asked(), facts.counted(asked()))


@pytest.fixture
def totals(told):
    return lambda: told()["totals"]


def good() -> list[bool]:
    return [day.packed == day.version for day in CountedDay.objects.order_by("day")]


def test_a_packed_day_is_read_and_its_rows_are_not(scene, totals, monkeypatch):
    assert good() == [True]
    before = totals()
    monkeypatch.setattr(packs, "of_period", None)
    assert totals() == before and before["first_reply"]["n"] == 1


def test_a_change_of_its_rows_makes_a_pack_old_until_it_is_packed_again(scene, totals):
    scene.rates(scene.talks[0], 5)
    assert totals()["rating"]["n"] == 1, "before it is counted"
    stale = tables.stories(list(Conversation.objects.filter(uncounted=1)))
    tables.write(stale)
    assert good() == [False]
    assert totals()["rating"]["n"] == 1
    packs.pack_days(scene.now)
    assert good() == [True] and totals()["rating"]["n"] == 1


def test_a_pack_of_rows_that_changed_while_they_were_read_is_not_used(scene, totals, monkeypatch):
    scene.rates(scene.talks[0], 3)
    real = packs.of_period

    def overtaken(*period):
        found = real(*period)
        tables.write(tables.stories(list(Conversation.objects.filter(uncounted=1))))
        return found

    monkeypatch.setattr(packs, "of_period", overtaken)
    CountedDay.objects.update(packed=0)
    packs.pack_days(scene.now)
    assert good() == [False]
    monkeypatch.setattr(packs, "of_period", real)
    assert totals()["rating"]["n"] == 1


def test_the_day_that_is_not_over_is_not_packed(scene, totals):
    talk = scene.begin()
    scene.says(talk)
    counting.count()
    assert good() == [True, False]
    scene.wait(days=1)
    packs.pack_days(scene.now)
    assert good() == [True, True]


def test_counting_anew_gives_the_same_and_forgotten_days_are_old(scene, totals):
    before = totals()
    counting.rebuild()
    assert totals() == before
    counting.forget([scene.talks[0].group])
    assert totals()["receptions"] == 0


def test_figures_of_a_removed_team_stand_in_one_line_without_a_name(scene, told, team, alice):
    """Packed before, read from the rows, or moved on since: the line is the same."""
    for slug in ("middle", "last"):
        join_team(alice, find_or_create_team(team.enterprise, slug))
    talk = scene.talks[0]
    scene.acts("transfer", talk, alice, team="middle")
    scene.acts("close", talk, alice)
    scene.wait(days=2)
    scene.says(talk)
    counting.count()
    scene.acts("transfer", talk, alice, team="last")
    scene.wait(days=2)
    packs.pack_days(scene.now)

    def by_team():
        return {line["team"]: line["receptions"] for line in told()["by_team"]}

    assert by_team() == {"service": 1, "middle": 1, "last": 0}
    Team.objects.get(slug="middle").delete()
    assert by_team() == {"service": 1, "last": 0, None: 1}
    packs.pack_days(scene.now)
    assert by_team() == {"service": 1, "last": 0, None: 1}
    counting.count()
    counting.rebuild()
    assert by_team() == {"service": 1, "last": 0, None: 1}


def test_what_waits_to_be_counted_of_a_team_that_was_removed_is_counted(scene, totals, team, alice):
    for slug in ("middle", "last"):
        join_team(alice, find_or_create_team(team.enterprise, slug))
    talk = scene.talks[0]
    scene.acts("transfer", talk, alice, team="middle")
    scene.acts("close", talk, alice)
    counting.count()
    scene.wait(days=2)
    scene.says(talk)
    scene.acts("transfer", talk, alice, team="last")
    Team.objects.get(slug="middle").delete()
    assert totals()["receptions"] == 2
    counting.count()
    assert totals()["receptions"] == 2


def test_after_counting_anew_all_days_are_packed(scene, totals, monkeypatch):
    monkeypatch.setattr(packs, "BATCH", 1)
    talk = scene.begin()
    scene.says(talk)
    scene.wait(days=2)
    call_command("rollup", rebuild=True)
    assert good() == [True, True] and totals()["receptions"] == 2
