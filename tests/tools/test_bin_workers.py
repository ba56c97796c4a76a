"""The server processes that bin/serve looks after, with a small application instead of Kefu."""

import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.plugins.services import free_port

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
WITHIN = 30
"""Seconds that anything may take on a busy machine."""
PROGRAM = """
import os, pathlib, sys
sys.path.insert(0, "bin")
import _workers
from _bootstrap import run_main, say
bind, port, count, server, folder, patches = sys.argv[1:]
for patch in patches.split():
    name, _, value = patch.partition("=")
    setattr(_workers, name, float(value))
def main():
    listeners = _workers.open_listeners(bind, int(port), int(count))
    environment = lambda number: {**os.environ, "KEFU_WORKER": str(number)}
    folder_path, application = pathlib.Path(folder), "tests.small_app:application"
    _workers.Workers(server, listeners, environment, folder_path, application).run(
        lambda: say("ready")
    )
run_main(main)
"""


class House:
    """Some workers and the process that looks after them."""

    def __init__(self, folder, server="daphne", count=1, bind="127.0.0.1", patches="", **popen):
        self.folder, self.bind, self.port = folder, bind, free_port()
        self.faults = folder / "faults"
        self.faults.touch()
        words = [bind, str(self.port), str(count), server, str(folder), patches]
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *words],
            cwd=ROOT,
            env={**os.environ, "SMALL_APP": str(self.faults)},
            **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, **popen},
        )

    def until(self, beginning: str) -> list[str]:
        """The lines up to the one that begins so."""
        lines = []
        for line in self.process.stdout:
            lines.append(line.strip())
            if line.startswith(beginning):
                return lines
        raise AssertionError("\n".join(lines))

    def ask(self) -> dict:
        host = f"[{self.bind}]" if ":" in self.bind else self.bind
        url = f"http://{host}:{self.port}/"
        with urllib.request.urlopen(url, timeout=WITHIN) as answer:
            return json.load(answer)

    def workers(self) -> dict[str, int]:
        """{number: pid} as the workers themselves say, once each has answered."""
        found = {}
        deadline = time.monotonic() + WITHIN
        while len(found) < len(self.pids()) and time.monotonic() < deadline:
            facts = self.ask()
            found[facts["worker"]] = facts["pid"]
        return found

    def pids(self) -> dict[str, int]:
        """{number: pid} as the files say."""
        files = (self.folder / "workers").glob("*.pid")
        return {path.stem: int(path.read_text()) for path in files}

    def end(self, number=signal.SIGTERM) -> str:
        """Stop it; what it printed meanwhile."""
        self.process.send_signal(number)
        printed, _ = self.process.communicate(timeout=WITHIN)
        return printed


@pytest.fixture
def house(tmp_path):
    houses = []

    def start(*args, **options) -> House:
        houses.append(House(tmp_path, *args, **options))
        return houses[-1]

    yield start
    for one in houses:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()


@pytest.fixture(params=["daphne", "uvicorn"])
def server(request):
    pytest.importorskip(request.param)
    return request.param


@pytest.mark.parametrize("bind", ["127.0.0.1", "::1"])
def test_an_application_is_told_the_peer_and_the_address(house, server, bind):
    one = house(server, bind=bind)
    one.until("ready")
    with socket.create_connection((bind, one.port)) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n")
        own = list(peer.getsockname()[:2])
        answer = b""
        while b"}" not in answer:
            answer += peer.recv(65536)
    facts = json.loads(answer[answer.index(b"{") : answer.index(b"}") + 1])
    assert facts["client"] == own
    assert facts["server"] == [bind, one.port]
    one.end()


def test_both_kinds_of_addresses_reach_a_socket_that_listens_for_all(house, server):
    one = house(server, bind="::")
    one.until("ready")
    for peer, known in (("127.0.0.1", "::ffff:127.0.0.1"), ("[::1]", "::1")):
        with urllib.request.urlopen(f"http://{peer}:{one.port}/", timeout=WITHIN) as answer:
            assert json.load(answer)["client"][0] == known, "kefu/proxies.py expects this"
    one.end()


def test_every_worker_gets_connections_and_is_named_by_its_file(house, server):
    one = house(server, count=3)
    one.until("ready")
    assert one.pids().keys() == {"1", "2", "3"}
    assert one.workers() == one.pids()
    assert int((one.folder / "serve.pid").read_text()) == one.process.pid
    one.end()
    assert one.process.returncode == 0
    assert one.pids() == {} and not (one.folder / "serve.pid").exists()


def test_connections_wait_while_a_worker_is_started_again(house, server):
    one = house(server, count=2)
    one.until("ready")
    before = one.pids()
    os.kill(before["2"], signal.SIGKILL)
    assert "ended by SIGKILL" in one.until("worker 2 ")[-1]
    # As many as are sure to reach both sockets.
    assert all(one.ask()["pid"] != before["2"] for _ in range(20))
    assert one.workers().keys() == {"1", "2"}
    assert one.workers()["1"] == before["1"]
    one.end()


