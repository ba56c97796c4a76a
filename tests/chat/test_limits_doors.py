"""Limits as people meet them: at sockets, at posts, on pages, and over two processes."""

import asyncio
import json
import time

import pytest
from django.conf import settings
from django.test import Client

from chat.ledger import access
from chat.limits import Buckets, limits
from chat.models import Visitor
from chat.rates import Rate
from chat.reading import inbox
from chat.visitors import challenges

from .conftest import unopened
from .daphne import Daphne
from .helpers import (
    JSON,
    PAGE,
    check_ledger,
    database,
    new_guest,
    new_id,
    refused,
    session_cookie,
    types,
    within,
)

pytestmark = pytest.mark.django_db(transaction=True)


def allow(name: str, scope: str, burst: int, per_second: float = 1) -> None:
    """Sets a limit for this test."""
    limits.buckets[name][scope] = Buckets(Rate(burst, per_second))


async def test_too_many_messages_are_refused_and_pass_later_under_the_same_client_id(
    connect, guest, alice, group, stopped, monkeypatch
):
    allow("message", "visitor", 3, per_second=2)
    visitor, agent = await connect(guest), await connect(alice)
    sent = [(new_id(), f"{number}") for number in range(30)]
    for client_id, content in sent:
        await visitor.send("message.send", client_id=client_id, content=content)
    answers = [await visitor.next() for _ in sent]
    refusals = [event for event in answers if event["type"] == "error"]
    assert [event["client_id"] for event in refusals] == [client_id for client_id, _ in sent[3:]]
    for event in refusals:
        assert (event["code"], event["retry_after"]) == ("rate_limited", 1)
    assert await database(check_ledger)() == 5
    client_id, content = sent[3]
    later = limits.clock() + event["retry_after"]
    monkeypatch.setattr(limits, "clock", lambda: later)
    first = await visitor.say(content, client_id=client_id)
    assert (first["type"], first["seq"]) == ("message.accepted", 6)
    again = await visitor.say(content, client_id=client_id)
    assert again == first
    assert types(await agent.all()).count("message.posted") == 4


async def test_agents_behind_one_address_are_not_limited_with_its_visitors(
    connect, guest, alice, bob, group, stopped
):
    allow("message", "address", 1, per_second=0.01)
    allow("message", "enterprise", 1, per_second=0.01)
    allow("socket", "address", 1, per_second=0.01)
    visitor = await connect(guest)
    assert (await visitor.say("one"))["type"] == "message.accepted"
    assert (await visitor.say("two"))["retry_after"] == 100
    agents = [await connect(alice), await connect(bob), await connect(alice)]
    for number in range(40):
        answer = await agents[number % 3].say("answer", group=group)
        assert answer["type"] == "message.accepted"


async def test_new_visitors_from_one_address_are_limited_and_known_ones_go_on(
    connect, guest, team, alice, group, stopped, monkeypatch
):
    monkeypatch.setattr(challenges, "FREE_TOKENS", 0)
    allow("newcomer", "address", 2, per_second=0.2)
    known = await connect(guest)
    newcomers = [await connect(new_guest(team)) for _ in range(3)]
    for newcomer in newcomers[:2]:
        ids = [new_id() for _ in range(20)]
        for client_id in ids:
            await newcomer.send("message.send", client_id=client_id, content="hello")
        for _ in ids:
            assert await newcomer.until("message.accepted"), "one newcomer counts once"
    answer = await newcomers[2].say("hello")
    assert (answer["code"], answer["retry_after"]) == ("rate_limited", 5)
    assert await database(Visitor.objects.count)() == 3
    assert (await known.say("and I?"))["type"] == "message.accepted"
    browser = new_guest(team).browser()
    response = await database(browser.post)("/chat/acme/messages/", {"content": "x"}, **JSON)
    assert refused(response) == (429, "rate_limited") and response["Retry-After"] == "5"
    assert await database(Visitor.objects.count)() == 3


