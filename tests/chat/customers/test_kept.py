"""What becomes of attributes when two visitors join, one is erased, and a hold keeps what was."""

import pytest

from accounts.models import Attribute
from chat.customers import attributes
from chat.models import LegalHold, Visitor, VisitorAttribute
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.protocol.errors import Refused
from tests.chat.helpers import JSON
from tests.chat.signed_visitors import exchange, session_guest, signed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def defined(enterprise):
    for key in ("plan", "firm", "phone"):
        Attribute.objects.create(enterprise=enterprise, key=key, label=key.title())


def has(row: Visitor, **values) -> None:
    attributes.write(row, values)


def values(row: Visitor) -> dict:
    row.refresh_from_db()
    rows = VisitorAttribute.objects.filter(visitor=row)
    assert dict(rows.values_list("key", "value")) == row.attributes
    return row.attributes


def test_a_join_keeps_those_of_both_and_first_the_known_persons(enterprise, team, guest, group):
    person = session_guest(enterprise, team, "7")
    batches.post(person.draft("hello"))
    known = Visitor.objects.get(uuid=person.uuid)
    has(Visitor.objects.get(uuid=guest.uuid), plan="gold", firm="a")
    has(known, plan="free")
    exchange(guest.browser(), signed(enterprise, "7"))
    assert values(known) == {"plan": "free", "firm": "a"}
    assert VisitorAttribute.objects.count() == 2


def test_an_erasure_leaves_none_and_another_visitors_stay(manager, guest, group, other_guest):
    mine, other = Visitor.objects.get(uuid=guest.uuid), other_guest
    has(mine, plan="gold")
    has(other, plan="gold")
    batches.do(VisitorAction("erase", manager.uuid, group))
    assert values(mine) == {} and values(other) == {"plan": "gold"}


@pytest.fixture
def other_guest(other_enterprise) -> Visitor:
    code = other_enterprise.code
    return Visitor.objects.create(ent_id=code, label="V", secret_hash="s")


def test_a_hold_keeps_what_an_agent_writes_over(manager, alice, guest, group):
    has(Visitor.objects.get(uuid=guest.uuid), plan="gold")
    batches.do(VisitorAction("hold", manager.uuid, group, reason="case"))
    batches.do(VisitorAction("edit", alice.uuid, group, attributes={"plan": "free"}))
    (kept,) = LegalHold.objects.get().kept
    assert kept["attributes"] == {"plan": "gold"} and kept["until"]


def test_an_agent_edits_them(browser_of, alice, guest, group):
    place, row = f"/agent/c/{group}/visitor/", Visitor.objects.get(uuid=guest.uuid)
    form = {"action": "edit", "name": row.label, "attributes.plan": "gold"}
    assert browser_of(alice).post(place, form, **JSON).status_code == 200
    assert values(row) == {"plan": "gold"}
    wrong = browser_of(alice).post(place, form | {"attributes.other": "x"}, **JSON)
    assert (wrong.status_code, wrong.json()["field"]) == (400, "attributes.other")
    shown = browser_of(alice).get(place, **JSON).json()["visitor"]
    assert shown["attributes"] == {"plan": "gold"}


def test_a_form_that_shows_a_masked_value_leaves_it(alice, guest, group, enterprise):
    row = Visitor.objects.get(uuid=guest.uuid)
    has(row, phone="138 0013 8012", plan="gold")
    type(enterprise).objects.update(hide_contacts=True)
    for text in ("", "138…12"):
        given = {"phone": text, "plan": ""}
        batches.do(VisitorAction("edit", alice.uuid, group, attributes=given))
    assert values(row) == {"phone": "138 0013 8012"}
    batches.do(VisitorAction("edit", alice.uuid, group, attributes={"phone": "139"}))
    assert values(row) == {"phone": "139"}
    with pytest.raises(Refused):
        batches.do(VisitorAction("edit", alice.uuid, group, attributes=["plan"]))
