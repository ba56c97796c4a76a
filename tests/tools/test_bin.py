"""bin/serve from the outside: what it refuses, and that it serves until it is told to stop."""

import os
import signal
import socket
import time
import urllib.error
import urllib.request

import pytest

from bench.servers import serve as program
from tests.collected import lend_static_files
from tests.serving import answer, lines_until, serve

pytestmark = pytest.mark.once


@pytest.fixture
def database():
    """On MariaDB, the database that DATABASE_URL names: a server that starts does not make it."""
    url = os.environ.get("DATABASE_URL")
    if url:
        import MySQLdb

        port = int(url.rsplit(":", 1)[1].split("/")[0])
        connection = MySQLdb.connect(host="127.0.0.1", port=port, user="root")
        connection.query("CREATE DATABASE IF NOT EXISTS kefu CHARACTER SET utf8mb4")
        connection.close()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PORT": "eighty"}, ["PORT", "eighty"]),
        ({"PORT": "0"}, ["PORT"]),
        ({"PORT": "65536"}, ["PORT"]),
        ({"PORT": "²"}, ["PORT"]),
        ({"WORKERS": "two"}, ["WORKERS", "two"]),
        ({"WORKERS": "-1"}, ["WORKERS"]),
        (
            {"WORKERS": "2", "REDIS_URL": "", "DATABASE_URL": ""},
            ["WORKERS=2", "DATABASE_URL=mysql://", "REDIS_URL=redis://"],
        ),
        (
            {"WORKERS": "2", "REDIS_URL": "", "DATABASE_URL": "mysql://root@127.0.0.1/kefu"},
            ["WORKERS=2", "REDIS_URL=redis://"],
        ),
        (
            {"WORKERS": "2", "REDIS_URL": "redis://127.0.0.1", "DATABASE_URL": "sqlite:////tmp/x"},
            ["WORKERS=2", "DATABASE_URL=mysql://"],
        ),
        ({"SERVER": "gunicorn"}, ["SERVER", "daphne", "uvicorn"]),
        ({"BIND": "192.0.2.1"}, ["192.0.2.1"]),
        ({"DEMO": "FULL"}, ["DEMO must be full or accounts, not 'FULL'"]),
        ({"DEMO": "full "}, ["DEMO must be full or accounts, not 'full '"]),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_one_line(tmp_path, environment, words):
    process = serve(tmp_path / "data", **environment)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert out == ""
    assert len(err.splitlines()) == 1
    assert all(word in err for word in words)
    assert not (tmp_path / "data").exists()


def test_a_taken_port_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        process = serve(tmp_path, PORT=port)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert len(err.splitlines()) == 1
    assert port in err


@pytest.mark.parametrize(
    ("server", "ending"), [("daphne", signal.SIGKILL), ("uvicorn", signal.SIGINT)]
)
def test_it_serves_once_ready_and_takes_its_server_along(tmp_path, port, database, server, ending):
    pytest.importorskip(server)
    chosen = {"PORT": port, "SERVER": server, "DEMO_PASSWORD": "a demo pass phrase"}
    process = serve(tmp_path / "data", **chosen)
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if line.startswith("ready "):
            break
    url = f"http://127.0.0.1:{port}/"
    try:
        assert lines[-1:] == [f"ready {url}"], process.stderr.read()
        assert answer(url + "health/live/") == 200
    finally:
        process.send_signal(ending)
        # Ends only when the server, too, has closed its end of the pipe.
        process.communicate(timeout=30)
    assert process.returncode == (-signal.SIGKILL if ending == signal.SIGKILL else 0)
    with pytest.raises(urllib.error.URLError):
        answer(url)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_second_start_makes_no_demo_data(tmp_path, port):
    embedded = {"DATABASE_URL": "", "REDIS_URL": "", "PORT": port}
    lend_static_files(tmp_path)
    first = start_and_stop(serve(tmp_path, **embedded))
    second = start_and_stop(serve(tmp_path, **embedded))
    assert "alice" in first
    assert "alice" not in second


def start_and_stop(process):
    """Wait for `ready`, end the process, return what it printed."""
    printed = lines_until(process, "ready ")
    process.terminate()
    process.communicate(timeout=30)
    return printed


def test_a_server_process_that_is_killed_is_started_again_and_nobody_is_refused(tmp_path, port):
    lend_static_files(tmp_path)
    process = serve(tmp_path, DATABASE_URL="", REDIS_URL="", PORT=port)
    url = f"http://127.0.0.1:{port}/health/live/"
    try:
        lines_until(process, "ready ")
        assert int((tmp_path / "serve.pid").read_text()) == process.pid
        first = int((tmp_path / "workers" / "1.pid").read_text())
        os.kill(first, signal.SIGKILL)
        assert answer(url) == 200
        second = int((tmp_path / "workers" / "1.pid").read_text())
        assert second != first
        process.send_signal(signal.SIGHUP)
        lines_until(process, "worker 1 is renewed")
        assert answer(url) == 200
        assert int((tmp_path / "workers" / "1.pid").read_text()) not in (first, second)
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0
    assert not list(tmp_path.glob("**/*.pid"))


def test_any_process_tells_the_figures_of_all_and_a_start_begins_them_anew(
    tmp_path, port, database
):
    workers = 2 if os.environ.get("REDIS_URL") else 1
    folder = program.memory_folder(tmp_path)
    (folder / "8000").mkdir(parents=True)
    for left in (folder / "counter_1.db", folder / "8000" / "counter_1.db"):
        left.write_bytes(b"of the last run")
    lend_static_files(tmp_path)
    process = serve(tmp_path, PORT=port, WORKERS=str(workers))
    try:
        lines_until(process, "ready ")
        for _ in range(20):
            answer(f"http://127.0.0.1:{port}/health/live/")
        before = until_workers(port, workers)
        assert not (folder / "counter_1.db").exists() and not (folder / "8000").exists()
        asked = 'kefu_http_request_seconds_count{status="2xx"}'
        assert before[asked] >= 20
        os.kill(int((tmp_path / "workers" / "1.pid").read_text()), signal.SIGKILL)
        lines_until(process, "worker 1 ")
        after = until_workers(port, workers, others=pids(before))
        assert after[asked] >= before[asked]
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert not folder.exists() and not (tmp_path / "metrics").exists()


def until_workers(port, count, others=frozenset()):
    """Return the figures once so many processes serve, not all of them `others`."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
            lines = response.read().decode().splitlines()
        told = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        told = {name: float(value) for name, value in told.items()}
        if told["kefu_workers"] == count and pids(told) != others:
            return told
        time.sleep(0.1)
    raise AssertionError(told)


def pids(figures):
    return {name for name in figures if name.startswith("kefu_process_start_time_seconds")}
