"""An agent's own figures in the workspace, and nobody else's."""

import re
from datetime import datetime, timedelta, timezone

import pytest

from accounts.setup import find_or_create_team, join_team
from chat.posting import batches
from chat.protocol.errors import Refused
from chat.reports import counting
from chat.reports.showing import own
from tests.chat.helpers import act_of, draft_of, new_guest

pytestmark = pytest.mark.django_db

PLACE = "/agent/figures/"
WEDNESDAY = datetime(2026, 4, 1, 9, tzinfo=timezone.utc)


@pytest.fixture
def scene(scene):
    scene.now = WEDNESDAY - timedelta(days=7)
    return scene


def told(member, now):
    return {period.name: period for period in own.periods(member, now)}


def test_a_members_figures_stand_beside_the_medians_of_their_team(scene, alice, bob, carol):
    for seconds, who in ((10, alice), (30, bob), (50, bob)):
        talk = scene.begin()
        scene.says(talk)
        scene.wait(seconds=seconds)
        scene.answers(talk, who)
    scene.now = WEDNESDAY
    talk = scene.begin()
    scene.says(talk)
    scene.wait(seconds=20)
    scene.answers(talk, alice)
    scene.says(talk)
    scene.wait(seconds=5)
    scene.answers(talk, alice)
    scene.acts("claim", talk, alice)
    scene.acts("close", talk, alice)
    scene.rates(talk, 4)
    for stored in (False, True):
        if stored:
            counting.count()
        found = told(alice, scene.now)
        assert list(found) == ["this_week", "last_week", "days"]
        week, last, days = found.values()
        assert (week.own.receptions, week.own.replies, week.own.ratings) == (1, 2, 1)
        assert (week.own.first_reply, week.own.next_reply, week.own.resolution) == (20, 5, 25)
        assert week.own.rating == week.teams.rating == 4
        assert (last.own.receptions, last.own.first_reply, last.own.rating) == (1, 10, None)
        assert last.teams.first_reply == 30, "of 10, 30 and 50"
        assert (days.own.receptions, days.teams.first_reply) == (2, 20)
    found = told(carol, scene.now)
    assert found["days"].own.receptions == 0, "who has no team has nothing beside it"
    assert found["days"].teams.first_reply is None


def test_weeks_begin_on_monday_by_the_enterprises_clock(alice, enterprise):
    enterprise.zone = "Pacific/Kiritimati"
    enterprise.save()
    alice.enterprise.refresh_from_db()
    sunday_there_is_over = datetime(2026, 4, 5, 10, 30, tzinfo=timezone.utc)
    found = told(alice, sunday_there_is_over)
    assert found["this_week"].first.isoformat() == "2026-04-06" == found["days"].last.isoformat()
    assert found["last_week"].last.isoformat() == "2026-04-05"
    assert (found["days"].last - found["days"].first).days == 29


def test_what_a_member_did_in_another_team_counts_and_other_teams_stay_out_of_the_median(
    scene, alice, bob, team
):
    other = find_or_create_team(team.enterprise, "sales")
    join_team(bob, other)
    scene.team = other
    talk = scene.begin()
    scene.says(talk)
    scene.wait(seconds=90)
    scene.answers(talk, bob)
    found = told(bob, scene.now)
    assert found["this_week"].own.first_reply == found["this_week"].teams.first_reply == 90
    assert told(alice, scene.now)["this_week"].teams.first_reply is None
    bob.places.filter(team=other).delete()
    bob.__dict__.pop("own_places", None)
    found = told(bob, scene.now)
    assert (found["this_week"].own.receptions, found["this_week"].own.first_reply) == (1, 90)
    assert found["this_week"].teams.first_reply is None


def test_the_page_has_ones_own_numbers_and_no_other_members(browser_of, group, alice, bob, team):
    batches.post(draft_of(bob, group, "an answer"))
    for text in ("one", "two"):
        talk = batches.post(new_guest(team).draft(text))["group"]
        batches.post(draft_of(bob, talk, "an answer"))
        batches.do(act_of("close", bob.uuid, talk))
    page = browser_of(alice).get(PLACE).content.decode()
    numbers = re.findall(r"<td>(\d+)</td>", page)
    assert numbers and set(numbers) == {"0"}
    assert not re.search(r"小博|\bbob\b", page) and team.name in page
    numbers = re.findall(r"<td>(\d+)</td>", browser_of(bob).get(PLACE).content.decode())
    assert numbers.count("3") >= 4


def test_while_too_much_is_counted_the_page_says_so(browser_of, alice, monkeypatch):
    def refuse(*_args):
        raise Refused("unavailable", "Too much is being counted.")

    monkeypatch.setattr(own, "periods", refuse)
    answer = browser_of(alice).get(PLACE)
    assert answer.status_code == 503 and "few minutes" in answer.content.decode()