def test_a_worker_is_started_again_though_its_file_cannot_be_written(house):
    one = house(count=2)
    one.until("ready")
    before = one.pids()
    shutil.rmtree(one.folder / "workers")
    os.kill(before["2"], signal.SIGKILL)
    one.until("worker 2 ")
    assert {one.ask()["pid"] for _ in range(20)} > {before["1"]}, "both serve"
    one.end()
    assert one.process.returncode == 0


def test_sighup_gives_every_worker_a_successor_and_refuses_nobody(house, server):
    one = house(server, count=2)
    one.until("ready")
    before = one.pids()
    one.process.send_signal(signal.SIGHUP)
    answers = [one.ask() for _ in range(20)]
    one.until("worker 2 is renewed")
    assert {facts["pid"] for facts in answers} & set(before.values())
    after = one.workers()
    assert after == one.pids()
    assert not set(after.values()) & set(before.values())
    one.end()


def test_a_successor_that_does_not_start_leaves_the_old_ones_serving(house):
    one = house(count=2)
    one.until("ready")
    before = one.pids()
    one.faults.write_text("crash")
    one.process.send_signal(signal.SIGHUP)
    assert "with code 3" in one.until("the new worker 1 ended")[-1]
    assert one.workers() == one.pids() == before
    one.faults.write_text("")
    one.process.send_signal(signal.SIGHUP)
    one.until("worker 2 is renewed")
    assert not set(one.pids().values()) & set(before.values())
    one.end()


def test_a_worker_that_cannot_start_ends_everything_with_the_reason(house):
    one = house(count=2)
    one.faults.write_text("crash")
    printed, _ = one.process.communicate(timeout=WITHIN)
    assert one.process.returncode == 1
    assert printed.splitlines()[-1].startswith("error: worker ")
    assert "ended with code 3 before it accepted connections" in printed
    assert one.pids() == {}


def test_a_worker_that_cannot_start_again_is_tried_some_times(house):
    one = house(patches="MAX_RESTART_DELAY=0.1")
    one.until("ready")
    one.faults.write_text("crash")
    os.kill(one.pids()["1"], signal.SIGKILL)
    printed, _ = one.process.communicate(timeout=WITHIN)
    assert one.process.returncode == 1
    assert printed.count("starting it again") == 5
    reason = "error: worker 1 ended with code 3 before it accepted connections 5 times in a row"
    assert printed.splitlines()[-1].startswith(reason)


def test_a_worker_that_never_accepts_is_killed(house):
    one = house(patches="READY_TIMEOUT=1")
    one.faults.write_text("hang")
    printed, _ = one.process.communicate(timeout=WITHIN)
    assert "worker 1 did not accept connections in time and is killed" in printed
    assert printed.splitlines()[-1].startswith("error: worker 1 ended by SIGKILL before")


@pytest.mark.parametrize(
    ("seconds", "second", "late"), [(1, signal.SIGTERM, 1), (900, signal.SIGINT, 0)]
)
def test_a_worker_that_does_not_end_is_killed_in_time_or_at_a_ctrl_c(house, seconds, second, late):
    one = house(patches=f"STOP_TIMEOUT={seconds}")
    one.faults.write_text("stay")
    one.until("ready")
    one.ask()
    pid = one.pids()["1"]
    one.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    printed = one.end(second)
    assert one.process.returncode == 0
    assert printed.count("did not end in time") == late
    assert not Path(f"/proc/{pid}").exists()


def test_what_waits_to_be_started_again_is_not_started_while_all_end(house):
    one = house(count=2, patches="STOP_TIMEOUT=4")
    one.faults.write_text("stay")
    one.until("ready")
    one.workers()  # Each has answered, so each ignores SIGTERM.
    os.kill(one.pids()["1"], signal.SIGKILL)
    one.until("worker 1 (pid")
    printed = one.end()
    assert one.process.returncode == 0, printed
    assert printed.count("did not end in time") == 1


def test_two_on_one_folder_end_in_any_order(house):
    first, second = house(), house()
    first.until("ready")
    second.until("ready")
    second.end()
    printed = first.end()
    assert first.process.returncode == 0, printed


def test_a_closed_terminal_ends_it(house):
    ours, theirs = pty.openpty()
    one = house(
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, text=None,
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(theirs)
    printed = b""
    while b"ready" not in printed:
        printed += os.read(ours, 1000)
    pid = one.pids()["1"]
    os.close(ours)
    one.process.wait(WITHIN)
    deadline = time.monotonic() + WITHIN
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_nobody_need_read_what_it_prints(house):
    one = house()
    one.until("ready")
    one.process.stdout.close()
    before = one.pids()["1"]
    os.kill(before, signal.SIGKILL)
    assert one.ask()["pid"] != before
    one.process.terminate()
    assert one.process.wait(WITHIN) == 0


def test_uvicorn_answers_a_request_that_comes_just_after_it_was_told_to_end(house):
    pytest.importorskip("uvicorn")
    one = house("uvicorn")
    one.until("ready")
    with socket.create_connection(("127.0.0.1", one.port), timeout=WITHIN) as peer:
        one.ask()  # It has taken the connection before, too.
        os.kill(one.pids()["1"], signal.SIGTERM)
        time.sleep(0.15)  # uvicorn looks every 0.1 s whether it was told to end.
        peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert peer.recv(1000).startswith(b"HTTP/1.1 200")
    one.end()
