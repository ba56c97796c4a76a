"""Every operation of the API × who asks: no token, tokens with one scope each, of another
enterprise, of a bot. An operation that is not listed here fails."""

import re
from urllib.parse import urlsplit

import orjson
import pytest

from accounts import tokens
from accounts.models import Enterprise
from chat.api import urls
from chat.knowledge import articles
from chat.knowledge.articles import Text
from tests.chat.matrix import routes, stored
from tests.chat.sample_files import upload

from .program import bot_of, program_of, refusal

pytestmark = [pytest.mark.once, pytest.mark.django_db]
OPERATIONS = {
    ("GET", "conversations/"): "conversations:read",
    ("POST", "conversations/"): "conversations:write messages:write",
    ("GET", "conversations/{group}/"): "conversations:read",
    ("POST", "conversations/{group}/actions/"): "conversations:write",
    ("GET", "conversations/{group}/messages/"): "messages:read",
    ("POST", "conversations/{group}/messages/"): "messages:write",
    ("POST", "conversations/{group}/files/"): "messages:write",
    ("GET", "search/"): "messages:read",
    ("GET", "teams/"): "conversations:read",
    ("GET", "members/"): "conversations:read",
    ("GET", "visitors/"): "visitors:read",
    ("POST", "visitors/"): "visitors:write",
    ("GET", "visitors/{visitor}/"): "visitors:read",
    ("PATCH", "visitors/{visitor}/"): "visitors:write",
    ("DELETE", "visitors/{visitor}/"): "visitors:write",
    ("GET", "articles/"): "knowledge:read",
    ("POST", "articles/"): "knowledge:write",
    ("GET", "articles/{slug}/"): "knowledge:read",
    ("PATCH", "articles/{slug}/"): "knowledge:write",
    ("DELETE", "articles/{slug}/"): "knowledge:write",
    ("GET", "reports/"): "reports:read",
    ("GET", "reports/rows/"): "reports:read",
}
BODIES = {
    "conversations/": {"visitor": "{visitor}", "content": "x"},
    "conversations/{group}/actions/": {"action": "tag", "tag": "x"},
    "conversations/{group}/messages/": {"content": "x"},
    "visitors/": {"identity": "4711"},
    "visitors/{visitor}/": {"name": "x"},
    "articles/": {"slug": "new", "lang": "en", "title": "New", "body": "x"},
    "articles/{slug}/": {"title": "x"},
}
MADE = {("POST", "visitors/"), ("POST", "articles/")}
"""What makes something anew with each asking."""
DONE = {**dict.fromkeys(MADE, 201), ("DELETE", "articles/{slug}/"): 204}
"""What an operation answers, where that is not 200."""
QUERIES = {"reports/rows/": "?metric=receptions", "search/": "?q=first"}
USED = {"access_token"}
"""The table that says when a token was last used."""


def of_ours(key: tuple[str, str]) -> bool:
    """Whether an operation is one that this module lists; others have their own tests."""
    return not key[1].startswith(("events", "webhooks", "token"))


def documented() -> set[tuple[str, str]]:
    paths = orjson.loads(urls.document())["paths"]
    prefix = f"/{urls.PREFIX}"
    return {
        (method.upper(), path.removeprefix(prefix))
        for path, methods in paths.items()
        for method in methods
    }


def names_one(key: tuple[str, str]) -> bool:
    """Whether the address or the body names a conversation or a visitor."""
    method, path = key
    return "{" in path or (method == "POST" and "{" in str(BODIES.get(path)))


def ask(program, key, ids, **headers):
    method, path = key
    address = path.format(**ids) + QUERIES.get(path, "")
    if path.endswith("files/"):
        return program.send_file(address, upload("a.txt", b"plain"), **headers)
    body = BODIES[path] if method in ("POST", "PATCH") else {}
    filled = {name: value.format(**ids) for name, value in body.items()}
    return program.call(method, address, filled or None, **headers)


def kept() -> dict:
    return {name: rows for name, rows in stored().items() if name not in USED}


