"""What HTTP refuses, with which status, and that nothing is stored then."""

import json
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.models import Enterprise
from chat.models import Visitor
from chat.posting import batches
from tests.chat.helpers import (
    JSON,
    PAGE,
    check_ledger,
    draft_of,
    new_guest,
    new_id,
    refused,
    seat_of,
)

pytestmark = pytest.mark.django_db


def test_a_page_that_was_somebody_elses_sends_nothing_and_gets_nothing(visitor, agent, group):
    for browser in (visitor, agent):
        form = {"content": "in whose name?", "me": new_id()}
        assert refused(browser.post(browser.place, form, **JSON)) == (403, "forbidden")
    asked = visitor.get(f"{visitor.place}?me={form['me']}", **JSON)
    assert refused(asked) == (403, "forbidden")
    assert check_ledger() == 2


@pytest.mark.parametrize("size", [2_000_000, 6_000_000])
def test_a_body_beyond_the_limit_is_refused(visitor, agent, group, size):
    for browser in (visitor, agent):
        response = browser.post(browser.place, {"content": "x" * size}, **JSON)
        assert refused(response) == (413, "too_long")
        assert browser.post(browser.place, {"content": "x" * size}).status_code == 413
    assert check_ledger() == 2


def test_conflict_and_stale_are_409_and_say_what_stands_there(agent, bob, group):
    sent = {"content": "one", "client_id": new_id()}
    agent.post(agent.place, sent, **JSON)
    assert refused(agent.post(agent.place, {**sent, "content": "two"}, **JSON)) == (409, "conflict")
    batches.post(draft_of(bob, group, "小博先说"))
    response = agent.post(agent.place, {"content": "late", "seen": "2"}, **JSON)
    assert refused(response) == (409, "stale")
    answer = json.loads(response.content)
    assert answer["last_seq"] == 4 and answer["messages"][-1]["content"] == "小博先说"


def test_a_blocked_visitor_is_403(visitor, guest, group):
    Visitor.objects.update(blocked=True)
    for response in (
        visitor.post(visitor.place, {"content": "x"}, **JSON),
        visitor.get(visitor.place, **JSON),
    ):
        assert refused(response) == (403, "closed_out")
    assert check_ledger() == 2
    for response in (
        visitor.get("/chat/acme/"),
        visitor.get("/chat/acme/?embed=1"),
        visitor.post(visitor.place, {"content": "x"}, **PAGE),
    ):
        assert response.status_code == 403
        assert "first" not in response.content.decode(), "the conversation is not shown any more"


def test_without_a_cookie_or_a_login_it_is_401_or_a_way_to_sign_in(group, enterprise):
    stranger = Client()
    agents = f"/agent/c/{group}/"
    for place in ("/chat/acme/messages/", f"{agents}messages/"):
        assert stranger.get(place, **JSON).status_code == 401
        assert stranger.post(place, {"content": "x"}, **JSON).status_code == 401
    assert stranger.post("/chat/acme/messages/", {"content": "x"})["Location"] == "/chat/acme/"
    for place in (agents, "/agent/", f"{agents}messages/"):
        response = stranger.get(place)
        assert response.status_code == 302
        assert urlsplit(response["Location"]).path == "/agent/login/"


def test_a_database_that_cannot_store_is_503_and_keeps_the_text(visitor, agent, group, monkeypatch):
    def broken(items, look_up):
        raise OperationalError("database is locked")

    monkeypatch.setattr(batches, "commit", broken)
    monkeypatch.setattr(batches, "drop_connection", lambda: None)
    for browser in (visitor, agent):
        form = {"content": "precious words", "client_id": new_id()}
        assert refused(browser.post(browser.place, form, **JSON)) == (503, "unavailable")
        response = browser.post(browser.place, form, **PAGE)
        page = response.content.decode()
        assert response.status_code == 503 and 'role="alert"' in page
        assert ">precious words</textarea>" in page and form["client_id"] in page


def test_a_refused_plain_form_says_why_and_keeps_the_text(visitor, agent, bob, group):
    batches.post(draft_of(bob, group, "小博先说"))
    response = agent.post(agent.place, {"content": "my answer", "seen": "2"}, **PAGE)
    page = response.content.decode()
    assert response.status_code == 409 and "小博先说" in page
    assert ">my answer</textarea>" in page and 'role="alert"' in page
    response = visitor.post(visitor.place, {"content": "x" * 10_001}, **PAGE)
    assert response.status_code == 413 and "x" * 10_001 in response.content.decode()
    assert check_ledger() == 3


def test_another_visitors_cookie_shows_no_others_messages(team, visitor, group):
    other = new_guest(team).browser()
    assert json.loads(other.get("/chat/acme/messages/").content)["messages"] == []
    assert group in visitor.get("/chat/acme/").content.decode()
    assert group not in other.get("/chat/acme/").content.decode()


def test_unknown_and_closed_enterprises_are_plain_pages(enterprise, guest, alice, browser_of):
    for place in ("/chat/nobody/", "/chat/nobody/messages/", "/chat/acme/?team=nobody"):
        assert Client().get(place).status_code == 404
    enterprise.status = Enterprise.Status.CLOSED
    enterprise.save()
    browser = guest.browser()
    assert browser.get("/chat/acme/").status_code == 403
    assert browser.post("/chat/acme/messages/", {"content": "x"}, **JSON).status_code == 403
    assert browser_of(alice).get("/agent/").status_code in (302, 401, 403)
    assert not Visitor.objects.exists()


def test_a_post_without_the_csrf_token_is_403_and_stores_nothing(guest, alice, group):
    strict = guest.browser(enforce_csrf_checks=True)
    agent = Client(enforce_csrf_checks=True)
    agent.force_login(alice, backend="accounts.backends.MemberBackend")
    places = [
        (strict, "/chat/acme/messages/", {"content": "x"}),
        (agent, f"/agent/c/{group}/messages/", {"content": "x"}),
        (agent, f"/agent/c/{group}/read/", {"seq": "2"}),
        (agent, "/agent/online/", {"online": "0"}),
        (agent, "/agent/logout/", {}),
    ]
    for browser, place, form in places:
        for kind in (JSON, PAGE):
            assert browser.post(place, form, **kind).status_code == 403, place
    assert check_ledger() == 2 and seat_of(alice, group).read_seq == 0
    page = strict.get("/chat/acme/").content.decode()
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = {"content": "x", "csrfmiddlewaretoken": token}
    assert strict.post("/chat/acme/messages/", form, **JSON).status_code == 200
