"""Health and figures of a real server while its database, or Redis, stands still."""

import json
import os
import signal
import time
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest
from django.conf import settings

from tests.chat.daphne import Daphne

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.REDIS_URL, reason="needs MariaDB and Redis"),
]
SOON = 3
"""Seconds that docs/protocol.md promises for `ready`."""


@pytest.fixture(params=["daphne", "uvicorn"])
def server(transactional_db, tmp_path, request):
    running = Daphne(tmp_path / "log", kind=request.param).start()
    yield running
    running.kill()


@contextmanager
def standing_still(pid: int):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def mariadb() -> int:
    return int((settings.DATA_DIR.parent / "database.pid").read_text())


def redis() -> int:
    import redis as client

    with client.Redis.from_url(settings.REDIS_URL) as connection:
        return connection.info("server")["process_id"]


def ask(server: Daphne, path: str) -> tuple[int, bytes, float]:
    """Status, body, and how long the answer took in seconds."""
    began = time.monotonic()
    wire = HTTPConnection("127.0.0.1", server.port, timeout=15)
    wire.request("GET", path)
    answer = wire.getresponse()
    found = answer.status, answer.read(), time.monotonic() - began
    wire.close()
    return found


@pytest.mark.parametrize("what, who", [("database", mariadb), ("layer", redis)])
def test_while_something_hangs_ready_says_what_and_the_rest_answers_at_once(server, what, who):
    assert ask(server, "/health/ready/")[0] == 200
    with standing_still(who()):
        for _ in range(2):
            status, body, took = ask(server, "/health/ready/")
            assert status == 503 and json.loads(body)["failed"] == [what]
            assert took < SOON
        for path in ("/health/live/", "/metrics"):
            answers = [ask(server, path) for _ in range(2)]
            assert [status for status, _body, _took in answers] == [200, 200]
            assert min(took for _status, _body, took in answers) < SOON / 2
    deadline = time.monotonic() + 30
    while ask(server, "/health/ready/")[0] != 200:
        assert time.monotonic() < deadline, "it does not come back"
        time.sleep(0.2)
