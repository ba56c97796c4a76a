"""What reports count of two conversations that became one, as their visitor signed in."""

from datetime import timedelta

import pytest

from accounts.setup import find_or_create_team, join_team
from chat.care import retention
from chat.models import Conversation, GroupMessage
from chat.reports import counting
from chat.reports.counting import tables
from tests.chat.helpers import new_guest

pytestmark = pytest.mark.django_db


def test_an_earlier_conversation_that_is_added_changes_no_figure_and_the_open_one_goes_on(
    scene, told, alice
):
    known = scene.begin()
    scene.says(known)
    scene.wait(minutes=10)
    loose = scene.begin()
    scene.says(loose)
    scene.wait(minutes=1)
    scene.answers(loose, alice)
    scene.acts("close", loose, alice)
    before = told()["totals"]
    scene.joins(loose, known)
    assert told()["totals"] == before
    scene.wait(hours=2)
    scene.answers(known, alice)
    scene.acts("close", known, alice)
    found = told()["totals"]
    assert found["receptions"] == found["resolution"]["n"] == 2
    assert found["resolution"]["p90"] == 660 + 7_200


def test_who_signs_in_while_they_are_counted_is_no_agent(scene, told, team, monkeypatch):
    known, loose = scene.begin(), scene.begin()
    known.guest = new_guest(find_or_create_team(team.enterprise, "sales"))
    for talk in (known, loose):
        scene.says(talk)
    read = tables.read

    def read_after(rows):
        monkeypatch.setattr(tables, "read", read)
        scene.joins(loose, known)
        return read(rows)

    monkeypatch.setattr(tables, "read", read_after)
    counting.count()
    assert told()["totals"]["messages_out"] == 0


def test_no_time_goes_backwards_where_the_added_conversation_is_the_older_one(scene, told, alice):
    loose = scene.begin()
    scene.says(loose)
    scene.wait(minutes=1)
    scene.answers(loose, alice)
    scene.wait(minutes=1)
    scene.says(loose)
    scene.wait(minutes=5)
    scene.answers(loose, alice)
    scene.acts("close", loose, alice)
    scene.wait(hours=2)
    known = scene.begin()
    scene.says(known)
    before = told()["totals"]
    scene.joins(loose, known)
    assert told()["totals"] == before
    scene.wait(minutes=10)
    scene.answers(known, alice)
    found = told()["totals"]
    replies = found["first_reply"]
    assert (replies["n"], replies["median"], replies["p90"]) == (2, 60.0, 600.0)


def test_what_waits_in_both_is_one_wait_from_the_earlier_moment(scene, told, alice):
    known = scene.begin()
    scene.says(known)
    scene.answers(known, alice)
    scene.wait(minutes=1)
    loose = scene.begin()
    scene.says(loose)
    scene.wait(minutes=1)
    scene.says(known)
    scene.wait(minutes=1)
    scene.joins(loose, known)
    scene.answers(known, alice)
    found = told()["totals"]
    assert (found["receptions"], found["unanswered"]) == (2, 1)
    assert found["next_reply"]["mean"] == 120.0


def test_a_reopening_by_the_visitor_stays_theirs_after_they_have_signed_in(scene, told, alice):
    known = scene.begin()
    scene.says(known)
    scene.acts("close", known, alice)
    scene.wait(days=3)
    loose = scene.begin()
    scene.says(loose)
    scene.wait(minutes=1)
    scene.answers(loose, alice)
    scene.acts("close", loose, alice)
    scene.wait(hours=1)
    scene.says(loose)
    before = told()["totals"]
    assert before["receptions"] == 2
    stranger = loose.guest.uuid
    scene.joins(loose, known)
    assert told()["totals"] == before
    assert not GroupMessage.objects.filter(data__by=stranger).exists()
    # As rows were that joined before.
    rows = GroupMessage.objects.filter(data__event="reopened")
    for row in rows:
        row.data |= {"by": stranger}
        row.save()
    assert rows.count() == 1 and told()["totals"] == before


def test_receptions_of_an_added_conversation_stay_with_the_team_in_which_it_began(
    scene, told, team, alice
):
    sales = find_or_create_team(team.enterprise, "sales")
    join_team(alice, sales)
    known = scene.begin()
    scene.says(known)
    scene.acts("transfer", known, alice, team="sales")
    scene.wait(minutes=1)
    loose = scene.begin()
    loose.guest, loose.team = new_guest(sales), "sales"
    scene.says(loose)
    scene.answers(loose, alice)
    before = {line["team"]: line for line in told()["by_team"]}
    assert before["sales"]["receptions"] == before["service"]["receptions"] == 1
    scene.joins(loose, known)
    assert {line["team"]: line for line in told()["by_team"]} == before


def test_numbers_of_rows_that_were_emptied_stay_when_their_conversation_is_added(
    scene, told, alice, enterprise
):
    loose = scene.begin()
    for _time in range(3):
        scene.says(loose)
        scene.wait(minutes=1)
        scene.answers(loose, alice)
        scene.acts("close", loose, alice)
        scene.rates(loose, 5)
        scene.wait(days=3)
    scene.wait(days=40)
    retention.empty(loose.group, scene.now - timedelta(days=30))
    assert Conversation.objects.get(uuid=loose.group).emptied_seq
    scene.says(loose)
    known = scene.begin()
    scene.says(known)
    before = told()["totals"]
    assert before["rating"] == {"n": 3, "mean": 5.0}
    scene.joins(loose, known)
    assert told()["totals"] == before
    scene.wait(minutes=1)
    scene.answers(known, alice)
    assert told()["totals"]["first_reply"]["n"] == 4


def test_messages_in_one_quarter_of_an_hour_before_and_after_are_counted_and_listed_once(
    scene, told, alice
):
    scene.now = scene.now.replace(minute=1)
    known, loose = scene.begin(), scene.begin()
    for talk in (known, loose, known):
        scene.says(talk)
        scene.answers(talk, alice)
    scene.joins(loose, known)
    counting.count()
    scene.says(known)
    scene.answers(known, alice)
    found = told()["totals"]
    assert (found["messages_in"], found["messages_out"], found["receptions"]) == (4, 4, 2)
