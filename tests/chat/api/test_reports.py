"""Reports by the API are those of the administration."""

import pytest

from chat.posting import batches
from tests.chat.helpers import draft_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(group, alice) -> str:
    batches.post(draft_of(alice, group, "an answer"))
    return group


@pytest.mark.parametrize(
    "query", ["", "clock=hours&zone=Asia/Shanghai&team=service&demo=0", "member=alice&by=tag"]
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
