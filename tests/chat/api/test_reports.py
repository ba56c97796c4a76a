"""Reports by the API are those of the administration."""

import pytest

from chat.posting import batches
from tests.chat.helpers import draft_of

from .program import bot_of, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(group, alice) -> str:
    batches.post(draft_of(alice, group, "an answer"))
    return group


@pytest.mark.parametrize(
    "query", ["", "clock=hours&zone=Asia/Shanghai&team=service", "member=alice"]
)
def test_figures_are_as_in_the_administration(program, manager, browser_of, answered, query):
    theirs = browser_of(manager).get(f"/admin/reports/?{query}&format=json")
    ours = program.call("GET", f"reports/?{query}")
    assert ours.status_code == 200 and ours.json() == theirs.json()
    assert ours.json()["totals"]["messages_out"] == 1


def test_rows_are_as_in_the_administration(program, manager, browser_of, answered):
    query = "metric=first_reply"
    theirs = browser_of(manager).get(f"/admin/reports/rows/?{query}&format=json")
    ours = program.call("GET", f"reports/rows/?{query}")
    assert ours.json() == theirs.json() and ours.json()["rows"][0]["member"] == "alice"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("from=2026-02-30", (400, "bad_field")),
        ("from=2026-02-02&to=2026-02-01", (400, "bad_field")),
        ("zone=Nowhere", (400, "bad_field")),
        ("team=nowhere", (404, "not_found")),
        ("member=nobody", (404, "not_found")),
        ("enterprise=umbrella", (404, "not_found")),
        ("clock=sun", (400, "bad_field")),
    ],
)
def test_wrong_questions_are_refused(program, other_enterprise, query, wanted):
    assert refusal(program.call("GET", f"reports/?{query}")) == wanted


@pytest.mark.parametrize(
    "query", ["", "metric=x", "metric=rating&limit=0", "metric=rating&cursor=x"]
)
def test_wrong_rows_are_refused(program, query):
    assert refusal(program.call("GET", f"reports/rows/?{query}")) == (400, "bad_field")


def test_a_bot_reads_no_reports(team):
    assert refusal(bot_of(team).get("reports/")) == (403, "forbidden")
