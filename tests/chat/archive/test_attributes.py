"""Attributes of customers in the archive: asked for, kept in views, and exported."""

import csv
import io

import pytest

from accounts.models import Attribute
from chat.archive import export_files, exports, question
from chat.archive import page as pages
from chat.customers import attributes
from chat.models import Visitor
from chat.posting import batches
from chat.protocol.errors import Refused
from tests.chat.helpers import new_guest

pytestmark = pytest.mark.django_db
ARCHIVE = "/admin/archive/"


@pytest.fixture
def groups(enterprise, other_enterprise, team, alice) -> list[str]:
    """Conversations of two visitors: Gold Tea & Co. spent 12.5, the other 3."""
    for one in (enterprise, other_enterprise):
        make = Attribute.objects.create
        make(enterprise=one, key="plan", label="Plan", kind="choice", choices=["Gold", "free"])
        make(enterprise=one, key="spent", label="Spent", kind="number")
        make(enterprise=one, key="firm", label="Firm", kind="text")
    found = []
    for values in ({"plan": "Gold", "spent": 12.5, "firm": "=Tea & Co"}, {"spent": 3}):
        guest = new_guest(team)
        found.append(batches.post(guest.draft("hello"))["group"])
        attributes.write(Visitor.objects.get(uuid=guest.uuid), values)
    return found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"attr.plan": "Gold"}, [0]),
        ({"attr.firm": "=tea & CO"}, [0]),
        ({"attr.firm": "tea"}, []),
        ({"attr.spent": "3.0"}, [1]),
        ({"attr.plan": "Gold", "attr.spent": "3"}, []),
        ({"attr.plan": ""}, [1, 0]),
    ],
)
def test_conversations_are_found_by_values(enterprise, groups, asked, found):
    shown = pages.read(question.ask_about(enterprise, asked), None)["rows"]
    assert [row.group for row in shown] == [groups[one] for one in found]


@pytest.mark.parametrize("asked", [{"attr.plan": "gold"}, {"attr.other": "x"}, {"attr.spent": "x"}])
def test_what_is_no_value_is_refused_and_shown_at_the_form(browser_of, manager, groups, asked):
    with pytest.raises(Refused) as refused:
        question.ask_about(manager.enterprise, asked)
    assert refused.value.facts["field"] == "attr"
    answer = browser_of(manager).get(ARCHIVE, asked)
    assert answer.status_code == 400 and "No attribute has such a value" in answer.content.decode()


def test_the_form_finds_them(browser_of, manager, groups):
    page = browser_of(manager).get(ARCHIVE, {"attr.plan": "Gold"}).content.decode()
    assert groups[0] in page and groups[1] not in page
    assert "<option selected>Gold</option>" in page


def test_a_table_has_a_column_for_each(enterprise, groups, monkeypatch):
    monkeypatch.setattr(exports, "check_disk", lambda: None)
    asked = question.ask_about(enterprise, {})
    file = io.StringIO()
    export_files.Table(asked, lambda: None, file).write(groups)
    rows = list(csv.DictReader(io.StringIO(file.getvalue().lstrip("\ufeff"))))
    assert [row["attr.plan"] for row in rows] == ["Gold", ""]
    assert rows[0]["attr.spent"] == "12.5" and not rows[0]["attr.firm"].startswith("=")
