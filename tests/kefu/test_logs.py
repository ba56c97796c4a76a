"""The log: one line for each event, and nothing in it that people said or typed."""

import json
import logging
import re
import time
from contextlib import suppress
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from django.contrib.auth.hashers import make_password
from django.db import DataError, IntegrityError, OperationalError
from django.test import Client, RequestFactory

from kefu import logs
from tests.chat.daphne import Daphne
from tests.chat.helpers import database, new_guest, new_id, within
from tests.conftest import PASSWORD

pytestmark = pytest.mark.once

TEXT = "text-nobody-else-reads"
TYPED = "password-typed-as-account"


def record(message, *args, name="kefu.test", error=None, **extra) -> logging.LogRecord:
    told = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, told)
    made.__dict__.update(extra)
    return made


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_line_is_json_with_time_level_logger_message_and_process():
    line = json.loads(logs.JsonLine().format(record("%d things", 3, group="g", secret="s")))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line.pop("pid") > 0
    assert line == {
        "level": "WARNING",
        "logger": "kefu.test",
        "message": "3 things",
        "group": "g",
    }


NASTY = "a\nb\r\nc\x0bd\x1b[2Je\u2028f\u202eg\x00h\ud800i\x85"


@pytest.mark.parametrize("kind", [logs.JsonLine, logs.PlainLine])
def test_what_somebody_chose_breaks_no_line_and_turns_no_writing(kind):
    line = kind().format(record("%s in " + NASTY, NASTY, group=NASTY))
    assert line.isprintable() and len(line.splitlines()) == 1
    line.encode()
    if kind is logs.JsonLine:
        told = json.loads(line)
        assert told["message"] == f"{NASTY} in {NASTY}".strip() and told["group"] == NASTY


def test_a_plain_line_tells_the_same_and_keeps_chinese():
    error = raised(OperationalError(2006, "Server has gone away"))
    line = logs.PlainLine().format(record("客服 %s", "x", error=error, group="g1"))
    assert re.match(r"\d\d:\d\d:\d\d WARNING kefu\.test: 客服 x \| OperationalError: 2006 ", line)
    assert "tests/kefu/test_logs.py:" in line and line.endswith("group=g1")


WORDS = [
    (OperationalError(2006, "Server has gone away"), "OperationalError: 2006 Server has gone away"),
    (
        IntegrityError(1062, "Duplicate entry 'it's s3cret' for key 'a.b'"),
        "IntegrityError: 1062 Duplicate entry …",
    ),
    (DataError(1366, "Incorrect value: 's3cret"), "DataError: 1366 Incorrect value: …"),
    (
        OperationalError(2002, "Can't connect to server on 'db.example' (115)"),
        "OperationalError: 2002 Can't connect to server on … (115)",
    ),
    (OSError(28, "No space left", "/s3cret"), "OSError: [Errno 28] No space left: …"),
    (RuntimeError("s3cret"), "RuntimeError"),
    (ValueError("invalid literal: 's3cret'"), "ValueError"),
    (KeyError("s3cret"), "KeyError"),
    (AttributeError("'NoneType' object has no attribute 'seq'"), None),
]  # fmt: skip


@pytest.mark.parametrize("error, told", WORDS, ids=[type(error).__name__ for error, _ in WORDS])
def test_an_exception_is_told_by_kind_and_place_without_what_it_quotes(error, told):
    for line in (
        logs.line_fields(record("broken", error=raised(error))),
        logs.line_fields(record("broken", error=raised(error), name="daphne.server")),
    ):
        assert line["exception"] == (told or f"{type(error).__name__}: {error}")
        assert line["where"][-1].startswith("tests/kefu/test_logs.py:")
    assert (
        logs.line_fields(record("broken: %s", error))["message"] == "broken: " + line["exception"]
    )
    assert (
        logs.line_fields(record("broken: %r", error))["message"] == "broken: " + line["exception"]
    )


def test_what_led_to_an_exception_is_told_with_its_place():
    try:
        try:
            raise KeyError("s3cret")
        except KeyError as first:
            raise OperationalError(1, "second") from first
    except OperationalError as error:
        told = logs.line_fields(record("x", error=error))
    assert re.fullmatch(
        r"OperationalError: 1 second from KeyError at tests/kefu/test_logs\.py:\d+ test_\w+",
        told["exception"],
    )


def test_of_what_servers_print_in_many_lines_only_the_first_is_taken():
    lines = "Task exception was never retrieved\nfuture: <Task exception=ValueError('s3cret')>"
    assert logs.line_fields(record(lines, name="asyncio"))["message"] == lines.partition("\n")[0]
    try:
        raise ValueError("s3cret")
    except ValueError:
        told = logs.line_fields(
            record("Traceback (most recent call last):\n s3cret", name="daphne.x")
        )
    assert (told["message"], told["exception"]) == ("an exception", "ValueError")
    assert logs.line_fields(record(OSError(98, "in use"), name="uvicorn.error"))["exception"]
    broken = logs.line_fields(record("%d of %d", "x"))
    assert broken["message"] == "%d of %d"


