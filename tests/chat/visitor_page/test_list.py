"""The administration's list of customers."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from accounts.models import Attribute
from chat.admin import VisitorAdmin
from chat.customers import attributes, links
from chat.models import Presence, Segment, Visitor
from chat.presence import leases
from chat.visitor_page import listing
from tests.chat.customers.people import FROM, link, visitor

pytestmark = pytest.mark.django_db
LIST = "/admin/chat/visitor/"


def names(browser, **asked) -> list[str]:
    """Whom the list has, in its order."""
    shown = browser.get(f"{LIST}?{urlencode(asked)}").context["cl"]
    return [row.label for row in shown.result_list]


@pytest.fixture
def people(enterprise, other_enterprise):
    """By name; who is first was seen last."""
    for key, kind in (("plan", "choice"), ("firm", "text"), ("spent", "number")):
        choices = ["Gold", "Free"] if kind == "choice" else []
        kept = {"key": key, "kind": kind, "label": key.title(), "choices": choices}
        Attribute.objects.create(enterprise=enterprise, **kept)
    signed = {"id": "u7", "name": "Kim", "email": "kim@signed.example"}
    facts = {
        "Ann": {"contact": "ann@a.example 138 0013 8000", "attributes": {"plan": "Gold"}},
        "Ben": {"attributes": {"plan": "Free", "firm": "Tea & Co"}, "blocked": True},
        "Kim": {"identity": signed, "identity_key": listing.identities.identity_key(
            enterprise.code, listing.identities.Person("u7"))},
        "王静怡": {"attributes": {"plan": "Gold", "spent": 12.5}},
    }  # fmt: skip
    now, found = timezone.now(), {}
    for days, (name, more) in enumerate(facts.items()):
        seen = now - timedelta(days=days)
        found[name] = visitor(enterprise, label=name, last_seen_at=seen, **more)
        attributes.index(found[name])
    visitor(other_enterprise, label="Ann of others", attributes={"plan": "Gold"})
    return found


def test_whoever_is_there_now_or_has_just_left_is_not_blank(browser_of, manager, guest, group):
    def seen() -> str:
        shown = browser_of(manager).get("/admin/chat/visitor/").content.decode()
        return shown.split('field-seen"')[1].split("</td>")[0]

    leases.renew([guest.uuid])
    assert Visitor.objects.get().last_seen_at is None
    assert ">Online</span>" in seen()
    Presence.objects.update(expires_at=timezone.now() - timedelta(minutes=3))
    assert "minutes ago" in seen()


def test_a_customer_is_one_row_whoever_of_their_visitors_matches(browser_of, manager, people):
    browser = browser_of(manager)
    assert names(browser) == ["Ann", "Ben", "Kim", "王静怡"]
    link(manager, people["Kim"], people["Ann"])
    assert names(browser) == ["Kim", "Ben", "王静怡"], "seen last as Ann"
    assert names(browser, q="ann@a") == ["Kim"]
    shown = browser.get(LIST).content.decode()
    assert "2 visitors" in shown and shown.count(">Gold</span>") == 2
    links.part(manager, people["Ann"].uuid, FROM)
    leases.renew([people["王静怡"].uuid])
    assert names(browser) == ["王静怡", "Ann", "Ben", "Kim"], "whoever is online comes first"


def test_a_number_of_conversations_does_not_lead_to_those_of_somebody_of_the_same_name(
    browser_of, manager, guest, group
):
    shown = browser_of(manager).get(LIST).content.decode()
    cell = shown.split('"field-talks"')[1].split("</td>")[0]
    assert "1" in cell and "<a" not in cell, cell


def test_those_online_at_others_take_no_place(browser_of, manager, people, monkeypatch):
    monkeypatch.setattr(listing, "HERE", 1)
    leases.renew([people["Kim"].uuid])
    leases.renew([Visitor.objects.get(label="Ann of others").uuid])
    browser = browser_of(manager)
    assert names(browser, online="yes") == ["Kim"]
    assert names(browser) == ["Kim", "Ann", "Ben", "王静怡"]


def test_search_and_filters_find_whom_they_say(browser_of, manager, people):
    browser = browser_of(manager)
    leases.renew([people["Ben"].uuid])
    asked = [
        ({"q": "静怡"}, ["王静怡"]),
        ({"q": "0013"}, ["Ann"]),
        ({"q": "ann 8000"}, ["Ann"]),
        ({"q": "SIGNED.example"}, ["Kim"]),
        ({"q": "u7"}, ["Kim"]),
        ({"q": people["Ben"].uuid}, ["Ben"]),
        ({"q": "of others"}, []),
        ({"q": "%"}, []),
        ({"attr.plan": "Gold"}, ["Ann", "王静怡"]),
        ({"attr.plan": "Gold", "q": "王"}, ["王静怡"]),
        ({"attr.firm": "tea & co"}, ["Ben"]),
        ({"attr.spent": "12.5"}, ["王静怡"]),
        ({"attr.spent": "12.50"}, ["王静怡"]),
        ({"attr.spent": "much"}, []),
        ({"blocked": "yes"}, ["Ben"]),
        ({"online": "yes"}, ["Ben"]),
        ({"talks": "yes"}, []),
    ]
    for fields, found in asked:
        assert names(browser, **fields) == found, fields
    assert browser.get(f"{LIST}?evil=5").status_code == 400


@pytest.mark.parametrize("looked_up", [20, 200])
def test_a_long_list_is_read_page_by_page(browser_of, manager, enterprise, monkeypatch, looked_up):
    monkeypatch.setattr(listing, "FEW", 30)
    monkeypatch.setattr(listing, "LOOKED_UP", looked_up)
    monkeypatch.setattr(VisitorAdmin, "list_per_page", 10)
    now = timezone.now()
    for number in range(45):
        seen = now - timedelta(minutes=number)
        visitor(enterprise, label=f"N{number}", last_seen_at=seen, blocked=True)
    browser, rows = browser_of(manager), Visitor.objects.order_by("pk")
    for number in range(0, 20, 2):
        link(manager, rows[number], rows[number + 1])
    for asked in ({}, {"blocked": "yes"}):
        pages = [names(browser, p=page, **asked) for page in (1, 2, 3, 4)]
        expected = [*(f"N{n}" for n in range(0, 20, 2)), *(f"N{n}" for n in range(20, 40))]
        assert [*pages[0], *pages[1], *pages[2]] == expected and pages[3] == pages[2]
        assert ">more than 30</small>" in browser.get(LIST, asked).content.decode()
    monkeypatch.setattr(VisitorAdmin, "list_per_page", 8)
    assert names(browser, p=4) == names(browser, p=5) == [f"N{n}" for n in range(34, 40)]


def test_a_segment_is_for_all_managers_of_the_enterprise(
    browser_of, manager, other_manager, alice, people
):
    browser, address = browser_of(manager), f"{LIST}?attr.plan=Gold"
    asked = {"segment": "save", "name": " Gold ", "asked": "attr.plan=Gold&o=-4&evil=1"}
    assert browser.post(address, asked).status_code == 302
    row = Segment.objects.get()
    assert (row.name, row.fields) == ("Gold", {"attr.plan": "Gold"})
    browser.post(address, {**asked, "name": ""})
    browser.post(address, {**asked, "asked": "o=1"})
    assert Segment.objects.count() == 1
    change = {"segment": "rename", "number": row.pk, "name": "Best"}
    for who in (other_manager, alice):
        browser_of(who).post(LIST, change)
        browser_of(who).post(LIST, {**change, "segment": "delete"})
    browser.post(LIST, {**change, "name": "x" * 61})
    assert Segment.objects.get().name == "Gold"
    browser.post(LIST, change)
    shown = browser.get(address).content.decode()
    assert 'href="?attr.plan=Gold" aria-current="page" dir="auto">Best</a>' in shown
    assert "Best" not in browser_of(other_manager).get(LIST).content.decode()
    browser.post(LIST, {**change, "segment": "delete"})
    assert not Segment.objects.exists()


def test_a_segment_of_a_value_or_an_attribute_that_is_gone_has_nobody(
    browser_of, manager, superuser, enterprise, people
):
    fields = {"attr.plan": "Gold"}
    Segment.objects.create(enterprise=enterprise, name="Best", fields=fields)
    plan = Attribute.objects.filter(enterprise=enterprise, key="plan")
    for change in (lambda: plan.update(choices=["Free"]), plan.delete):
        change()
        for who, more in ((manager, {}), (superuser, {"enterprise": enterprise.code})):
            browser, place = browser_of(who), urlencode({**more, **fields})
            assert (
                f'href="?{place}"'.replace("&", "&amp;") in browser.get(LIST, more).content.decode()
            ), "the segment leads to no more than it says"
            answer = browser.get(f"{LIST}?{place}")
            assert answer.context["cl"].result_list == [] and "Gold" in answer.content.decode()
    assert names(browser_of(manager), blocked="maybe") == []
