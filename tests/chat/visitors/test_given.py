"""Visitors whom a program has given before they wrote: to their own page they are new."""

import json

import pytest
from django.test import Client

from chat.background import upkeep
from chat.models import ContactBy, LegalHold, StreamEvent, Visitor
from chat.posting import batches
from chat.posting.given_visitors import GivenVisitor
from chat.protocol import events
from chat.stream import sequencer
from chat.visitor_page import page
from chat.visitors import identities
from tests.chat.api.program import program_of
from tests.chat.helpers import JSON, database, refused, within
from tests.chat.signed_visitors import SessionGuest, exchange, session_guest, signed

PLACE = "/chat/acme/messages/"


@pytest.fixture
def person(enterprise, team) -> SessionGuest:
    """Somebody who has signed in, of whom a program has stored something."""
    enterprise.consent, enterprise.ask_email = "I agree.", 1
    enterprise.save()
    member = program_of(enterprise).member
    batches.do(GivenVisitor(actor=member, who="7", name="Wang", email="crm@example.com"))
    return session_guest(enterprise, team, "7")


@pytest.fixture
def browser(person) -> Client:
    found = Client()
    found.cookies[identities.cookie_name(person.enterprise)] = person.token
    return found


@pytest.mark.django_db
def test_they_are_asked_and_seen_like_everybody(person, browser, alice):
    of = Visitor.objects.get()
    LegalHold.objects.create(ent_id=of.ent_id, visitor=of)
    assert "I agree." in browser.get("/chat/acme/").content.decode()
    answer = browser.post(PLACE, {"content": "hello"}, **JSON)
    assert refused(answer) == (400, "bad_field")
    assert json.loads(answer.content)["field"] == "consent"
    said = {"content": "hello", "consent": "1", "email": "own@example.com"}
    assert browser.post(PLACE, said, **JSON).status_code == 200
    row = Visitor.objects.get()
    assert row.consented_at and row.label == "Wang" and row.identity["id"] == "7"
    assert (row.contact, row.contact_by) == ("own@example.com", ContactBy.VISITOR)
    assert browser.post(PLACE, {"content": "more"}, **JSON).status_code == 200, "once"
    (former,) = LegalHold.objects.get().kept
    assert (former["name"], former["contact"]) == ("Wang", "crm@example.com")


@pytest.mark.parametrize("email", ["", "own@example.com"])
@pytest.mark.parametrize("given", ["", "+86 10 1", "13800000000", "x" * 125])
@pytest.mark.django_db
def test_a_phone_number_is_kept_beside_what_was_given(person, browser, alice, given, email):
    person.enterprise.ask_phone = 2
    person.enterprise.save()
    Visitor.objects.update(contact=given)
    sequencer.look()
    said = {"content": "hello", "consent": "1", "phone": "13800000000", "email": email}
    assert browser.post(PLACE, said, **JSON).status_code == 200
    parts = dict.fromkeys(filter(None, [email, given, said["phone"]]))
    assert Visitor.objects.get().contact == ", ".join(parts)[:125]
    sequencer.look()
    assert "visitor.updated" in StreamEvent.objects.values_list("type", flat=True)


@pytest.mark.django_db
def test_they_see_what_is_stored_of_them(browser):
    assert "crm@example.com" in browser.get("/chat/acme/privacy/").content.decode()
    held = browser.get("/chat/acme/privacy/export/").json()
    assert (held["contact"], held["contact_by"]) == ("crm@example.com", ContactBy.PROGRAM)


@pytest.mark.django_db
def test_an_address_that_their_site_signs_becomes_theirs(browser, enterprise):
    row = Visitor.objects.get()
    assert row.own_email == ""
    exchange(browser, signed(enterprise, "7", name="Wang", email="CRM@example.com"))
    row.refresh_from_db()
    assert (row.own_email, row.contact_by) == ("crm@example.com", ContactBy.SITE)


@pytest.mark.django_db
def test_an_id_is_a_proof_once_their_site_has_signed_it(browser, enterprise):
    def shown() -> set:
        row = Visitor.objects.get()
        facts = events.visitor_facts(row, True)
        assert facts["identity"].keys() == {"id", "name", "email"}
        found = page.addresses(row, facts)
        return {(str(one.how), one.sure) for one in found if one.icon == "key"}

    assert shown() == {("given by a program", False)}
    exchange(browser, signed(enterprise, "7", name="Wang"))
    assert shown() == {("signed by your site", True)}


@within(30)
@pytest.mark.django_db(transaction=True)
async def test_a_socket_asks_them_too(connect, person, alice):
    socket = await connect(person)
    await upkeep.current().check_access()
    assert (await socket.say("hello"))["code"] == "bad_field"
    await database(Visitor.objects.update)(label="Wang 2")
    assert (await socket.say("hello", introduction={"consent": True}))["type"] == "message.accepted"
    row = await database(Visitor.objects.get)()
    assert row.consented_at
