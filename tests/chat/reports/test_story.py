"""The definitions, one by one, at their bounds."""

from datetime import timedelta

import pytest

from accounts import tokens
from accounts.models import Member
from accounts.setup import find_or_create_team, join_team
from chat.models import Conversation, CountedReception, GroupMessage
from chat.posting import batches
from chat.reports import counting
from chat.reports.counting import tables
from chat.reports.showing import facts, listing, question, report
from tests.chat.helpers import draft_of
from tests.conftest import hire

pytestmark = pytest.mark.django_db


@pytest.fixture
def totals(asked):
    return lambda **fields: told(asked(**fields))["totals"]


def told(asked: question.Question) -> dict:
    return report.shaped(asked, facts.counted(asked))


def test_a_press_on_a_quick_question_begins_no_reception_and_its_answer_is_no_reply(scene, totals):
    talk = scene.begin()
    scene.says(talk, press=True)
    found = totals()
    assert (found["receptions"], found["messages_in"], found["messages_out"]) == (0, 1, 0)
    scene.wait(minutes=5)
    scene.says(talk)
    scene.wait(seconds=90)
    scene.says(talk, press=True)
    assert totals()["unanswered"] == 1
    scene.answers(talk, scene.members[0])
    found = totals()
    assert (found["receptions"], found["unanswered"]) == (1, 0)
    assert found["first_reply"] == {"n": 1, "mean": 90.0, "median": 90.0, "p90": 90.0}


def test_a_recalled_press_and_a_recalled_reply_count_as_they_were(scene, totals):
    talk = scene.begin()
    seq = scene.says(talk, press=True)
    scene.recalls(talk, talk.guest.uuid, seq)
    assert (totals()["receptions"], totals()["messages_in"]) == (0, 1)
    scene.says(talk)
    scene.answers(talk, scene.members[0])
    scene.recalls(talk, scene.members[0].uuid, scene.last_seq(talk, scene.members[0].uuid))
    assert (totals()["first_reply"]["n"], totals()["messages_out"]) == (1, 1)


def test_what_a_program_writes_answers_nothing_that_a_bot_was_asked(
    scene, totals, team, enterprise, alice
):
    scene.bot = hire("robo", enterprise, Member.Role.BOT, team)
    crm = tokens.service_account(enterprise, "crm")
    talk = scene.begin()
    scene.says(talk)
    scene.answers(talk, alice)
    scene.acts("close", talk, alice)
    scene.wait(minutes=5)
    scene.says(talk)
    scene.wait(seconds=10)
    batches.post(draft_of(crm, talk.group, "Your parcel has left.", service=True))
    scene.hands_over(talk)
    scene.wait(seconds=20)
    scene.answers(talk, alice)
    found = totals()
    assert found["receptions"] == 1
    assert (found["next_reply"]["n"], found["next_reply"]["mean"]) == (1, 30.0)


@pytest.mark.parametrize(
    "later, receptions", [(timedelta(hours=24), 1), (timedelta(hours=24, microseconds=1), 2)]
)
def test_what_its_visitor_reopens_within_a_day_is_the_same_reception(
    scene, totals, later, receptions
):
    talk = scene.begin()
    scene.says(talk)
    scene.wait(seconds=100)
    scene.acts("close", talk, scene.members[0])
    assert totals()["resolution"]["mean"] == 100.0
    scene.now += later
    scene.says(talk)
    assert totals()["receptions"] == receptions
    assert totals()["resolution"]["n"] == receptions - 1
    scene.wait(seconds=50)
    scene.answers(talk, scene.members[0])
    scene.acts("close", talk, scene.members[0])
    found = totals()
    assert found["first_reply"]["n"] == 1, "the first one of the second reception, or of the joined"
    assert found["resolution"]["n"] == receptions
    expected = {1: (150 + later.total_seconds()), 2: 50.0}[receptions]
    assert max(found["first_reply"]["mean"], 50.0) == expected


def test_where_an_agent_reopens_the_next_message_begins_a_reception(scene, totals):
    talk = scene.begin()
    scene.says(talk)
    scene.answers(talk, scene.members[0])
    scene.acts("close", talk, scene.members[0])
    scene.wait(minutes=1)
    scene.acts("reopen", talk, scene.members[0])
    scene.answers(talk, scene.members[0])
    assert (totals()["receptions"], totals()["next_reply"]["n"]) == (1, 0)
    scene.wait(minutes=1)
    scene.says(talk)
    assert (totals()["receptions"], totals()["unanswered"]) == (2, 1)
    assert totals()["resolution"]["n"] == 1


