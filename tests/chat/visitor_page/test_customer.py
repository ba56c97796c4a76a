"""The page about a customer with several visitors: one page for all of them, and how they are
linked and parted there."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.setup import find_or_create_team
from chat.customers import links
from chat.models import ContactBy, Conversation, CustomerLink, LegalHold, Visitor
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.protocol.errors import Refused
from chat.reading import profiles
from chat.visitor_page import page
from tests.chat.customers.people import link, visitor
from tests.chat.helpers import act_of, draft_of, new_guest, new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(guest, group, enterprise, alice):
    """Two visitors, one of whom wrote to sales."""
    sales = find_or_create_team(enterprise, "sales", "Sales")
    other = new_guest(sales)
    batches.post(other.draft("an ibis please"))
    rows = [Visitor.objects.get(uuid=one.uuid) for one in (guest, other)]
    for row, name, contact in zip(rows, ("Ann", "Kim"), ("ann@a.example",) * 2, strict=True):
        row.label, row.contact, row.contact_by = name, contact, ContactBy.PROVEN
        row.save()
    batches.do(act_of("tag", alice.uuid, group, tag="vip"))
    return rows


def page_of(row: Visitor) -> str:
    return reverse("admin:chat_visitor_change", args=[row.pk])


def test_all_visitors_of_a_customer_are_on_one_page(browser_of, manager, alice, pair, group):
    browser, (ann, kim) = browser_of(manager), pair
    batches.post(draft_of(alice, group, "prefers mornings", note=True))
    link(manager, ann, kim)
    assert browser.get(page_of(kim)).url == page_of(ann)
    shown = browser.get(page_of(ann)).content.decode()
    for words in (
        *("2 visitors", "2 receptions", "Sales", "vip"),
        *("prefers mornings", "an ibis please"),
    ):
        assert words in shown, words
    assert "mona linked “Kim” here." in shown
    assert "<h3>" not in shown, "no month, which would be on other clocks than the times under it"
    for query, found in {"?team=sales": True, "?q=IBIS": True, "?q=first": False}.items():
        shown = browser.get(page_of(ann) + query).content.decode()
        assert ("an ibis please" in shown) is found and "mona linked" not in shown, query
    browser.post(page_of(ann), {"action": "part", "other": kim.uuid})
    assert links.visitors_of(ann) == [ann] and browser.get(page_of(kim)).status_code == 200


def test_another_visitor_is_suggested_found_previewed_and_linked(
    browser_of, manager, enterprise, other_enterprise, pair
):
    browser, (ann, kim) = browser_of(manager), pair
    place, preview = page_of(ann), f"{page_of(ann)}?with={kim.uuid}"
    assert "The same person?" in browser.get(place).content.decode()
    assert "The same person?" not in browser.get(f"{place}?not={kim.uuid}").content.decode()
    shown = browser.get(f"{place}?link=kim").content.decode()
    assert f"?with={kim.uuid}" in shown and f"?with={ann.uuid}" not in shown
    shown = browser.get(preview).content.decode()
    for words in ("Ann", "Kim", "ann@a.example", "Their 2 conversations", "Nothing is merged"):
        assert words in shown, words
    assert not CustomerLink.objects.exists(), "a look links nobody"
    foreign = visitor(other_enterprise)
    for who in (foreign.uuid, ann.uuid, "x"):
        assert browser.get(f"{place}?with={who}").status_code == 404
        browser.post(place, {"action": "link", "other": who})
    assert not CustomerLink.objects.exists()
    assert browser.post(place, {"action": "link", "other": kim.uuid}).url == place
    assert links.visitors_of(kim) == [ann, kim]


def test_what_is_done_is_done_to_all_of_them(browser_of, manager, pair, group):
    browser, (ann, kim) = browser_of(manager), pair
    link(manager, kim, ann)
    place = page_of(kim)
    browser.post(place, {"action": "block", "minutes": "", "reason": "spam"})
    assert Visitor.objects.filter(blocked=True).count() == 2
    browser.post(place, {"action": "unblock"})
    assert not Visitor.objects.filter(blocked=True).exists()
    batches.do(VisitorAction("hold", manager.uuid, group, reason="a lawsuit"))
    browser.post(place, {"action": "erase", "sure": "1"})
    assert Visitor.objects.exclude(secret_hash="").count() == 2, "none while a hold keeps one"
    browser.post(place, {"action": "lift", "hold": LegalHold.objects.get().pk})
    browser.post(place, {"action": "erase", "sure": "1"})
    assert not Visitor.objects.exclude(secret_hash="").exists()
    assert not CustomerLink.objects.exists()


def test_nobody_else_writes_first(browser_of, other_manager, alice, manager, enterprise):
    fresh = visitor(enterprise, label="Li")
    sent = {"action": "begin", "content": "Your tea is here", "client_id": new_id()}
    for who in (alice, other_manager):
        browser_of(who).post(page_of(fresh), sent)
    assert not Conversation.objects.filter(visitor=fresh).exists()
    browser_of(manager).post(page_of(fresh), sent)
    assert Conversation.objects.get(visitor=fresh).claimed_by == manager.uuid


def test_others_link_and_part_nobody(browser_of, pair, alice, other_manager, superuser, manager):
    ann, kim = pair
    for who in (alice, other_manager, superuser):
        browser_of(who).post(page_of(ann), {"action": "link", "other": kim.uuid})
    assert not CustomerLink.objects.exists()
    link(manager, ann, kim)
    for who in (alice, other_manager, superuser):
        browser_of(who).post(page_of(ann), {"action": "part", "other": kim.uuid})
    assert CustomerLink.objects.count() == 1
    shown = browser_of(superuser).get(page_of(ann)).content.decode()
    assert "mona linked" in shown and 'value="part"' not in shown


def test_a_block_of_any_of_them_is_said_by_name(browser_of, manager, pair):
    browser, (ann, kim) = browser_of(manager), pair
    browser.post(page_of(kim), {"action": "block", "minutes": "", "reason": "spam"})
    link(manager, ann, kim)
    shown = browser.get(page_of(ann)).content.decode().split('id="measures"')[1]
    assert "<bdi>Kim</bdi></b> · Blocked by mona " in " ".join(shown.split())
    assert "<bdi>Ann</bdi></b>" not in shown and 'value="unblock"' in shown


def test_many_visitors_are_read_with_as_many_statements_as_few(manager, enterprise, pair, group):
    def cost() -> list[int]:
        found = []
        for read in (
            lambda: page.context(manager, links.visitors_of(ann), QueryDict()),
            lambda: profiles.profile(manager, ann, group),
        ):
            with CaptureQueriesContext(connection) as asked:
                read()
            found.append(len(asked))
        return found

    (ann, kim), sales = pair, find_or_create_team(enterprise, "sales", "Sales")
    counted = []
    for others in ([kim], [new_guest(sales) for _time in range(4)]):
        for other in others:
            if other is not kim:
                batches.post(other.draft("me again"))
            link(manager, ann, other)
            form = {"actor": manager.uuid, "group": "", "visitor": other.uuid}
            batches.do(VisitorAction("block", reason="spam", **form))
            batches.do(VisitorAction("hold", reason="a lawsuit", whole=True, **form))
        counted.append(cost())
    assert counted[0] == counted[1]
    assert len(page.holds(links.visitors_of(ann), [])) == 5


def test_it_is_done_to_those_without_a_conversation_too(
    browser_of, manager, supervisor, enterprise, pair
):
    alone, third = visitor(enterprise, label="Li"), visitor(enterprise)
    link(manager, pair[0], third)
    block = {"action": "block", "minutes": "", "reason": "spam"}
    for people in ([alone], [pair[0], third]):
        rows, place = Visitor.objects.filter(pk__in=[one.pk for one in people]), page_of(people[0])
        with pytest.raises(Refused, match="Only managers"):
            batches.do(VisitorAction("block", supervisor.uuid, "", visitor=people[-1].uuid))
        browser = browser_of(manager)
        assert "Erase…" in browser.get(place).content.decode()
        browser.post(place, block)
        assert rows.filter(blocked=True).count() == len(people)
        browser.post(place, {"action": "unblock"})
        assert not rows.filter(blocked=True).exists()
        browser.post(place, {"action": "hold", "scope": "conversation", "reason": "a lawsuit"})
        assert not LegalHold.objects.exists(), "of one who has none, it would keep everything"
        browser.post(place, {"action": "erase", "sure": "1"})
        assert not rows.exclude(secret_hash="").exists()


def test_a_customer_who_never_wrote_has_no_conversation_yet(browser_of, manager):
    added = Visitor.objects.create(uuid=new_id(), ent_id=manager.enterprise.code, label="Ada")
    place = reverse("admin:chat_visitor_change", args=[added.pk])
    shown = browser_of(manager).get(place).content.decode()
    assert "No conversation yet" in shown and "no further conversations" not in shown
