"""Visitors who are linked are one customer: whoever links, parts, erases and joins them."""

import random
from functools import partial

import pytest
from django.utils import timezone

from accounts.models import AuditRow
from chat.customers import links
from chat.models import ContactBy, CustomerLink, StreamDue, Visitor
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.protocol.errors import Refused
from chat.reading import visitor_list
from tests.chat.signed_visitors import sign_in
from tests.chat.threads import at_once
from tests.examples import some

from .people import FROM, link, visitor

pytestmark = pytest.mark.django_db


def customers(rows) -> set[frozenset]:
    """Who is one customer, read from each of them."""
    return {frozenset(one.uuid for one in links.visitors_of(row)) for row in rows}


@pytest.mark.parametrize("seed", some(range(8), 3))
def test_customers_are_sets_whatever_happens_to_their_visitors(enterprise, manager, seed):
    chance = random.Random(seed)
    rows = [visitor(enterprise) for _ in range(7)]
    model = {frozenset([row.uuid]) for row in rows}

    def of(row):
        return next(one for one in model if row.uuid in one)

    for _ in range(40):
        one, other = chance.sample(rows, 2)
        own, others, alone = of(one), of(other), frozenset([one.uuid])
        match chance.choice(["link", "link", "part", "erase", "join"]):
            case "link":
                link(manager, one, other)
                model = model - {own, others} | {own | others}
            case "part":
                links.part(manager, one.uuid, FROM)
                model = model - {own} | {own - alone, alone}
            case "erase":
                links.forget(one, timezone.now())
                model = model - {own} | {own - alone, alone}
            case "join" if len(rows) > 4:
                links.move(one, other, timezone.now())
                one.delete()
                rows.remove(one)
                model = model - {own, others} | {(own | others) - alone}
        model -= {frozenset()}
        assert customers(rows) == model
        found = links.customers_of(enterprise.code, [row.uuid for row in rows])
        for one in model:
            assert len({found[uuid] for uuid in one}) == 1 and found[min(one)] in one


def test_a_link_and_its_end_are_in_the_audit_and_in_the_stream(enterprise, manager):
    one, other, third = (visitor(enterprise) for _ in range(3))
    for pair in ((one, other), (third, one), (other, third)):
        link(manager, *pair)
    row = CustomerLink.objects.get(visitor=one)
    assert (row.customer_id, row.linked_by, row.why) == (third.uuid, manager.uuid, "hand")
    links.part(manager, third.uuid, FROM)
    links.part(manager, third.uuid, FROM)
    found = list(AuditRow.objects.filter(kind="customerlink").values_list("action", "visitor"))
    expected = [("added", other.uuid), ("added", one.uuid), ("deleted", third.uuid)]
    assert sorted(found) == sorted(expected)
    due = list(StreamDue.objects.order_by("pk").values_list("about", flat=True))
    everyone = [one.uuid, other.uuid, third.uuid]
    assert due == [*everyone[:2], *everyone, *everyone], "each whose customer is another one"


@pytest.mark.django_db(transaction=True)
def test_managers_who_link_crosswise_end_with_one_customer(enterprise, manager):
    rows = [visitor(enterprise) for _ in range(4)]
    a, b, c, d = rows
    at_once(*(partial(link, manager, *pair) for pair in [(a, b), (b, a), (c, d), (d, a)]))
    assert customers(rows) == {frozenset(row.uuid for row in rows)}
    assert CustomerLink.objects.count() == 3


def test_who_was_linked_before_the_rows_were_locked_is_found(enterprise, manager, monkeypatch):
    one, other, third = (visitor(enterprise) for _ in range(3))
    found, calls = links.customers_of, []

    def slow(code, visitors):
        answer = found(code, visitors)
        calls.append(visitors)
        if len(calls) == 1:
            link(manager, third, other)
        return answer

    monkeypatch.setattr(links, "customers_of", slow)
    link(manager, one, other)
    assert customers([one, other, third]) == {frozenset(row.uuid for row in (one, other, third))}


def test_a_link_that_leads_to_another_enterprise_links_nobody(
    enterprise, other_enterprise, manager
):
    one, other, foreign = (visitor(of) for of in (enterprise, enterprise, other_enterprise))
    for code, who, head in ((enterprise.code, one, foreign), (other_enterprise.code, other, one)):
        CustomerLink.objects.create(ent_id=code, visitor=who, customer=head)
    found = visitor_list.objects(manager, [one, other])
    assert [row["customer"] for row in found] == [one.uuid, other.uuid]
    assert links.visitors_of_all([one], ["uuid", "ent_id"]) == {one.uuid: [one]}


def test_only_those_who_lead_link_visitors_of_their_own_enterprise(
    enterprise, other_enterprise, manager, supervisor, alice, other_manager, superuser
):
    one, other = visitor(enterprise), visitor(enterprise)
    foreign, erased = visitor(other_enterprise), visitor(enterprise, secret_hash="")
    refused = [
        ("forbidden", alice, one, other),
        ("forbidden", supervisor, one, other),
        ("forbidden", superuser, one, other),
        ("not_found", other_manager, one, other),
        ("not_found", manager, one, foreign),
        ("not_found", manager, foreign, one),
        ("conflict", manager, one, erased),
    ]
    for code, actor, *pair in refused:
        with pytest.raises(Refused) as found:
            link(actor, *pair)
        assert found.value.code == code
    link(manager, one, other)
    for actor in (alice, other_manager):
        with pytest.raises(Refused):
            links.part(actor, other.uuid, FROM)
    assert CustomerLink.objects.count() == 1


def test_a_typed_address_suggests_nobody(enterprise, other_enterprise, manager):
    address = {"contact": "Kim@a.example"}
    signed = {"identity": {"id": "7", "name": "Kim", "email": "kim@A.example"}}
    me = visitor(enterprise, **address, contact_by=ContactBy.PROVEN)
    known = visitor(enterprise, **signed, identity_key="k", contact="x@y.example")
    visitor(other_enterprise, **address, contact_by=ContactBy.PROVEN)
    typed = [visitor(enterprise, **address, contact_by=by) for by in ContactBy.values]
    sure = [one for one in typed if one.contact_by in links.SURE]
    others = [one for one in typed if one.contact_by not in links.SURE]
    assert [one.uuid for one in links.suggestions([me])] == [
        one.uuid for one in [*reversed(sure), known]
    ]
    for one in others:
        assert links.suggestions([one]) == [], one.contact_by
    for one in sure:
        link(manager, known, one)
    assert len(links.suggestions([me])) == 1, "one for each other customer"
    assert links.suggestions(links.visitors_of(known)) == [me]


def test_an_erased_visitor_is_linked_with_nobody(guest, group, enterprise, manager):
    first, second = visitor(enterprise), visitor(enterprise)
    row = Visitor.objects.get(uuid=guest.uuid)
    link(manager, row, first)
    link(manager, row, second)
    batches.do(VisitorAction("erase", manager.uuid, group))
    assert links.visitors_of(first) == [first, second]
    assert links.visitors_of(row) == [row]


def test_who_signs_in_keeps_the_links_of_both(customer, guest, enterprise, manager):
    batches.post(guest.draft("without a name"))
    loose, known = (Visitor.objects.get(uuid=one.uuid) for one in (guest, customer))
    first, second = visitor(enterprise), visitor(enterprise)
    link(manager, first, loose)
    link(manager, known, second)
    sign_in(guest)
    assert customers([known]) == {frozenset(row.uuid for row in (first, second, known))}
