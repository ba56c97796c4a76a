"""What colleagues write over stays with the legal holds on the visitor."""

import pytest

from chat.models import LegalHold, Visitor
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from tests.chat.helpers import JSON

pytestmark = pytest.mark.django_db


def hold(member, group: str, whole=False) -> LegalHold:
    batches.do(VisitorAction("hold", member.uuid, group, reason="case 7", whole=whole))
    return LegalHold.objects.latest("pk")


@pytest.mark.parametrize("whole", [True, False])
def test_a_hold_keeps_the_name_and_contact_that_an_agent_writes_over(
    browser_of, manager, alice, guest, group, sold, whole
):
    Visitor.objects.update(label="Ann", contact="ann@example.com")
    row = hold(manager, group, whole)
    form = {"action": "edit", "name": "Ann", "contact": ""}
    answer = browser_of(alice).post(f"/agent/c/{sold}/visitor/", form, **JSON)
    assert answer.status_code == 200 and Visitor.objects.get().contact == ""
    browser_of(alice).post(f"/agent/c/{sold}/visitor/", form, **JSON)
    batches.do(VisitorAction("edit", alice.uuid, group, label="Bea"))
    row.refresh_from_db()
    assert [(one["name"], one["contact"]) for one in row.kept] == [
        ("Ann", "ann@example.com"),
        ("Ann", ""),
    ]
    assert all(one["visitor"] == guest.uuid and one["until"] for one in row.kept)


def test_a_hold_keeps_what_a_manager_writes_over_in_the_administration(
    browser_of, manager, guest, group
):
    Visitor.objects.update(label="Ann", contact="ann@example.com")
    row = hold(manager, group)
    page = f"/admin/chat/visitor/{Visitor.objects.get().pk}/change/"
    for name in ("Bea", "Bea"):
        answer = browser_of(manager).post(page, {"label": name, "contact": ""})
        assert answer.status_code == 302 and Visitor.objects.get().label == "Bea"
    row.refresh_from_db()
    assert [(one["name"], one["contact"]) for one in row.kept] == [("Ann", "ann@example.com")]
