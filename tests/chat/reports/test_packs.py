"""Packed days: used while they are good, never when they are old, and nothing is lost where a
process ends in between."""

from datetime import timedelta

import pytest

from chat.models import CountedDay
from chat.reports import counting, packs, question, report

from .scene import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(monkeypatch, team, alice, bob):
    """A reception of long ago, counted and packed."""
    scene = Scene(monkeypatch, team, [alice, bob])
    talk = scene.begin()
    scene.says(talk)
    scene.wait(seconds=30)
    scene.answers(talk, alice)
    scene.wait(days=3)
    counting.count()
    return scene


@pytest.fixture
def totals(manager, scene):
    def ask(**fields):
        period = {"from": "2026-03-20", "to": "2026-05-20", "zone": "UTC"}
        asked = question.ask(manager, period | fields, scene.now)
        return report.shaped(asked, report.lines_of(asked))["totals"]

    return ask


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
    stale = counting.stories(list(counting.Conversation.objects.filter(uncounted=1)))
    counting.write(stale)
    assert good() == [False]
    assert totals()["rating"]["n"] == 1
    packs.pack_days(scene.now)
    assert good() == [True] and totals()["rating"]["n"] == 1


def test_a_pack_of_rows_that_changed_while_they_were_read_is_not_used(scene, totals, monkeypatch):
    scene.rates(scene.talks[0], 3)
    real = packs.of_period

    def overtaken(*period):
        found = real(*period)
        counting.write(counting.stories(list(counting.Conversation.objects.filter(uncounted=1))))
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


def test_an_off_by_one_in_a_pack_would_be_seen(scene, totals, monkeypatch):
    """What the random streams would find: figures that are not those of the rows."""
    before = totals(**{"from": "2026-03-27", "to": "2026-03-27"})
    assert before["receptions"] == 1
    real = packs.quarter_number
    monkeypatch.setattr(packs, "quarter_number", lambda at: real(at + timedelta(hours=4)))
    CountedDay.objects.update(packed=0)
    packs.pack_days(scene.now)
    assert totals(**{"from": "2026-03-27", "to": "2026-03-27"}) != before


def test_counting_anew_gives_the_same_and_forgotten_days_are_old(scene, totals):
    before = totals()
    counting.rebuild()
    assert totals() == before
    counting.forget([scene.talks[0].group])
    assert totals()["receptions"] == 0
