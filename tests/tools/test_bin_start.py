"""bin/serve at its start: alone on its folder, what it prints, and arguments of the commands."""

import json
import os
import subprocess

import pytest

from bench.servers import serve as program
from tests.serving import ROOT, answer, lines_until, serve

pytestmark = pytest.mark.once

EMBEDDED = {"DATABASE_URL": "", "REDIS_URL": ""}


def refusal(process) -> str:
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, len(err.splitlines())) == (1, "", 1)
    return err


def test_a_second_one_on_the_same_folder_is_refused_and_a_killed_one_is_in_nobodys_way(
    tmp_path, port
):
    first = serve(tmp_path, PORT=port, **EMBEDDED)
    second = None
    try:
        lines_until(first, "ready ")
        err = refusal(serve(tmp_path, PORT="1", **EMBEDDED))
        assert "DATA_DIR" in err and f"is served by pid {first.pid}" in err
        assert (tmp_path / "serve.pid").read_text() == f"{first.pid}\n"
        assert answer(f"http://127.0.0.1:{port}/health/live/") == 200
        first.kill()
        first.communicate(timeout=30)  # Its server, too, has gone.
        assert (tmp_path / "serve.pid").exists()
        second = serve(tmp_path, PORT=port, **EMBEDDED)
        lines_until(second, "ready ")
        assert (tmp_path / "serve.pid").read_text() == f"{second.pid}\n"
        names = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
        assert answer(f"http://127.0.0.1:{port}/static/{names['css/base.css']}") == 200
        second.terminate()
        assert second.communicate(timeout=30)[1] == "", "a start and a page give no warning"
    finally:
        for process in filter(None, (first, second)):
            process.kill()
            process.wait()


def test_a_folder_that_cannot_be_used_is_refused_with_one_line(tmp_path, port):
    (tmp_path / "serve.lock").mkdir()
    assert "cannot be locked" in refusal(serve(tmp_path, PORT=port, **EMBEDDED))


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, "http://127.0.0.1:8000/"),
        ({"BIND": "0.0.0.0"}, "http://127.0.0.1:8000/"),
        ({"BIND": "::"}, "http://[::1]:8000/"),
        ({"BIND": "0.0.0.0", "ALLOWED_HOSTS": "chat.lan,127.0.0.1"}, "http://127.0.0.1:8000/"),
        ({"BIND": "0.0.0.0", "ALLOWED_HOSTS": "chat.lan"}, "http://chat.lan:8000/"),
        ({"ALLOWED_HOSTS": " .Chat.lan , x"}, "http://chat.lan:8000/"),
        ({"ALLOWED_HOSTS": "localhost"}, "http://localhost:8000/"),
        ({"BIND": "10.0.0.5", "PORT": "81", "ALLOWED_HOSTS": "10.0.0.5"}, "http://10.0.0.5:81/"),
        ({"PUBLIC_URL": "https://chat.example.com"}, "https://chat.example.com/"),
        ({"PUBLIC_URL": "http://chat.lan:81/", "BIND": "::"}, "http://chat.lan:81/"),
    ],
)
def test_the_pages_are_told_at_an_address_that_answers(environment, address):
    options = program.read_options(environment)
    assert program.pages_address(options, environment) == address


def test_the_last_line_names_what_is_listened_on():
    assert program.read_options({"BIND": "::", "PORT": "81"}).url == "http://[::]:81/"


@pytest.mark.parametrize(
    "command",
    [
        *("bin/serve", "bin/test", "bin/bench", "bin/crash"),
        *("deploy/install", "deploy/backup", "deploy/restore", "deploy/manage"),
    ],
)
def test_help_tells_the_usage_and_does_nothing(tmp_path, command):
    done = run(command, "--help", DATA_DIR=str(tmp_path / "data"), KEFU_ENV=str(tmp_path / "none"))
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) > 2
    assert not (tmp_path / "data").exists()


def test_the_help_of_serve_names_every_variable_of_the_docs():
    page = ROOT / "docs" / "environment.md"
    rows = [line for line in page.read_text().splitlines() if line[:3] == "- `"]
    names = {word for row in rows for word in row.split(" (")[0].split("`") if word.isupper()}
    assert len(names) > 15
    assert {name for name in names if name not in run("bin/serve", "--help").stdout} == set()


@pytest.mark.parametrize("command", ["bin/serve", "deploy/install"])
def test_an_argument_where_none_is_taken_is_refused(tmp_path, command):
    done = run(command, "8001", DATA_DIR=str(tmp_path / "data"))
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1 and "'8001'" in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("count", ["abc", "0", "-1", "²", "100001"])
def test_crash_names_the_number_that_it_wants(count):
    done = run("bin/crash", f"--cycles={count}")
    assert done.returncode == 2
    assert "a whole number from 1 to 100000" in done.stderr.splitlines()[-1]


def run(command, *arguments, **environment):
    return subprocess.run(
        [ROOT / command, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
