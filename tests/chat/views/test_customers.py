"""A customer's page beside the workspace: each member sees of it what they may read."""

import pytest

from accounts.models import AuditRow
from accounts.setup import find_or_create_team
from chat.models import Visitor
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from tests.chat.customers.people import link
from tests.chat.files.uploads import sent
from tests.chat.helpers import Guest, draft_of, new_guest
from tests.conftest import hire

pytestmark = pytest.mark.django_db

MINE = ("a.png", "prefers mornings")
THEIRS = ("an ibis please", "of sales", "Kim", "Sales", "a lawsuit", "b.png")


@pytest.fixture
def dora(guest, visitor, group, enterprise, manager, alice):
    """An agent of sales. Two visitors of one customer wrote there, of whom one is alice's, too."""
    sales = find_or_create_team(enterprise, "sales", "Sales")
    dora = hire("dora", enterprise, team=sales)
    other = new_guest(sales)
    kim = batches.post(other.draft("an ibis please"))["group"]
    sold = batches.post(Guest(enterprise, sales, guest.token).draft("hello"))["group"]
    sent(visitor, name="a.png", content="")
    visitor.place += "?team=sales"
    sent(visitor, name="b.png", content="")
    batches.post(draft_of(alice, group, "prefers mornings", note=True))
    batches.post(draft_of(dora, sold, "of sales", note=True))
    batches.do(VisitorAction("edit", dora.uuid, kim, label="Kim", contact="kim@x.io"))
    batches.do(VisitorAction("hold", manager.uuid, sold, reason="a lawsuit"))
    link(manager, *Visitor.objects.order_by("label"))
    return dora


def test_everybody_sees_what_they_may_read_and_no_more(
    browser_of, alice, dora, supervisor, enterprise, guest
):
    enterprise.hide_contacts = True
    enterprise.save()
    place = f"/agent/customers/{guest.uuid}/"
    for who, there, hidden in (
        (alice, MINE, THEIRS),
        (dora, THEIRS, MINE),
        (supervisor, MINE + THEIRS, ()),
    ):
        shown = browser_of(who).get(place).content.decode()
        for word in there:
            assert word in shown, (who, word)
        for word in (*hidden, 'name="action"', "/admin/chat/"):
            assert word not in shown, (who, word)
        assert ("kim@x.io" in shown) is (who is supervisor)
    assert "an ibis" in browser_of(dora).get(f"{place}?q=ibis").content.decode()
    assert "Nothing matches" in browser_of(alice).get(f"{place}?q=ibis").content.decode()
    assert AuditRow.objects.get(action="read", kind="visitor").actor_name == supervisor.display_name


def test_it_is_not_there_for_who_reads_none_of_its_conversations(
    browser_of, alice, dora, outsider, manager, guest
):
    kim = Visitor.objects.get(label="Kim")
    for who, visitor in ((alice, kim), (outsider, kim), (outsider, guest), (dora, alice)):
        assert browser_of(who).get(f"/agent/customers/{visitor.uuid}/").status_code == 404
    assert browser_of(dora).get(f"/agent/customers/{kim.uuid}/").status_code == 200
    answer = browser_of(manager).get(f"/agent/customers/{kim.uuid}/", follow=True)
    assert answer.request["PATH_INFO"].startswith("/admin/") and answer.status_code == 200
    assert browser_of(alice).get(f"/agent/customers/{guest.uuid}/?cursor=x").status_code == 404
