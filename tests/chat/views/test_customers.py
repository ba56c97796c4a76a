"""A customer's page beside the workspace: each member sees of it what they may read."""

import re

import pytest

from accounts.models import Attribute, AuditRow
from accounts.setup import find_or_create_team
from chat.models import Conversation, CustomerLink, GroupMessage, LegalHold, Visitor
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from tests.chat.customers.people import link
from tests.chat.files.uploads import sent
from tests.chat.helpers import Guest, draft_of, new_guest, new_id, rows_of
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
        for word in (*hidden, 'value="erase"', 'value="hold"', "/admin/chat/"):
            assert word not in shown, (who, word)
        assert ('value="block"' in shown) is (who is not supervisor)
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


def test_who_sits_there_acts_there_and_managers_alone_do_the_rest(
    browser_of, alice, dora, supervisor, outsider, enterprise, group, guest
):
    Attribute.objects.create(enterprise=enterprise, key="plan", label="Plan", kind="number")
    place, mine = f"/agent/customers/{guest.uuid}/", browser_of(alice)

    def post(browser, **form):
        return browser.post(place, form)

    hello = {"client_id": new_id(), "content": "Good morning"}
    assert post(mine, action="begin", **hello).url == f"/agent/c/{group}/"
    for form in (
        {"action": "tag", "tag": "vip"},
        {"action": "note", "client_id": new_id(), "content": "calls back"},
        {"action": "attributes", "attributes.plan": "7"},
        {"action": "block", "minutes": "60", "reason": "rude"},
    ):
        assert post(mine, **form).url == place, form
    texts = [row.message_content for row in rows_of(group)]
    assert "Good morning" in texts and "calls back" in texts
    assert {one.uuid for one in Conversation.objects.all() if one.tags} == {group}
    row = Visitor.objects.get(uuid=guest.uuid)
    assert row.attributes == {"plan": 7} and row.is_blocked
    wrong = post(mine, action="attributes", **{"attributes.plan": "many"})
    assert 'value="many"' in wrong.content.decode()

    kim = Visitor.objects.get(label="Kim")
    before = kept()
    for form in (
        {"action": "erase", "sure": "1"},
        {"action": "hold", "scope": "visitor", "reason": "x"},
        {"action": "lift", "hold": LegalHold.objects.get().pk},
        {"action": "part", "other": kim.uuid},
        {"action": "link", "other": kim.uuid},
        {"action": "edit", "name": "x"},
        {"action": "nothing"},
        {},
    ):
        assert post(mine, **form).url == place and kept() == before, form
    assert post(browser_of(supervisor), action="unblock").url == place
    assert post(browser_of(outsider), action="unblock").status_code == 404
    assert kept() == before and Visitor.objects.get(uuid=guest.uuid).is_blocked
    assert post(mine, action="unblock").url == place
    assert not Visitor.objects.get(uuid=guest.uuid).is_blocked


def kept() -> tuple:
    """What only managers change."""
    tables = LegalHold, CustomerLink, Visitor
    return tuple(sorted(table.objects.values_list(), key=str) for table in tables)


def test_who_is_in_one_team_begins_for_it(browser_of, dora, guest):
    place, browser = f"/agent/customers/{guest.uuid}/", browser_of(dora)
    form = browser.get(place).content.decode().partition('value="begin"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    answer = browser.post(place, {"action": "begin", **fields, "content": "An offer"})
    (row,) = GroupMessage.objects.filter(message_content="An offer")
    assert answer.url == f"/agent/c/{row.group_id}/"
    assert Conversation.objects.get(uuid=row.group_id).team.slug == "sales"
