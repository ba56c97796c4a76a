"""Quick questions in the workspace: a leader edits those of the teams that they lead, a manager all
of the enterprise, and nobody else any."""

import pytest

from accounts.models import TeamMember
from accounts.setup import find_or_create_team, join_team
from chat.models import QuickQuestion
from chat.models.question import MAX_QUESTIONS
from tests.accounts.admin.page import form_of as page_form
from tests.conftest import hire, stored

pytestmark = pytest.mark.django_db

PLACE = "/agent/questions/"


@pytest.fixture
def sales(enterprise):
    return find_or_create_team(enterprise, "sales", "Sales")


@pytest.fixture
def asked(team, sales, other_team):
    """A question of each team, of another enterprise's, too."""
    return {
        one.slug if one is not other_team else "abroad": QuickQuestion.objects.create(
            team=one, question=f"{one.name}?", answer="9 to 5"
        )
        for one in (team, sales, other_team)
    }


def form_of(team, **fields):
    return {"team": team.pk, "question": "When?", "answer": "At 9", "position": "0"} | fields


def test_a_leader_adds_changes_and_deletes_what_their_team_is_asked(
    browser_of, leader, team, asked
):
    browser = browser_of(leader)
    page = browser.get(PLACE).content.decode()
    assert f"{team.name}?" in page and "Sales?" not in page and "<option" in page
    form = form_of(team, **{"question_zh-hans": "几点？"})
    assert browser.post(PLACE, form)["Location"] == PLACE
    row = QuickQuestion.objects.get(question="When?")
    assert row.team == team and row.translations == {"zh-hans": {"question": "几点？"}}
    assert browser.post(f"{PLACE}{row.pk}/", form_of(team, answer="At 10"))["Location"] == PLACE
    row.refresh_from_db()
    assert (row.answer, row.translations) == ("At 10", {})
    assert browser.post(f"{PLACE}{row.pk}/", {"delete": "1"}).status_code == 302
    assert not QuickQuestion.objects.filter(pk=row.pk).exists()


def test_two_leaders_change_a_question(browser_of, leader, manager, asked):
    place = f"{PLACE}{asked['service'].pk}/"
    fields = page_form(browser_of(leader).get(place))
    browser_of(manager).post(place, {**fields, "answer": "At 9"})
    refused = browser_of(leader).post(place, {**fields, "answer": "At 10", "position": "3"})
    assert refused.status_code == 400 and "It is now “At 9”." in refused.content.decode()
    for sent in ({**fields, "position": "3"}, page_form(refused)):
        assert browser_of(leader).post(place, sent).status_code == 302
    row = stored(asked["service"])
    assert (row.answer, row.position) == ("At 10", 3), "they wanted it"


def test_a_leader_reaches_no_other_teams_questions(browser_of, leader, sales, other_team, asked):
    browser = browser_of(leader)
    for name in ("sales", "abroad"):
        place = f"{PLACE}{asked[name].pk}/"
        assert browser.get(place).status_code == 404
        for form in (form_of(sales), {"delete": "1"}):
            assert browser.post(place, form).status_code == 404
    for team in (sales, other_team):
        assert browser.post(PLACE, form_of(team)).status_code == 400
    moved = browser.post(f"{PLACE}{asked['service'].pk}/", form_of(sales))
    assert moved.status_code == 400, "nor is a question given to another team"
    assert {row.question for row in QuickQuestion.objects.all()} == {
        row.question for row in asked.values()
    }


def test_who_leads_no_team_sees_no_way_there(browser_of, alice, leader):
    assert PLACE not in browser_of(alice).get("/agent/replies/").content.decode()
    assert PLACE in browser_of(leader).get("/agent/replies/").content.decode()


def test_who_leads_two_teams_chooses_and_a_manager_has_all(
    browser_of, manager, team, sales, other_team, asked
):
    both = hire("bea", team.enterprise)
    for one in (team, sales):
        join_team(both, one, TeamMember.Type.LEADER)
    assert browser_of(both).post(PLACE, form_of(sales)).status_code == 302
    assert sales.questions.count() == 2
    page = browser_of(manager).get(PLACE).content.decode()
    assert "Sales?" in page and f'<option value="{sales.pk}"' in page
    assert f'<option value="{other_team.pk}"' not in page
    assert browser_of(manager).post(PLACE, form_of(other_team)).status_code == 400


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(browser_of, leader, team):
    browser = browser_of(leader)
    answer = browser.post(PLACE, form_of(team, answer="", question="Where?"))
    page = answer.content.decode()
    assert answer.status_code == 400 and "field-error" in page and 'value="Where?"' in page
    for fields in ({"position": "-1"}, {"question": "x" * 101}, {"answer": "x" * 4001}):
        assert browser.post(PLACE, form_of(team, **fields)).status_code == 400
    for number in range(MAX_QUESTIONS):
        QuickQuestion.objects.create(team=team, question=f"q{number}", answer="a")
    answer = browser.post(PLACE, form_of(team))
    assert answer.status_code == 400 and "already has 20 questions" in answer.content.decode()