def test_a_close_that_an_agent_takes_back_is_no_resolution_and_the_next_one_is(
    scene, asked, alice, bob
):
    """Until the visitor writes again: then the next reception begins, and the close stands."""
    talk = scene.begin()
    scene.says(talk)
    scene.wait(seconds=10)
    scene.acts("claim", talk, alice)
    scene.acts("close", talk, alice)
    scene.wait(seconds=5)
    scene.acts("reopen", talk, bob)
    counting.count()
    assert told(asked())["totals"]["resolution"]["n"] == 0
    scene.wait(seconds=1785)
    scene.acts("claim", talk, bob)
    scene.acts("close", talk, bob)
    found = told(asked(member="bob"))["totals"]["resolution"]
    assert (found["n"], found["mean"]) == (1, 1800.0)
    scene.acts("reopen", talk, alice)
    scene.acts("claim", talk, alice)
    assert told(asked())["totals"]["resolution"]["n"] == 0
    scene.wait(seconds=1)
    scene.says(talk)
    found = told(asked(member="bob"))["totals"]["resolution"]
    assert (found["n"], found["mean"]) == (1, 1800.0)
    assert told(asked())["totals"]["receptions"] == 2


def test_a_reply_is_credited_to_who_sent_it_and_the_end_to_who_held_the_claim_last(
    scene, asked, alice, bob
):
    talk = scene.begin()
    scene.says(talk)
    scene.acts("claim", talk, alice)
    scene.answers(talk, bob)
    scene.says(talk)
    scene.answers(talk, alice)
    scene.acts("release", talk, alice)
    scene.acts("close", talk, bob)
    scene.rates(talk, 2)
    scene.rates(talk, 4)
    by = {line["member"]: line for line in told(asked())["by_member"]}
    assert by["bob"]["first_reply"]["n"] == 1 and by["alice"]["first_reply"]["n"] == 0
    assert by["alice"]["next_reply"]["n"] == 1 and by["bob"]["next_reply"]["n"] == 0
    assert by["alice"]["resolution"]["n"] == 1 and by["bob"]["resolution"]["n"] == 0
    assert by["alice"]["rating"] == {"n": 1, "mean": 4.0}
    assert [by[name]["receptions"] for name in ("alice", "bob")] == [1, 1]


def test_a_note_answers_nothing_and_a_close_ends_the_wait(scene, totals):
    talk = scene.begin()
    scene.says(talk)
    scene.answers(talk, scene.members[0], note=True)
    assert (totals()["unanswered"], totals()["messages_out"]) == (1, 0)
    scene.answers(talk, scene.members[0])
    scene.says(talk)
    scene.acts("close", talk, scene.members[0])
    scene.answers(talk, scene.members[0])
    assert totals()["next_reply"]["n"] == 0


def test_a_reception_belongs_to_the_team_at_its_beginning(scene, asked, team, alice):
    sales = find_or_create_team(team.enterprise, "sales")
    join_team(alice, sales)
    talk = scene.begin()
    scene.says(talk)
    scene.acts("transfer", talk, alice, team="sales")
    scene.answers(talk, alice)
    found = {line["team"]: line for line in told(asked())["by_team"]}
    assert found["service"]["first_reply"]["n"] == found["service"]["messages_out"] == 1
    assert found["sales"]["receptions"] == 0
    scene.wait(days=9)
    scene.acts("close", talk, alice)
    scene.wait(days=2)
    scene.says(talk)
    counting.count()
    teams = CountedReception.objects.order_by("opened_at").values_list("team__slug", flat=True)
    assert list(teams) == ["service", "sales"]


def test_by_the_clock_of_the_team_only_working_hours_count(scene, totals, team, asked):
    team.hours = {"zone": "UTC", "week": [[[540, 1020]]] * 5 + [[], []], "holidays": []}
    team.save()
    talk = scene.begin()  # Friday at 20:10:30
    scene.says(talk)
    scene.now = scene.now.replace(day=30, hour=9, minute=30, second=0, microsecond=0)
    scene.answers(talk, scene.members[0])
    assert totals(clock="hours")["first_reply"]["mean"] == 1_800.0
    assert totals()["first_reply"]["mean"] > 200_000
    row = listing.page(asked(clock="hours"), {"metric": "first_reply"}, scene.now).rows[0]
    assert row["seconds"] == 1_800.0


