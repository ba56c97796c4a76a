"""Whatever the API refuses has the one shape, and what browsers bring along counts for nothing."""

import pytest
from django.db import Error

from accounts.models import Member
from chat.limits import Buckets, limits
from chat.rates import Rate
from tests.chat.helpers import rows_of, session_cookie
from tests.chat.threads import in_threads

from .program import ROOT, program_of, refusal

pytestmark = pytest.mark.django_db


def test_cookies_beside_a_token_are_ignored(program, manager, group):
    Member.objects.filter(pk=manager.pk).update(must_change_password=True)
    answer = program.call("GET", "conversations/", Cookie=session_cookie(manager))
    assert answer.status_code == 200 and not answer.cookies
    Member.objects.filter(pk=manager.pk).update(status=Member.Status.CLOSED)
    answer = program.call("GET", "conversations/", Cookie="sessionid=x; csrftoken=y")
    assert answer.status_code == 200 and not answer.cookies


@pytest.mark.parametrize("path", ["", "nothing/", "conversations/x/", "conversations", "../admin/"])
def test_an_address_that_is_not_there(program, path):
    answer = program.get(path)
    assert answer.status_code in (301, 404)
    if answer.status_code == 404:
        assert refusal(answer) == (404, "not_found")


def test_only_what_reads_is_led_to_the_slash_as_a_get(program, group):
    place = f"conversations/{group}/messages"
    for method, status in {"GET": 301, "HEAD": 301, "POST": 308, "PATCH": 308}.items():
        answer = program.call(method, f"{place}?x=1", {"content": "x"})
        assert (answer.status_code, answer["Location"]) == (status, f"{ROOT}{place}/?x=1")


def test_only_what_reads_is_led_to_https_as_a_get(program, settings):
    settings.SECURE_SSL_REDIRECT = True
    for method, status in {"GET": 301, "POST": 308, "PATCH": 308, "DELETE": 308}.items():
        assert program.call(method, "webhooks/", {}).status_code == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "conversations/"),
        ("POST", "reports/"),
        ("PUT", "conversations/4e856ead-d369-491e-be93-eee830c99050/messages/"),
        ("OPTIONS", "conversations/"),
        ("POST", "openapi.json"),
    ],
)
def test_a_method_that_is_not_there(program, method, path):
    answer = program.call(method, path, {})
    assert refusal(answer) == (405, "unknown_type") and "GET" in answer["Allow"]
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b"", (400, "bad_field")),
        (b"{", (400, "bad_frame")),
        (b"[]", (400, "bad_frame")),
        (b"null", (400, "bad_frame")),
        (b'"x"', (400, "bad_frame")),
        (b'{"content": NaN}', (400, "bad_frame")),
        (b'{"content": "\\ud800"}', (400, "bad_frame")),
        (b'{"content": "\xff"}', (400, "bad_frame")),
        (b'{"content": "a", "content": "b"}', (400, "bad_frame")),
        (b'{"content": "a", "more": {"x": 1, "x": 2}}', (400, "bad_frame")),
        (b'{"content": "a", "more": ' + b"[" * 2000 + b"]" * 2000 + b"}", (400, "bad_frame")),
        (b'{"content": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", (400, "bad_frame")),
        (b'{"content": "' + b"x" * 300_000 + b'"}', (413, "too_long")),
        (b'{"content": "' + b"x" * 1_048_576 + b'"}', (413, "too_long")),
    ],
)
def test_a_body_that_is_no_good_object_is_refused(program, group, body, wanted):
    place = f"conversations/{group}/messages/"
    assert refusal(program.post(place, body)) == wanted
    assert len(rows_of(group)) == 2


KINDS = "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""


@pytest.mark.parametrize(
    "headers", [*({"content_type": kind} for kind in KINDS), {"Content-Encoding": "gzip"}]
)
def test_a_body_of_another_kind_or_a_compressed_one_is_refused(program, group, headers):
    answer = program.post(f"conversations/{group}/messages/", b'{"content": "x"}', **headers)
    assert refusal(answer) == (415, "bad_kind")


def test_a_body_of_unknown_length_is_refused_for_that_and_not_for_its_size(program, group):
    headers = {"Transfer-Encoding": "chunked"}
    answer = program.post(f"conversations/{group}/messages/", {"content": "x"}, **headers)
    assert refusal(answer) == (411, "bad_frame") and "Content-Length" in answer.json()["detail"]
    assert answer["Content-Length"] == str(len(answer.content)) and len(rows_of(group)) == 2


def test_too_many_requests_are_refused_by_token_and_told_before(program, group, stopped):
    limits.buckets["api"]["token"] = Buckets(Rate(3, 1))
    left = []
    for _request in range(3):
        answer = program.get("conversations/")
        assert answer.status_code == 200 and answer["RateLimit-Limit"] == "3"
        left.append((answer["RateLimit-Remaining"], answer["RateLimit-Reset"]))
    assert left == [("2", "1"), ("1", "2"), ("0", "3")]
    answer = program.get("conversations/")
    assert refusal(answer) == (429, "rate_limited")
    assert answer["Retry-After"] == "1" and answer["RateLimit-Remaining"] == "0"
    assert program_of(program.member.enterprise).get("conversations/").status_code == 200


def test_guesses_at_tokens_are_limited_by_address(program, stopped):
    limits.buckets["fetch"]["address"] = Buckets(Rate(2, 1))
    codes = [
        program.call("GET", "reports/", Authorization="Bearer x").status_code for _ in range(3)
    ]
    assert codes == [401, 401, 429]
    assert program.get("reports/").status_code == 200


@pytest.mark.parametrize(("error", "status"), [(Error, 503), (RuntimeError, 500)])
def test_a_fault_is_unavailable_and_tells_nothing(
    program, group, monkeypatch, settings, error, status
):
    def fails(*args, **kwargs):
        raise error("a secret")

    settings.DEBUG = False
    monkeypatch.setattr("chat.reading.history.messages", fails)
    answer = program.get(f"conversations/{group}/messages/")
    assert refusal(answer) == (status, "unavailable") and "secret" not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_requests_of_one_token_at_once_are_each_answered(program, group):
    def ask(_number):
        return program.get(f"conversations/{group}/messages/").status_code

    assert in_threads(4, ask) == [200] * 4
