"""Visitors by the API: read, edited, erased."""

import pytest

from accounts.models import Attribute, AuditRow
from chat.models import Visitor
from chat.stream import sequencer
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
    for key in ("firm", "plan", "town"):
        Attribute.objects.create(enterprise=program.member.enterprise, key=key, label=key)
    program.patch(place, {"attributes": {"firm": "Tea", "plan": "gold"}})
    program.patch(place, {"attributes": {"firm": "Tea"}})
    rows = [row for row in rows_of(group) if row.data]
    assert [row.data["event"] for row in rows[-4:]] == ["named", "contact", "contact", "attributes"]
    assert rows[-1].data["keys"] == "firm, plan" and "gold" not in str(rows[-1].data)


def test_erasing_deletes_for_good_and_is_in_the_audit(program, place, guest, group):
    assert program.delete(place).json() == {"ok": True}
    assert program.delete(place).json() == {"ok": True}
    shown = program.get(place).json()["visitor"]
    assert shown["erased"] is True and shown["contact"] == ""
    assert not any(row.message_content == "first" for row in rows_of(group))
    row = AuditRow.objects.get(action="erased", visitor=guest.uuid)
    assert (row.actor, row.actor_name) == (program.member.uuid, "crm@acme")
    assert refusal(program.patch(place, {"name": "x"})) == (409, "conflict")


@pytest.fixture
def silent(enterprise) -> str:
    """The address of a visitor who has no conversation."""
    row = Visitor.objects.create(ent_id=enterprise.code, label="Wang", secret_hash="signed")
    return f"visitors/{row.uuid}/"


def test_one_without_a_conversation_is_there_for_a_service_account(program, silent):
    shown = program.get(silent).json()["visitor"]
    assert (shown["name"], shown["conversations"], shown["receptions"]) == ("Wang", [], [])
    for body in ({"name": "王建国"}, {"contact": "wang@example.com"}, {"name": "王建国"}):
        assert program.patch(silent, body).json() == {"ok": True}
    row = Visitor.objects.get()
    assert (row.label, row.contact, row.contact_by) == ("王建国", "wang@example.com", "program")
    for _twice in range(2):
        assert program.delete(silent).json() == {"ok": True}
    assert Visitor.objects.get().is_erased and program.get(silent).json()["visitor"]["erased"]
    assert AuditRow.objects.get(action="erased", visitor=row.uuid).actor == program.member.uuid
    sequencer.look()
    types = [one["type"] for one in program.get("events/").json()["events"]]
    assert types == ["visitor.updated", "visitor.updated", "visitor.erased"]


def test_one_without_a_conversation_is_nobody_for_others(silent, team, other_program):
    for other in (bot_of(team), other_program):
        for answer in (other.get(silent), other.patch(silent, {"name": "x"}), other.delete(silent)):
            assert refusal(answer) == (404, "not_found")
    assert Visitor.objects.get().label == "Wang"
