"""Visitors by the API: read, edited, erased."""

import pytest

from accounts.models import AuditRow
from chat.models import Visitor
from tests.chat.helpers import rows_of

from .program import bot_of, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(group, guest) -> str:
    return f"visitors/{guest.uuid}/"


def test_a_visitor_is_read_with_conversations_and_receptions(program, place, group, guest):
    Visitor.objects.filter(uuid=guest.uuid).update(contact="wang@example.com")
    program.post(f"conversations/{group}/actions/", {"action": "close", "reason": "solved"})
    shown = program.get(place).json()["visitor"]
    assert (shown["visitor"], shown["contact"]) == (guest.uuid, "wang@example.com")
    assert [one["group"] for one in shown["conversations"]] == [group]
    assert [one["reason"] for one in shown["receptions"]] == ["solved"]
    assert shown["erased"] is False


def test_name_and_contact_are_edited_each_by_itself(program, place, guest, group):
    assert program.patch(place, {"name": "王建国"}).json() == {"ok": True}
    assert program.patch(place, {"contact": "wang@example.com"}).json() == {"ok": True}
    row = Visitor.objects.get(uuid=guest.uuid)
    assert (row.label, row.contact) == ("王建国", "wang@example.com")
    program.patch(place, {"contact": ""})
    row.refresh_from_db()
    assert (row.label, row.contact) == ("王建国", "")
    told = [row.data["event"] for row in rows_of(group) if row.data]
    assert told[-3:] == ["named", "contact", "contact"]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({}, (400, "bad_field")),
        ({"name": ""}, (400, "bad_field")),
        ({"name": "a\u0000b"}, (400, "bad_field")),
        ({"name": 7}, (400, "bad_field")),
        ({"name": "x" * 126}, (413, "too_long")),
        ({"contact": ["x"]}, (400, "bad_field")),
        ({"email": "x"}, (400, "bad_field")),
    ],
)
def test_a_wrong_edit_changes_nothing(program, place, guest, body, wanted):
    before = Visitor.objects.get(uuid=guest.uuid).label
    assert refusal(program.patch(place, body)) == wanted
    assert Visitor.objects.get(uuid=guest.uuid).label == before


def test_erasing_deletes_for_good_and_is_in_the_audit(program, place, guest, group):
    assert program.delete(place).json() == {"ok": True}
    assert program.delete(place).json() == {"ok": True}
    shown = program.get(place).json()["visitor"]
    assert shown["erased"] is True and shown["contact"] == ""
    assert not any(row.message_content == "first" for row in rows_of(group))
    row = AuditRow.objects.get(action="erased", visitor=guest.uuid)
    assert (row.actor, row.actor_name) == (program.member.uuid, "crm@acme")
    assert refusal(program.patch(place, {"name": "x"})) == (409, "conflict")


def test_another_enterprises_visitor_is_not_there(other_program, place, guest):
    for method in ("GET", "PATCH", "DELETE"):
        assert refusal(other_program.call(method, place, {"name": "x"})) == (404, "not_found")
    assert not Visitor.objects.get(uuid=guest.uuid).is_erased


def test_a_bot_does_not_erase(team, place, guest):
    bot = bot_of(team)
    assert refusal(bot.delete(place)) == (403, "forbidden")
    assert not Visitor.objects.get(uuid=guest.uuid).is_erased
