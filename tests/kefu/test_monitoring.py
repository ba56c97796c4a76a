"""Health checks within a bounded time, and figures for listed addresses only."""

import json
import os
import subprocess
import sys
import threading

import pytest
from channels.testing import HttpCommunicator
from django.conf import settings as configured
from django.db import OperationalError
from django.test import Client
from prometheus_client import REGISTRY

from chat.delivery import bus
from kefu import __version__, monitoring
from kefu.asgi import http
from kefu.proxies import TrustProxies
from tests.conftest import PASSWORD


def test_a_process_that_answers_is_live_whatever_else_is_down():
    """No database mark: this page asks none."""
    response = Client().get("/health/live/")
    assert (response.status_code, response.json()) == (200, {"ok": True, "version": __version__})


def test_strangers_do_not_read_the_version():
    response = Client(REMOTE_ADDR="198.51.100.7").get("/health/live/")
    assert (response.status_code, response.json()) == (200, {"ok": True})


@pytest.mark.django_db
def test_ready_is_503_and_names_what_does_not_answer(monkeypatch):
    def down():
        raise OperationalError("gone")

    with monkeypatch.context() as broken:
        broken.setattr(monitoring, "ping", down)
        response = Client().get("/health/ready/")
    assert response.status_code == 503
    assert json.loads(response.content) == {"ok": False, "failed": ["database"]}
    response = Client().get("/health/ready/")
    assert (response.status_code, response.json()) == (200, {"ok": True, "failed": []})


@pytest.mark.django_db
def test_a_database_that_hangs_holds_one_thread_and_no_monitor(monkeypatch):
    go_on = threading.Event()
    begun = []

    def hang():
        begun.append(threading.current_thread().name)
        go_on.wait(30)

    monkeypatch.setattr(monitoring, "TIMEOUT", 0.5)
    with monkeypatch.context() as broken:
        broken.setattr(monitoring, "ping", hang)
        try:
            for _ in range(3):
                response = Client().get("/health/ready/")
                assert "database" in json.loads(response.content)["failed"]
            assert len(begun) == 1
        finally:
            go_on.set()
            monitoring.database_probe.running.result(30)
    assert monitoring.database_probe.start().result(30) is None


@pytest.mark.django_db
def test_ready_is_503_while_the_layer_does_not_answer(monkeypatch, settings):
    class Dead:
        async def group_send(self, *args):
            raise ConnectionError("no Redis")

    settings.REDIS_URL = "redis://nowhere"
    monkeypatch.setattr(monitoring, "get_channel_layer", Dead)
    response = Client().get("/health/ready/")
    assert response.status_code == 503
    assert json.loads(response.content)["failed"] == ["layer"]
    assert Client().get("/health/ready/", {"only": "database"}).status_code == 200


@pytest.mark.django_db
def test_ready_is_503_where_the_layer_takes_what_is_sent_and_brings_nothing(monkeypatch, settings):
    class Mute:
        async def group_send(self, *args):
            pass

    settings.REDIS_URL = "redis://somewhere"
    monkeypatch.setattr(bus, "state", bus.State())
    monkeypatch.setattr(monitoring, "get_channel_layer", Mute)
    assert Client().get("/health/ready/").status_code == 200
    monkeypatch.setattr(bus.state, "broken", True)
    response = Client().get("/health/ready/")
    assert (response.status_code, json.loads(response.content)["failed"]) == (503, ["layer"])


async def status(address: str, method: str = "GET", **headers: str) -> int:
    """What a caller at `address` gets for /metrics, through kefu/proxies.py as a server does."""
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    call = HttpCommunicator(
        TrustProxies(http), method, "/metrics", headers=[(b"host", b"testserver"), *named]
    )
    call.scope["client"] = [address, 5] if address else None
    return (await call.get_response(30))["status"]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
async def test_the_figures_are_for_the_own_machine_unless_others_are_listed(address):
    assert await status(address) == 200
    assert await status(address, "HEAD") == 200
    assert await status(address, "POST") == 405


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
@pytest.mark.parametrize("address", ["10.0.0.9", "203.0.113.5", "fe80::1", "", "unix:", "nonsense"])
async def test_there_is_nothing_for_anybody_else(address, method):
    assert await status(address, method) == 404


async def test_listed_addresses_and_networks_may(settings):
    settings.METRICS_ALLOW = ["10.1.0.0/16", "203.0.113.5", "2001:db8::/32"]
    for address in ("10.1.2.3", "203.0.113.5", "2001:db8::7", "::ffff:10.1.2.3"):
        assert await status(address) == 200
    for address in ("10.2.0.1", "203.0.113.6", "127.0.0.1", "::1"):
        assert await status(address) == 404


@pytest.mark.parametrize(
    "header",
    ["X_Forwarded_For", "Forwarded", "X_Real_IP", "Via", "X_Forwarded_Proto", "X_Forwarded_Host"],
)
async def test_behind_a_proxy_that_is_not_trusted_there_is_nothing(settings, header):
    """With nginx on the same machine and TRUSTED_PROXIES unset, all the world is loopback."""
    for value in ("203.0.113.5", "127.0.0.1", ""):
        assert await status("127.0.0.1", **{header: value}) == 404
    # A proxy that is listed but tells no address leaves its own.
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    if header != "X_Forwarded_For":
        assert await status("127.0.0.1", **{header: "203.0.113.5"}) == 404