@pytest.fixture
def ids(group, guest) -> dict:
    articles.put(Enterprise.objects.get(code="acme"), "oolong", "en", Text("Tea of acme", "Text."))
    return {"group": group, "visitor": guest.uuid, "slug": "oolong"}


def test_every_operation_is_listed_and_every_address_is_documented():
    assert {key for key in documented() if of_ours(key)} == set(OPERATIONS)
    undocumented = {"api/v1/", "api/v1/openapi.json"}
    mounted = {path for _name, path in routes() if path.startswith("api/")} - undocumented
    shaped = {urls.PREFIX + path for _method, path in documented()}
    assert {re.sub("<[a-z]+:", "{", path).replace(">", "}") for path in mounted} == shaped


def test_each_scope_opens_its_operations_and_no_other(enterprise, ids):
    programs = {one: program_of(enterprise, one) for one in tokens.SCOPES}
    before = kept()
    for key, needed in OPERATIONS.items():
        for scope, program in programs.items():
            if scope != needed:
                answer = ask(program, key, ids)
                assert refusal(answer) == (403, "forbidden"), (key, scope)
                assert answer.json()["scope"] in {*needed.split()} - {scope}
    assert kept() == before
    for key, needed in sorted(OPERATIONS.items(), key=lambda one: one[0][0] == "DELETE"):
        answer = ask(program_of(enterprise, *needed.split()), key, ids)
        assert answer.status_code == DONE.get(key, 200), (key, answer.content)


def test_without_a_valid_token_nothing_is_answered_or_stored(program, other_program, ids):
    tokens.end(other_program.token)
    before = kept()
    for key in OPERATIONS:
        for header in (None, "Bearer kefu_x", f"Bearer {other_program.text}", program.text):
            answer = ask(program, key, ids, Authorization=header)
            assert refusal(answer) == (401, "forbidden"), key
            assert answer["WWW-Authenticate"] == "Bearer"
    assert kept() == before


def test_another_enterprises_program_finds_and_changes_nothing(other_program, ids):
    before = kept()
    for key in OPERATIONS.keys() - MADE:
        answer = ask(other_program, key, ids)
        if names_one(key):
            assert refusal(answer) == (404, "not_found"), key
        else:
            assert answer.status_code == 200
            text = answer.content.decode()
            assert not any(mark in text for mark in (*ids.values(), "of acme")), key
    assert kept() == before


def test_a_bot_reaches_only_what_it_sits_in(enterprise, team, ids):
    """It sits in the group: it reads it, and the rest is for people and service accounts."""
    bot = bot_of(team)
    wanted = {
        ("POST", "conversations/"): 403,
        ("POST", "conversations/{group}/messages/"): 403,
        ("POST", "conversations/{group}/files/"): 403,
        ("POST", "visitors/"): 403,
        ("DELETE", "visitors/{visitor}/"): 403,
        ("POST", "articles/"): 403,
        ("PATCH", "articles/{slug}/"): 403,
        ("DELETE", "articles/{slug}/"): 403,
        ("GET", "search/"): 403,
        ("GET", "reports/"): 403,
        ("GET", "reports/rows/"): 403,
    }
    for key in OPERATIONS:
        answer = ask(bot, key, ids)
        assert answer.status_code == wanted.get(key, 200), (key, answer.content)


def test_the_document_is_public_and_names_every_scope(client):
    answer = client.get("/api/v1/openapi.json")
    found = answer.json()
    assert found["openapi"].startswith("3.1") and answer["Content-Type"] == "application/json"
    assert found["components"]["securitySchemes"] == {
        "Bearer": {"type": "http", "scheme": "bearer"}
    }
    for path, methods in found["paths"].items():
        assert urlsplit(path).path.endswith("/")
        for method, details in methods.items():
            assert details["security"] == [{"Bearer": []}]
            key = (method.upper(), path.removeprefix(f"/{urls.PREFIX}"))
            done = str(DONE.get(key, 200))
            assert {done, "401", "403", "429"} <= details["responses"].keys(), path
            if of_ours(key):
                assert details["x-scope"] == OPERATIONS[key]