def test_hours_that_a_team_gets_later_change_no_earlier_figure(scene, totals, team):
    team.hours = {"zone": "UTC", "week": [[[540, 1020]]] * 7, "holidays": []}
    team.save()
    scene.now = scene.now.replace(hour=16)
    talk = scene.begin()
    scene.says(talk)
    scene.wait(hours=17)
    scene.answers(talk, scene.members[0])
    before = totals(clock="hours")
    scene.wait(days=1)
    team.refresh_from_db()
    team.hours = {"zone": "UTC", "week": [[[0, 60]]] * 7, "holidays": []}
    team.save()
    assert totals(clock="hours") == before
    counting.rebuild()
    assert totals(clock="hours") == before


def test_a_resolution_is_marked_as_provisional_for_a_day(scene, asked):
    talk = scene.begin()
    scene.says(talk)
    scene.acts("close", talk, scene.members[0])

    def marked():
        page = listing.page(asked(), {"metric": "resolution"}, scene.now)
        return [row["provisional"] for row in page.rows]

    scene.wait(hours=24, microseconds=-1)
    assert marked() == [True]
    scene.wait(microseconds=1)
    assert marked() == [False]


@pytest.mark.parametrize("acts", [(), ("close",), ("close", "reopen")])
def test_an_erased_visitors_and_a_removed_members_numbers_stay(scene, asked, alice, bob, acts):
    talk = scene.begin()
    scene.says(talk)
    scene.answers(talk, alice)
    scene.rates(talk, 5)
    for act in acts:
        scene.acts(act, talk, bob)
    scene.wait(hours=1)
    before = told(asked())["totals"]
    assert before["resolution"]["n"] == (acts == ("close",))
    scene.erases(talk)
    alice.delete()
    after = told(asked())
    assert after["totals"] == before, "what the erasure closes was not resolved"
    assert [line["member"] for line in after["by_member"]] == [None]
    counting.count()
    counting.rebuild()
    assert told(asked()) == after
    rows = listing.page(asked(member="*"), {"metric": "first_reply"}, scene.now)
    assert (rows.n, rows.rows[0]["member"]) == (1, None)


def test_what_is_in_quarantine_counts_once_somebody_says_that_it_is_no_spam(
    scene, totals, team, alice
):
    from chat.posting.visitor_actions import VisitorAction

    talk = scene.begin()
    draft = talk.guest.draft("look")
    draft.opening.suspicion = "links"
    talk.group = batches.post(draft)["group"]
    assert totals()["receptions"] == totals()["messages_in"] == 0
    scene.wait(minutes=10)
    batches.do(VisitorAction("not_spam", alice.uuid, talk.group))
    assert (totals()["receptions"], totals()["messages_in"]) == (1, 1)
    scene.answers(talk, alice)
    assert totals()["first_reply"]["mean"] == 600.0


def test_counting_twice_or_by_two_processes_counts_once(scene, totals, monkeypatch):
    talk = scene.begin()
    scene.says(talk)
    scene.answers(talk, scene.members[0])
    before, rows = totals(), list(Conversation.objects.filter(uncounted=1))
    late = tables.stories(rows)
    counting.count()
    unchanged = tables.lock(rows)
    tables.write([story for story in late if story.group in unchanged])
    counting.count()
    assert totals() == before


def test_a_report_reads_again_where_the_background_counts_meanwhile(scene, totals, monkeypatch):
    talk = scene.begin()
    scene.says(talk)
    real, times = counting.uncounted, []

    def interrupted(ent_id):
        told = real(ent_id)
        if not times:
            counting.count()
        times.append(len(told))
        return told

    monkeypatch.setattr(counting, "uncounted", interrupted)
    assert totals()["receptions"] == 1
    assert times == [1, 0]


def test_a_rating_that_is_no_number_counts_nothing_and_stops_nothing(scene, totals):
    talk = scene.begin()
    scene.says(talk)
    scene.rates(talk, 4)
    rated = GroupMessage.objects.filter(group_id=talk.group, data__event="rated")
    rated.update(data={"event": "rated", "score": "five"})
    counting.count()
    assert not Conversation.objects.filter(uncounted=1).exists()
    found = totals()
    assert (found["receptions"], found["rating"]) == (1, {"n": 0, "mean": None})
