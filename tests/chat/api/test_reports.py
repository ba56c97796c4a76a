"""Reports by the API are those of the administration."""

import pytest

from chat.posting import batches
from chat.reports.figures import METRICS
from chat.reports.showing import listing
from tests.chat.api.schemas import DOCUMENT, faults
from tests.chat.helpers import draft_of

pytestmark = pytest.mark.django_db
SCHEMAS = DOCUMENT["components"]["schemas"]


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
    assert faults(ours.json(), SCHEMAS["Report"]) == []


def test_rows_are_as_in_the_administration(program, manager, browser_of, answered):
    query = "metric=first_reply"
    theirs = browser_of(manager).get(f"/admin/reports/rows/?{query}&format=json")
    ours = program.call("GET", f"reports/rows/?{query}")
    assert ours.json() == theirs.json() and ours.json()["rows"][0]["member"] == "alice"
    for metric in METRICS:
        rows = program.call("GET", f"reports/rows/?metric={metric}").json()
        assert faults(rows, SCHEMAS["ReportRows"]) == [], metric


def test_reports_have_shapes():
    assert SCHEMAS["Figures"]["properties"].keys() == {*METRICS}
    assert SCHEMAS["Report"]["properties"]["totals"] == {"$ref": "#/components/schemas/Figures"}
    shown = SCHEMAS["ReportRow"]["properties"].keys()
    assert shown == {*listing.COLUMNS, *(name for more in listing.MORE.values() for name in more)}
