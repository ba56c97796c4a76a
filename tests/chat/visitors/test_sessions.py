"""Sessions of people who are signed in on the enterprise's site: one thread, and their ends."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chat.models import EndedSession, Visitor
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.visitors import identities
from tests.chat.helpers import JSON, ORIGIN, codes, new_guest, refused, rows_of
from tests.chat.signed_visitors import EXCHANGE, exchange, person_page, session_guest, signed

pytestmark = pytest.mark.django_db
SHOP = "https://shop.example"


def test_a_token_becomes_a_session_and_nothing_is_stored(enterprise, team):
    browser = Client()
    answer = exchange(browser, signed(enterprise, "7", name="Wang"))
    assert json.loads(answer.content) == {"changed": True, "known": False, "unread": 0}
    cookie = answer.cookies["kefu_session_acme"]
    assert cookie["httponly"] and "Wang" not in cookie.value
    assert not Visitor.objects.exists()
    again = exchange(browser, signed(enterprise, "7", name="Wang"))
    assert json.loads(again.content)["changed"] is False
    assert person_page(browser) == person_page(browser)


def test_the_first_message_brings_name_and_contact_and_the_signed_facts(enterprise, alice):
    browser = Client()
    exchange(browser, signed(enterprise, "7", name="Wang", email="w@example.com"))
    assert browser.post("/chat/acme/messages/", {"content": "hi"}, **JSON).status_code == 200
    row = Visitor.objects.get()
    assert row.label == "Wang"
    assert row.identity == {"id": "7", "name": "Wang", "email": "w@example.com"}
    assert row.uuid == person_page(browser)


def test_all_browsers_of_a_person_have_one_thread(enterprise, alice):
    phone, desktop, late = Client(), Client(), Client()
    for browser in (phone, desktop):
        exchange(browser, signed(enterprise, "7"))
    phone.post("/chat/acme/messages/", {"content": "from the phone"}, **JSON)
    # The desktop knew of nothing when it began.
    desktop.post("/chat/acme/messages/", {"content": "from the desktop"}, **JSON)
    exchange(late, signed(enterprise, "7"))
    for browser in (phone, desktop, late):
        told = json.loads(browser.get("/chat/acme/messages/", **JSON).content)["messages"]
        assert [m["content"] for m in told[1:]] == ["from the phone", "from the desktop"]
    assert Visitor.objects.count() == 1


def test_two_browsers_that_write_at_once_are_one_visitor(enterprise, team, alice):
    first, second = (session_guest(enterprise, team, "7") for _ in range(2))
    answers = batches.run([first.draft("one"), second.draft("two"), first.draft("three")])
    assert len({answer["group"] for answer in answers}) == 1
    said = [row.message_content for row in rows_of(answers[0]["group"])[1:]]
    assert said == ["one", "two", "three"]
    assert Visitor.objects.count() == 1


def test_ids_that_differ_in_case_are_two_people_on_every_database(enterprise, alice):
    for who in ("Wang", "wang", "wang"):
        browser = Client()
        exchange(browser, signed(enterprise, who))
        browser.post("/chat/acme/messages/", {"content": who}, **JSON)
    assert Visitor.objects.count() == 2


def test_the_same_id_at_another_enterprise_is_another_person(
    enterprise, other_enterprise, alice, outsider
):
    browser = Client()
    token = signed(enterprise, "7")
    assert refused(exchange(browser, token, "umbrella")) == (403, "forbidden")
    exchange(browser, token)
    exchange(browser, signed(other_enterprise, "7"), "umbrella")
    assert person_page(browser) != person_page(browser, "umbrella")
    stolen = Client()
    stolen.cookies["kefu_session_umbrella"] = browser.cookies["kefu_session_acme"].value
    assert stolen.get("/chat/umbrella/messages/", **JSON).status_code == 401


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://shop.example", ""])
def test_only_the_enterprises_sites_may_say_who_is_there(enterprise, origin):
    enterprise.sites = SHOP
    enterprise.save()
    token = signed(enterprise, "7")
    browser = Client(enforce_csrf_checks=True)
    headers = {"Origin": origin} if origin else {}
    assert refused(browser.post(EXCHANGE, {"user": token}, headers=headers)) == (403, "forbidden")
    assert not browser.cookies
    for good in (SHOP, ORIGIN):
        answer = browser.post(EXCHANGE, {"user": token}, headers={"Origin": good})
        assert answer.status_code == 200 and answer["Access-Control-Allow-Origin"] == good
    assert browser.get(EXCHANGE, headers={"Origin": SHOP}).status_code == 405


def test_the_site_may_read_why_its_token_is_refused(enterprise):
    enterprise.sites = SHOP
    enterprise.save()
    answer = Client().post(EXCHANGE, {"user": "x"}, headers={"Origin": SHOP})
    assert refused(answer) == (400, "bad_field") and answer["Access-Control-Allow-Origin"] == SHOP


def test_what_no_cookie_could_hold_is_refused_and_the_rest_fits(enterprise, visitor, group):
    words = {"name": "王" * 125, "email": f"{'w' * 100}@example.com"}
    answer = exchange(Client(), signed(enterprise, "x" * 100, **words))
    assert answer.status_code == 200
    assert len(answer.cookies["kefu_session_acme"].OutputString()) < 4_000
    faces = exchange(visitor, signed(enterprise, "🙂" * 100, name="🙂" * 125, email="🙂" * 125))
    assert refused(faces) == (413, "too_long") and not faces.cookies
    assert visitor.get(visitor.place, **JSON).status_code == 200, "nothing has joined"


def test_a_session_given_to_another_site_is_partitioned(enterprise):
    enterprise.sites = SHOP
    enterprise.save()
    asked = {"Origin": SHOP, "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "cross-site"}
    browser = Client()
    line = browser.post(EXCHANGE, {"user": signed(enterprise, "7")}, headers=asked)
    line = line.cookies["kefu_session_acme"].output()
    assert line.endswith("; Partitioned") and "Secure" in line and "SameSite=None" in line
    gone = browser.post(EXCHANGE, {}, headers=asked).cookies["kefu_session_acme"].output()
    assert gone.endswith("; Partitioned") and "Max-Age=0" in gone
    asked["Sec-Fetch-Site"] = "same-site"
    near = browser.post(EXCHANGE, {"user": signed(enterprise, "7")}, headers=asked)
    assert "Partitioned" not in near.cookies["kefu_session_acme"].output()


def test_signing_out_ends_the_session_and_every_copy_of_its_cookie(enterprise, alice):
    browser = Client()
    exchange(browser, signed(enterprise, "7"))
    browser.post("/chat/acme/messages/", {"content": "mine"}, **JSON)
    copy, phone = Client(), Client()
    copy.cookies["kefu_session_acme"] = browser.cookies["kefu_session_acme"].value
    exchange(phone, signed(enterprise, "7"))
    assert json.loads(exchange(browser, "").content)["changed"] is True
    assert "mine" not in browser.get("/chat/acme/").content.decode()
    assert copy.get("/chat/acme/messages/", **JSON).status_code == 401
    assert "mine" in phone.get("/chat/acme/").content.decode(), "another browser stays signed in"
    assert json.loads(exchange(browser, "").content)["changed"] is False


def test_signing_out_leaves_one_without_a_name_who_they_are(visitor, guest, group):
    answer = exchange(visitor, "")
    assert json.loads(answer.content) == {"changed": False, "known": True, "unread": 0}
    assert not answer.cookies and person_page(visitor) == guest.uuid


def former(browser: Client) -> str | None:
    """Whose unsent texts the chat page takes over; None on a page of nobody who is signed in."""
    found = re.search(r'data-former="([^"]*)"', browser.get("/chat/acme/").content.decode())
    return found and found[1]


@pytest.mark.once
def test_the_page_of_who_signs_in_takes_over_what_they_had_not_sent_and_nobody_elses(
    enterprise, team, alice
):
    elsewhere, browser = Client(), Client()
    exchange(elsewhere, signed(enterprise, "7"))
    elsewhere.post("/chat/acme/messages/", {"content": "of seven"}, **JSON)
    nameless = person_page(browser)
    browser.post("/chat/acme/messages/", {"content": "without a name"}, **JSON)
    assert former(browser) is None
    exchange(browser, signed(enterprise, "7"))
    assert former(browser) == nameless != person_page(browser)
    exchange(browser, signed(enterprise, "7"))
    assert former(browser) == nameless, "a session that goes on"
    exchange(browser, "")
    after = person_page(browser)
    assert after != nameless and former(browser) is None
    exchange(browser, signed(enterprise, "8"))
    assert former(browser) == after
    exchange(browser, signed(enterprise, "7"))
    assert former(browser) == "", "of another person"


@pytest.mark.once
def test_who_stays_apart_or_becomes_the_person_leaves_nothing(guest, group, enterprise, alice):
    browser = guest.browser()
    exchange(browser, signed(enterprise, "7"))
    assert former(browser) == "" and person_page(browser) == guest.uuid
    blocked = Client()
    person_page(blocked)
    answer = blocked.post("/chat/acme/messages/", {"content": "spam"}, **JSON)
    group = json.loads(answer.content)["group"]
    batches.do(VisitorAction("block", alice.uuid, group, minutes=60, reason="spam"))
    exchange(blocked, signed(enterprise, "9"))
    assert former(blocked) == ""
    exchange(blocked, "")
    assert refused(blocked.get("/chat/acme/messages/", **JSON)) == (403, "closed_out")


def test_another_person_in_the_same_browser_ends_the_ones_session_before(enterprise, alice):
    browser, copy = Client(), Client()
    exchange(browser, signed(enterprise, "7"))
    browser.post("/chat/acme/messages/", {"content": "of seven"}, **JSON)
    copy.cookies["kefu_session_acme"] = browser.cookies["kefu_session_acme"].value
    exchange(browser, signed(enterprise, "8"))
    assert "of seven" not in browser.get("/chat/acme/").content.decode()
    assert copy.get("/chat/acme/messages/", **JSON).status_code == 401
    assert Visitor.objects.count() == 1, "nothing was joined"


def test_a_session_ends_with_its_time_and_with_a_secret_that_was_given_away(
    enterprise, team, monkeypatch
):
    guest = session_guest(enterprise, team, "7")
    assert guest.known()
    enterprise.replace_secret(timezone.now(), keep=True)
    assert guest.known()
    enterprise.replace_secret(timezone.now(), keep=False)
    assert guest.known() is None
    guest = session_guest(enterprise, team, "7")
    assert guest.known()
    monkeypatch.setattr(identities, "SIGN_IN_LIFETIME", timedelta(seconds=-1))
    assert session_guest(enterprise, team, "7").known() is None


def test_ended_sessions_are_forgotten_when_their_time_is_over(enterprise, team):
    guest = session_guest(enterprise, team, "7")
    identities.end_sign_in(guest.known().sign_in)
    now = timezone.now()
    identities.delete_expired(now)
    assert EndedSession.objects.count() == 1
    identities.delete_expired(now + identities.SIGN_IN_LIFETIME + timedelta(minutes=1))
    assert EndedSession.objects.count() == 0


def test_sign_ins_of_browsers_that_never_wrote_leave_rows_for_minutes_only(enterprise, team):
    guests = [new_guest(team) for _ in range(30)]
    for guest in guests:
        exchange(guest.browser(), signed(enterprise, "7"))
    keys = {guest.uuid for guest in guests}
    now = timezone.now()
    identities.delete_expired(now + identities.SIGN_IN_GRACE - timedelta(minutes=1))
    assert identities.ended_keys(keys) == keys, "a message may be on its way"
    late = guests[0].draft("sent before the sign-in")
    assert codes(batches.settle([late]).answers) == ["not_found"]
    identities.delete_expired(now + identities.SIGN_IN_GRACE + timedelta(minutes=1))
    assert not EndedSession.objects.exists() and not Visitor.objects.exists()


def test_who_wrote_and_joined_a_person_can_begin_nothing_for_as_long_as_a_session(
    enterprise, customer, guest, alice
):
    batches.post(guest.draft("without a name"))
    exchange(guest.browser(), signed(enterprise, "7"))
    now = timezone.now()
    identities.delete_expired(now + identities.SIGN_IN_LIFETIME - timedelta(minutes=1))
    assert codes(batches.settle([guest.draft("again")]).answers) == ["not_found"]
    identities.delete_expired(now + identities.SIGN_IN_LIFETIME + timedelta(minutes=1))
    assert not EndedSession.objects.exists()


def test_a_blocked_person_stays_so_in_every_browser(enterprise, alice):
    browser = Client()
    exchange(browser, signed(enterprise, "7"))
    answer = browser.post("/chat/acme/messages/", {"content": "spam"}, **JSON)
    group = json.loads(answer.content)["group"]
    batches.do(VisitorAction("block", alice.uuid, group, minutes=60, reason="spam"))
    for one in (browser, Client()):
        exchange(one, signed(enterprise, "7"))
        assert refused(one.get("/chat/acme/messages/", **JSON)) == (403, "closed_out")


def test_an_erased_person_is_out_and_begins_anew_with_the_next_token(enterprise, alice, manager):
    browser, phone = Client(), Client()
    for one in (browser, phone):
        exchange(one, signed(enterprise, "7", name="Quetzal"))
    answer = browser.post("/chat/acme/messages/", {"content": "before"}, **JSON)
    exchange(phone, signed(enterprise, "7", name="Quetzal"))
    group = json.loads(answer.content)["group"]
    batches.do(VisitorAction("erase", manager.uuid, group))
    row = Visitor.objects.get()
    assert row.identity_key is None and row.identity == {}
    for one in (browser, phone):
        assert one.get("/chat/acme/messages/", **JSON).status_code == 401
    exchange(phone, signed(enterprise, "7", name="Quetzal"))
    assert phone.post("/chat/acme/messages/", {"content": "after"}, **JSON).status_code == 200
    told = json.loads(phone.get("/chat/acme/messages/", **JSON).content)["messages"]
    assert [m["content"] for m in told[1:]] == ["after"]
    assert Visitor.objects.count() == 2


def test_another_name_on_the_site_is_taken_over_until_an_agent_gives_one(enterprise, alice):
    browser = Client()
    exchange(browser, signed(enterprise, "7", name="Wang"))
    answer = browser.post("/chat/acme/messages/", {"content": "hi"}, **JSON)
    group = json.loads(answer.content)["group"]
    exchange(browser, signed(enterprise, "7", name="Wang Li", email="w@example.com"))
    row = Visitor.objects.get()
    assert (row.label, row.contact, row.identity["name"]) == ("Wang Li", "w@example.com", "Wang Li")
    batches.do(VisitorAction("edit", alice.uuid, group, label="VIP", contact="1"))
    exchange(browser, signed(enterprise, "7", name="Li", email="l@example.com"))
    row = Visitor.objects.get()
    assert (row.label, row.contact, row.identity["name"]) == ("VIP", "1", "Li")