async def test_behind_a_trusted_proxy_the_callers_own_address_counts(settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1", "10.9.0.0/16"]
    settings.METRICS_ALLOW = ["127.0.0.0/8", "198.51.100.7"]
    assert await status("127.0.0.1", X_Forwarded_For="198.51.100.7") == 200
    assert await status("10.9.0.1", X_Forwarded_For="198.51.100.7, 10.9.0.2") == 200
    assert await status("127.0.0.1") == 200  # Prometheus on the same machine, past the proxy.
    for claim in ("203.0.113.5", "127.0.0.1", "198.51.100.7, 203.0.113.5", "unknown", "10.9.0.2"):
        assert await status("127.0.0.1", X_Forwarded_For=claim) == 404
    # Somebody else's proxy may say what it likes.
    assert await status("203.0.113.5", X_Forwarded_For="198.51.100.7") == 404
    assert await status("198.51.100.7", X_Forwarded_For="198.51.100.7") == 404


def test_requests_are_timed_by_class_of_status():
    before = {name: count(name) for name in ("2xx", "4xx")}
    Client().get("/health/live/")
    Client().post("/health/live/")
    assert count("2xx") == before["2xx"] + 1 and count("4xx") == before["4xx"] + 1


def count(status: str) -> float:
    name = "kefu_http_request_seconds_count"
    return REGISTRY.get_sample_value(name, {"status": status})


def test_sign_ins_are_counted_by_what_became_of_them(alice):
    def counted() -> list[float]:
        name = "kefu_logins_total"
        return [
            REGISTRY.get_sample_value(name, {"result": result})
            for result in ("ok", "failed", "locked")
        ]

    def sign_in(password: str) -> list[float]:
        before = counted()
        Client().post("/agent/login/", {"username": "alice", "password": password})
        return [now - then for then, now in zip(before, counted(), strict=True)]

    assert sign_in(PASSWORD) == [1, 0, 0]
    tries = [sign_in("wrong") for _ in range(configured.AXES_FAILURE_LIMIT)]
    assert tries[0] == [0, 1, 0] and tries[-1] == [0, 1, 1]


WORKER = """
import sys
from chat import metrics
metrics.start_process()
metrics.MESSAGES.labels("note").inc(3)
metrics.SOCKETS.labels("agent").inc(2)
metrics.count_commit([0] * 7, 0.003, "none")
metrics.count_results([{"type": "message.accepted"}] * 4, [0.0] * 4, 0.03)
print("ready", flush=True)
sys.stdin.read()
"""


def test_any_process_answers_for_all_and_dead_ones_leave_their_counts(tmp_path):
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    def run(program, **options):
        words = [sys.executable, "-c", program]
        place = {"cwd": configured.BASE_DIR, "env": environment, "text": True}
        return subprocess.Popen(words, **place, stdout=subprocess.PIPE, **options)

    def figures():
        asking = "from chat import metrics; print(metrics.exposition().decode())"
        text = run(asking).communicate(timeout=300)[0]
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    workers = [run(WORKER, stdin=subprocess.PIPE) for _ in range(2)]
    try:
        for worker in workers:
            assert worker.stdout.readline() == "ready\n"
        both = figures()
        workers[0].kill()
        workers[0].wait()
        one = figures()
        for _ in range(3):
            again = figures()
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    # One file a kind for all that ended: the worker, and each that was asked.
    kept = [file.name for file in tmp_path.glob("counter_*.db")]
    assert len(kept) == 3 and "counter_ended.db" in kept, "the living, the last asked, the others"

    for found in (both, one, again):
        assert found['kefu_messages_total{kind="note"}'] == 6
        assert found["kefu_batch_items_count"] == 2 and found["kefu_batch_items_sum"] == 14
        assert found['kefu_ack_seconds_bucket{le="0.05"}'] == 8
        assert found['kefu_ack_seconds_bucket{le="0.02"}'] == 0
    assert both["kefu_workers"] == 2 and one["kefu_workers"] == 1
    assert both['kefu_sockets{side="agent"}'] == 4 and one['kefu_sockets{side="agent"}'] == 2
    started = "kefu_process_start_time_seconds"
    assert sum(name.startswith(started) and value > 0 for name, value in one.items()) == 1


SAME_NUMBER = """
import os, sys
os.getpid = lambda: int(sys.argv[1])
from chat import metrics
metrics.SOCKETS.labels("agent").inc()
metrics.HALVED.inc()
print(metrics.exposition().decode())
"""


def test_a_new_process_with_a_dead_ones_number_begins_with_no_sockets(tmp_path):
    """The number of a process comes round again, in a container at once."""
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    words = [sys.executable, "-c", SAME_NUMBER, str(os.getpid())]
    for counted in (1, 2):
        out = subprocess.check_output(words, cwd=configured.BASE_DIR, env=environment, text=True)
        assert 'kefu_sockets{side="agent"} 1.0\n' in out
        assert f"kefu_batches_halved_total {counted}.0\n" in out
