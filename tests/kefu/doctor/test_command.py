"""`manage.py doctor` as a whole."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from kefu import doctor
from kefu.doctor import database, machine, redis, site, tables
from kefu.doctor.finding import error, warning


def run_checks(monkeypatch, checks, *words) -> tuple[str, int]:
    """What the command prints for these checks, and its exit code."""
    monkeypatch.setattr(doctor, "CHECKS", checks)
    out = StringIO()
    try:
        call_command("doctor", *words, stdout=out)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def fine():
    yield from ()


def odd():
    yield warning("something is odd", "look at it")


def broken():
    yield error("something is broken", "mend it")


def confused():
    raise KeyError("two\nlines")
    yield


def test_each_finding_is_one_line_with_its_cure_and_errors_come_first(monkeypatch):
    text, code = run_checks(monkeypatch, [fine, odd, broken], "--no-color")
    lines = text.splitlines()
    assert lines[0] == "error   something is broken. Cure: mend it."
    assert lines[1] == "warning something is odd. Cure: look at it."
    assert lines[2].endswith("1 errors, 1 warnings") and code == 1 and len(lines) == 3


def test_a_warning_alone_is_no_failure(monkeypatch):
    assert run_checks(monkeypatch, [odd])[1] == 0
    text, code = run_checks(monkeypatch, [fine])
    assert code == 0 and text.endswith("all is well\n")


def test_colour_is_for_terminals(monkeypatch):
    assert "\x1b[" not in run_checks(monkeypatch, [odd, broken])[0]
    assert "\x1b[" in run_checks(monkeypatch, [odd, broken], "--force-color")[0]


def test_programs_get_json(monkeypatch):
    text, code = run_checks(monkeypatch, [odd, broken], "--json")
    answer = json.loads(text)
    assert code == 1 and answer["ok"] is False
    row = {"check": "broken", "severity": "error"}
    assert answer["findings"][0] == {**row, "what": "something is broken", "cure": "mend it"}


def test_a_check_that_fails_is_a_finding_and_the_others_go_on():
    names = [name for name, _finding in doctor.run_checks([confused, odd])]
    findings = [finding for _name, finding in doctor.run_checks([confused, odd])]
    assert names == ["confused", "odd"]
    assert "could not be checked" in findings[0].what and "\n" not in findings[0].what


def test_without_a_database_the_checks_that_ask_it_are_left_out(monkeypatch):
    def away():
        yield error("away", "start it")

    monkeypatch.setattr(doctor, "GATES", (away,))
    assert [name for name, _finding in doctor.run_checks([odd, away, broken])] == ["odd", "away"]


def test_every_check_of_every_module_is_made_and_tested():
    here = Path(__file__).parent
    folders = here, here.parents[1] / "chat" / "notifications"
    tests = "".join(path.read_text() for one in folders for path in one.rglob("test_*.py"))
    for module in (site, machine, redis, tables, database):
        for name, value in vars(module).items():
            if "Finding]" in str(getattr(value, "__annotations__", {}).get("return")):
                assert value in doctor.CHECKS, name
                assert f".{name}" in tests, name


@pytest.mark.skipif("REDIS_URL" in os.environ, reason="a house of its own, on SQLite")
def test_a_fresh_house_is_told_what_it_lacks(tmp_path):
    command = [sys.executable, "manage.py", "doctor", "--json"]
    environment = {**os.environ, "DATA_DIR": str(tmp_path)}
    options = {"cwd": settings.BASE_DIR, "env": environment, "capture_output": True, "text": True}
    ill = subprocess.run(command, **options, timeout=300)
    assert ill.returncode == 1 and ill.stderr == ""
    checks = {row["check"] for row in json.loads(ill.stdout)["findings"]}
    tables = "migrations" if os.environ.get("DATABASE_URL") else "database"
    assert {tables, "static_files", "public_url"} <= checks