def test_a_link_that_sets_a_password_is_written_as_its_pattern():
    client = Client(raise_request_exception=False)
    request = RequestFactory().get("/agent/password/set/MQ/s3cret-token/")
    request.resolver_match = client.get("/health/live/").resolver_match
    told = logs.line_fields(
        record("%s: %s", "Broken", request.path, name="django.request", request=request)
    )
    assert told["message"] == "Broken: health/live/" and told["route"] == "health/live/"
    request.resolver_match = None
    told = logs.line_fields(record("%s", request.path, name="django.request", request=request))
    assert told["message"] == "an unknown address"


class Browser:
    """A person with cookies, on a real server; `secrets` are what no log may hold."""

    def __init__(self, server: Daphne, cookie: str = ""):
        self.server = server
        self.cookies = dict([cookie.split("=", 1)]) if cookie else {}

    def ask(self, method: str, path: str, form: dict | None = None, host=None) -> tuple[int, str]:
        wire = HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        headers = {"Cookie": "; ".join(map("=".join, self.cookies.items()))}
        if host:
            headers["Host"] = host
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        wire.request(method, path, form and urlencode(form), headers)
        answer = wire.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                cookie, _, kept = value.partition(";")[0].partition("=")
                self.cookies[cookie] = kept
        page = answer.read().decode()
        wire.close()
        return answer.status, page

    def post(self, page: str, path: str, **form) -> int:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.ask("GET", page)[1])
        self.token = token.group(1)
        return self.ask("POST", path, {**form, "csrfmiddlewaretoken": self.token})[0]

    def secrets(self) -> list[str]:
        return [self.token, *self.cookies.values()]


FAULTS = ("frame", "thread", "loop", "batch", "database")


@pytest.mark.release
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
@within(60)
async def test_a_run_full_of_faults_leaves_no_text_password_cookie_or_token_in_the_log(
    tmp_path, alice, team, kind
):
    guest = new_guest(team)
    # The server does not have the tests' quick hashes.
    alice.password = make_password(PASSWORD, hasher="argon2")
    await database(alice.save)()
    name = 'import sys; sys.argv[-1] = "tests.kefu.leaky:application"'
    server = Daphne(tmp_path / "log", before=name, kind=kind)
    await database(server.start)()
    try:
        visitor, agent = Browser(server, guest.cookie), Browser(server)
        await database(pester)(visitor, agent)
        for fault in FAULTS:
            wire = await server.visit(guest)
            text = f"explode-{fault} {TEXT}"
            await wire.send("message.send", client_id=new_id(), content=text)
            with suppress(Exception):
                await wire.until("message.posted" if fault in ("thread", "loop") else "error")
            await wire.close()
        written = await database(told_all)(server.log)
    finally:
        server.kill()
    for secret in (TEXT, TYPED, PASSWORD, *visitor.secrets(), *agent.secrets()):
        assert secret and secret not in written

    lines = [json.loads(line) for line in written.splitlines()]
    assert all({"time", "level", "logger", "message", "pid"} <= line.keys() for line in lines)
    failed = [line for line in lines if "exception" in line]
    assert all(line["exception"].startswith("RuntimeError") for line in failed)

    places = {place.rpartition(" ")[2] for line in failed for place in line["where"]}
    assert {"explode", "leaky_parse", "leaky_put", "leaky_send", "settle"} <= places
    assert any(line["message"].startswith("the database cannot store: ") for line in lines)
    loggers = {line["logger"].partition(".")[0] for line in lines}
    assert {"axes", "django", "asyncio", "py", "kefu"} <= loggers
    (host,) = [line for line in lines if line["logger"] == "django.security.DisallowedHost"]
    assert "evil.example" in host["message"] and "where" not in host


def pester(visitor: Browser, agent: Browser) -> None:
    """Does by page what ends in the log."""
    sign_in = "/agent/login/"
    for password in (f"{PASSWORD}-but-wrong", PASSWORD):
        agent.post(sign_in, sign_in, username=TYPED, password=password)
    assert agent.post(sign_in, sign_in, username="alice", password=PASSWORD) == 302
    chat = "/chat/acme/"
    assert visitor.post(chat, f"{chat}messages/", content=TEXT) == 302
    assert visitor.post(chat, f"{chat}messages/", content=f"explode-page {TEXT}") == 500
    form = {"content": TEXT, "csrfmiddlewaretoken": visitor.token[::-1]}
    assert visitor.ask("POST", f"{chat}messages/", form)[0] == 403
    assert visitor.ask("GET", chat, host="evil.example\t")[0] == 400
    text = f"explode-warning {TEXT}"
    assert visitor.post(chat, f"{chat}messages/", content=text) == 302


def told_all(log) -> str:
    """The log, once nothing is added any more."""
    text = None
    while (now := log.read_text()) != text:
        text = now
        time.sleep(0.5)
    return text
