"""Attributes in the tokens of an enterprise's site."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Attribute, AuditRow
from chat.models import LegalHold, Visitor, VisitorAttribute
from chat.overview import decisions
from chat.visitors import identities
from tests.chat.helpers import JSON
from tests.chat.signed_visitors import exchange, signed

pytestmark = pytest.mark.django_db
PLACE = "/chat/acme/messages/"


@pytest.fixture(autouse=True)
def defined(enterprise):
    make = Attribute.objects.create
    make(enterprise=enterprise, key="plan", label="P", kind="choice", choices=["gold", "free"])
    make(enterprise=enterprise, key="spent", label="S", kind="number")
    make(enterprise=enterprise, key="firm", label="F", kind="text")
    make(enterprise=enterprise, key="attributes", label="A", kind="text")


@pytest.fixture
def browser() -> Client:
    return Client()


def sign_in(browser, enterprise, **values) -> None:
    answer = exchange(browser, signed(enterprise, "7", attributes=values))
    assert answer.status_code == 200, answer.content


def write(browser) -> Visitor:
    assert browser.post(PLACE, {"content": "hello"}, **JSON).status_code == 200
    return Visitor.objects.get()


def values(row: Visitor) -> dict:
    row.refresh_from_db()
    assert VisitorAttribute.objects.filter(visitor=row).count() == len(row.attributes)
    return row.attributes


def test_they_come_with_the_first_message_and_change_with_each_exchange(browser, enterprise, alice):
    sign_in(browser, enterprise, plan="gold", spent="12.5", firm=None)
    assert not Visitor.objects.exists()
    row = write(browser)
    assert values(row) == {"plan": "gold", "spent": 12.5}
    sign_in(browser, enterprise, plan=None, firm="Tea")
    assert values(row) == {"spent": 12.5, "firm": "Tea"}
    exchange(browser, signed(enterprise, "7"))
    assert values(row) == {"spent": 12.5, "firm": "Tea"}, "it said nothing of them"


def test_the_cookie_has_them_only_while_there_is_no_row_and_room(browser, enterprise, alice):
    def carried() -> dict:
        cookie = browser.cookies[identities.cookie_name(enterprise)].value
        return identities.unpack(cookie, enterprise, timezone.now()).attributes

    sign_in(browser, enterprise, plan="gold")
    assert carried() == {"plan": "gold"}
    sign_in(browser, enterprise, plan="gold", firm="客" * 300)
    assert carried() == {}
    row = write(browser)
    assert values(row) == {}
    sign_in(browser, enterprise, plan="free")
    assert carried() == {} and values(row) == {"plan": "free"}


def test_a_sign_in_takes_the_longest_values(browser, enterprise, alice):
    sign_in(browser, enterprise, firm="Tea")
    row = write(browser)
    for key in ("second", "third"):
        Attribute.objects.create(enterprise=enterprise, key=key, label=key)
    long = dict.fromkeys(("firm", "second", "third"), "客" * 500)
    sign_in(browser, enterprise, **long)
    assert values(row) == long


def test_what_is_wrong_is_left_out_and_reported_once(browser, enterprise, other_enterprise, caplog):
    for _ in range(3):
        sign_in(browser, enterprise, plan="silver", other="x", firm="Tea")
    row = AuditRow.objects.get(action="dropped")
    assert (row.kind, row.object_name, row.chain) == ("attribute", "other, plan", enterprise.pk)
    assert caplog.text.count("left out: other, plan") == 1
    (found,) = decisions.decisions(enterprise, 0, "")
    assert "other, plan" in found.text and found.href.endswith("section=attributes")
    assert decisions.decisions(other_enterprise, 0, "") == []
    Attribute.objects.create(enterprise=enterprise, key="other", label="O")
    assert decisions.decisions(enterprise, 0, "") == []


@pytest.mark.parametrize("given", [[], "plan", 5, {"plan": {"a": [1]}}, {"": "x"}, {"k" * 300: 1}])
def test_no_sign_in_fails_by_them(browser, enterprise, alice, given):
    answer = exchange(browser, signed(enterprise, "7", attributes=given))
    assert answer.status_code == 200
    assert values(write(browser)) == {}


def test_a_token_has_room_for_all_at_their_longest(browser, enterprise, alice):
    given = {f"key{number}": "\U0001f600" * 500 for number in range(50)}
    assert exchange(browser, signed(enterprise, "7", attributes=given)).status_code == 200


def test_what_an_attribute_was_meanwhile_does_not_matter(browser, enterprise, alice):
    sign_in(browser, enterprise, plan="gold", firm="Tea")
    Attribute.objects.get(key="plan").delete()
    assert values(write(browser)) == {"firm": "Tea"}


def test_a_hold_keeps_what_the_site_writes_over(browser, enterprise, manager, alice):
    sign_in(browser, enterprise, firm="Tea")
    row = write(browser)
    hold = LegalHold(ent_id="acme", visitor=row, reason="R", placed_by=manager.uuid)
    hold.save()
    sign_in(browser, enterprise, firm="Coffee")
    hold.refresh_from_db()
    assert hold.kept[0]["attributes"] == {"firm": "Tea"}


def test_another_enterprises_token_writes_nothing(browser, enterprise, other_enterprise, alice):
    sign_in(browser, enterprise, firm="Tea")
    row = write(browser)
    forged = signed(other_enterprise, "7", attributes={"firm": "Coffee"})
    assert exchange(Client(), forged).status_code == 403
    assert values(row) == {"firm": "Tea"}
