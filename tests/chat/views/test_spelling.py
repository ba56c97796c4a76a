"""MariaDB takes `/chat/ACME/` for `/chat/acme/`: it is the same enterprise with the same limits,
cookies and events, and no second one."""

import pytest
from django.test import Client
from django.urls import get_resolver

from accounts.models import Enterprise
from chat.delivery import bus
from chat.limits import limits
from chat.mail import jobs
from chat.models import Conversation, Visitor
from chat.visitors import cookies
from tests.chat.helpers import JSON, ORIGIN, Socket, check_ledger, within
from tests.chat.signed_visitors import signed

SPELT = "ACME"


@pytest.fixture(autouse=True)
def mariadb(monkeypatch):
    """An enterprise is found by any spelling, also in SQLite."""
    find = Enterprise.objects.filter

    def found(**conditions):
        return find(**{{"code": "code__iexact"}.get(k, k): v for k, v in conditions.items()})

    monkeypatch.setattr(Enterprise.objects, "filter", found)
    # Its SQL may have been made already.
    monkeypatch.setattr(cookies.with_code, "first", lambda code: found(code=code).first())


@pytest.fixture
def counted(monkeypatch):
    """The names of the enterprises for which anything was counted."""
    names = []

    def noting(method, position):
        def note(*args, **kwargs):
            names.extend(filter(None, [args[position].get("enterprise")]))
            return method(*args, **kwargs)

        return note

    for name, position in (("take", 1), ("has_tokens", 1), ("try_take", 1), ("add_socket", 0)):
        monkeypatch.setattr(limits, name, noting(getattr(limits, name), position))
    return names


def routes() -> list[str]:
    """The path of every route of an enterprise, spelt otherwise."""
    found = get_resolver().reverse_dict.lists()
    paths = {
        forms[0][0]
        % {"ent_id": SPELT, "token": "x", "kind": "oidc", "slug": "tea", "key": "0" * 32}
        for _name, variants in found
        for forms, *_rest in variants
        if "ent_id" in forms[0][1]
    }
    return sorted(f"/{path}" for path in paths)


@pytest.mark.django_db
def test_every_route_counts_for_the_enterprise_whatever_its_spelling(guest, group, counted):
    browser, fields = guest.browser(), {"content": "x", "score": "5", "seq": "2", "email": "a@b.cn"}
    paths = routes()
    assert len(paths) >= 14
    answers = set()
    for path in paths:
        for method in (browser.get, browser.post):
            answers.add(method(path, fields, headers={"Origin": ORIGIN, **JSON["headers"]}))
    jobs.POST.submit(int).result()
    assert {answer.status_code for answer in answers} >= {200}
    assert set(counted) == {"acme"}


@pytest.mark.django_db
def test_cookies_and_rows_carry_the_stored_code(enterprise, team, alice):
    browser = Client()
    browser.get(f"/chat/{SPELT}/")
    assert {name for name in browser.cookies if name.startswith("kefu_")} == {"kefu_visitor_acme"}
    assert browser.post(f"/chat/{SPELT}/messages/", {"content": "x"}, **JSON).status_code == 200
    assert set(Visitor.objects.values_list("ent_id", flat=True)) == {"acme"}
    assert set(Conversation.objects.values_list("ent_id", flat=True)) == {"acme"}
    assert browser.get("/chat/acme/messages/", **JSON).json()["messages"]
    fields, headers = {"user": signed(enterprise, "7")}, {"Origin": ORIGIN}
    answer = browser.post(f"/chat/{SPELT}/identity/", fields, headers=headers)
    assert "kefu_session_acme" in answer.cookies
    assert check_ledger()


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_a_socket_hears_and_counts_under_the_stored_code(
    connect, guest, alice, group, counted, monkeypatch
):
    heard = []
    subscribe = bus.subscribe

    async def noting(ent_id):
        heard.append(ent_id)
        await subscribe(ent_id)

    monkeypatch.setattr(bus, "subscribe", noting)
    agent = await connect(alice)
    page = await Socket(f"/ws/visitor/{SPELT}/", cookie=guest.cookie).open()
    assert (await page.say("hello"))["type"] == "message.accepted"
    await agent.until("message.posted")
    await page.leave()
    assert set(heard) == {"acme"} and set(counted) == {"acme"}