async def test_typing_reading_and_syncing_are_limited_for_all_windows_of_one_person(
    connect, guest, alice, group, stopped
):
    frames = (
        ("typing", "typing", {"group": group, "draft": "…"}),
        ("typing", "knowledge.suggest", {"text": "…"}),
        ("read", "message.read", {"group": group, "seq": 1}),
        ("fetch", "sync", {"groups": {group: 0}}),
    )
    windows = [await connect(guest), await connect(guest)]
    agent = await connect(alice)
    for name, kind, fields in frames:
        allow(name, "visitor", 4, per_second=0.5)
        for window in windows:
            for _ in range(4):
                await window.send(kind, **fields)
        events = [event for window in windows for event in await window.all()]
        errors = [event for event in events if event["type"] == "error"]
        assert [error["code"] for error in errors] == ["rate_limited"] * 4
        assert all(1 <= error["retry_after"] <= 2 for error in errors)
    assert (await windows[0].say("sending goes on"))["type"] == "message.accepted"
    assert (await agent.say("hello", group=group))["type"] == "message.accepted"


async def test_a_member_asks_the_assistant_so_often_in_all_windows(connect, alice, group, stopped):
    allow("assistant", "member", 2, per_second=0.5)
    codes, frames = [], []
    for window in (await connect(alice), await connect(alice)):
        for kind, fields in (
            ("assistant.draft", {"group": group}),
            ("assistant.translate", {"text": "hello", "to": "en"}),
        ):
            await window.send(kind, **fields)
            error = await window.until("error")
            codes.append(error["code"])
            frames.append(error.get("frame"))
    assert codes == [*["conflict"] * 2, *["rate_limited"] * 2]
    assert frames == ["assistant.draft", "assistant.translate"] * 2


async def test_an_address_opens_only_so_many_sockets_and_knocking_costs_no_query(
    connect, guest, alice, team, monkeypatch
):
    allow("socket", "address", 2, per_second=0.01)
    first, _second = await connect(guest), await connect(new_guest(team))
    with monkeypatch.context() as patch:
        patch.setattr("chat.sockets.visitor.identify_together", None)
        late = await unopened(new_guest(team))
        assert await late.accepted() and await late.closed() == 4429
    assert (await first.say("I was here before"))["type"] == "message.accepted"
    assert (await connect(new_guest(team), address="203.0.113.9")).hello


async def test_sockets_that_are_refused_or_gone_are_not_counted(connect, guest, alice, group):
    for who in (guest, alice):
        socket = await connect(who)
        await socket.leave()
    stranger = await unopened(guest, cookie="")
    assert await stranger.accepted() and await stranger.closed() == 4401
    assert limits.open_sockets == {}


def test_a_post_too_many_is_429_and_the_plain_page_keeps_the_text(visitor, agent, group, stopped):
    for browser, scope in ((visitor, "visitor"), (agent, "member")):
        allow("message", scope, 1, per_second=0.1)
        assert browser.post(browser.place, {"content": "one"}, **JSON).status_code == 200
        form = {"content": "precious words", "client_id": new_id()}
        response = browser.post(browser.place, form, **JSON)
        assert refused(response) == (429, "rate_limited")
        assert response["Retry-After"] == "10"
        assert json.loads(response.content)["retry_after"] == 10
        response = browser.post(browser.place, form, **PAGE)
        page = response.content.decode()
        assert response.status_code == 429 and response["Retry-After"] == "10"
        assert 'role="alert"' in page and ">precious words</textarea>" in page
        assert form["client_id"] in page
    assert check_ledger() == 4


def test_pages_and_history_are_limited_by_address(visitor, agent, group, stopped):
    allow("fetch", "address", 2, per_second=0.1)
    assert visitor.get("/chat/acme/").status_code == 200
    assert visitor.get(visitor.place).status_code == 200
    for browser in (visitor, Client()):
        for place in ("/chat/acme/", "/chat/acme/messages/", "/chat/nobody/"):
            response = browser.get(place, **JSON)
            assert refused(response) == (429, "rate_limited") and response["Retry-After"] == "10"
            response = browser.get(place)
            assert response.status_code == 429 and response["Retry-After"] == "10"
            assert "text/html" in response["Content-Type"]
    assert visitor.post(visitor.place, {"content": "x"}, **JSON).status_code == 429
    assert agent.get(agent.page).status_code == 200
    assert Client(REMOTE_ADDR="203.0.113.9").get("/chat/acme/").status_code == 200


def test_every_request_of_a_member_counts_before_anything_is_read(
    agent, client, alice, bob, group, stopped, monkeypatch
):
    allow("fetch", "member", 2, per_second=0.1)
    assert agent.get("/agent/").status_code == 200
    assert agent.get("/agent/inbox/", **JSON).status_code == 200
    monkeypatch.setattr(access, "conversation_for", None)
    monkeypatch.setattr(inbox, "page", None)
    here = f"/agent/c/{group}/"
    for place in ("/agent/", "/agent/inbox/", "/agent/colleagues/", here, f"{here}messages/"):
        response = agent.get(place, **JSON)
        assert refused(response) == (429, "rate_limited") and response["Retry-After"] == "10"
        response = agent.get(place, **PAGE)
        assert response.status_code == 429 and response["Retry-After"] == "10"
        assert "text/html" in response["Content-Type"]
    for place in ("messages/", "read/", "actions/"):
        assert agent.post(here + place, {}, **JSON).status_code == 429
    assert agent.post("/agent/online/", {"online": "0"}, **JSON).status_code == 429
    monkeypatch.undo()
    client.force_login(bob)
    assert client.get("/agent/").status_code == 200
    assert Client().get("/agent/").status_code != 429, "who is nobody yet is led to the login"


@pytest.mark.parametrize(
    "limit, place, fields",
    [
        ("message", "c/{}/actions/", {"action": "claim"}),
        ("read", "c/{}/read/", {"seq": 1}),
        ("message", "online/", {"online": "1"}),
    ],
    ids=["actions", "reading", "the online switch"],
)
def test_what_an_agent_does_by_form_is_limited_as_by_socket(
    agent, group, stopped, limit, place, fields
):
    place = "/agent/" + place.format(group)
    allow(limit, "member", 1, per_second=0.1)
    assert agent.post(place, fields, **JSON).status_code == 200
    response = agent.post(place, fields, **JSON)
    assert refused(response) == (429, "rate_limited") and response["Retry-After"] == "10"
    response = agent.post(place, fields, **PAGE)
    assert response.status_code == 429 and response["Retry-After"] == "10"
    assert 'role="alert"' in response.content.decode()


ONE_NEWCOMER = """
from chat.limits import limits
from chat.rates import RATES, Rate
RATES["newcomer"]["address"] = Rate(1, 0.01)
limits.clear()
"""


@pytest.mark.release
@pytest.mark.parametrize("proxies, stored", [("127.0.0.1", 2), ("", 1)])
@within(30)
async def test_behind_a_listed_proxy_the_clients_address_counts(
    transactional_db, tmp_path, team, proxies, stored
):
    """And what a client itself claims in the header counts for nothing."""
    server = Daphne(
        tmp_path / "log", before=ONE_NEWCOMER, RATE_LIMITS="on", TRUSTED_PROXIES=proxies
    ).start()
    try:
        for claimed in ("203.0.113.1", "6.6.6.6, 203.0.113.1", "203.0.113.2"):
            guest = new_guest(team)
            wire = await server.connect(
                "/ws/visitor/acme/", guest.cookie, headers={"X-Forwarded-For": claimed}
            )
            await wire.say("hello")
            await wire.close()
    finally:
        server.kill()
    assert await database(Visitor.objects.count)() == stored


@pytest.mark.release
@pytest.mark.skipif(not settings.REDIS_URL, reason="one process shares nothing: needs REDIS_URL")
@within(60)
async def test_two_processes_let_through_what_one_would(
    transactional_db, tmp_path, connect, guest, alice, group, monkeypatch
):
    server = Daphne(tmp_path / "log", RATE_LIMITS="on").start()
    try:
        here, there = await connect(guest), await server.visit(guest)
        began = time.monotonic()
        for _ in range(100):
            assert (await here.say("x"))["type"] == "message.accepted"
        await asyncio.sleep(2.5)
        answers = [await there.say("y") for _ in range(30)]
        accepted = sum(answer["type"] == "message.accepted" for answer in answers)
        assert accepted <= 2 + time.monotonic() - began, "a visitor earns one a second"
        others = [await connect(guest) for _ in range(10)]
        await asyncio.sleep(2.5)
        codes = []
        for _ in range(12):
            wire = await server.visit(guest)
            try:
                await wire.until("hello")
            except Exception:
                codes.append(wire.wire.close_code)
        assert codes == [4429] * 4, "20 in all: 11 here, 9 there"
        cookie = await database(session_cookie)(alice)
        agent = await server.connect("/ws/agent/", cookie)
        assert (await agent.say("I may", group=group))["type"] == "message.accepted"
        assert len(others) == 10
    finally:
        server.kill()
