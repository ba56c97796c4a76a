"""bin/test: when failed tests of a part are tried once more."""

import contextlib
import importlib.util
import json
import sys

import pytest

from tests.imports import ROOT

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def parts():
    """bin/_parts.py, which imports its neighbours as bin/test does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(ROOT / "bin"), *sys.path])
        spec = importlib.util.spec_from_file_location("parts", ROOT / "bin" / "_parts.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module


@pytest.mark.parametrize(
    ("remembered", "found"),
    [
        (["tests/test_a.py::test_one", "tests/test_a.py::test_two"], 2),
        # Two processes found different tests: no test failed, and none is to be tried again.
        (["gw0"], 0),
        (["tests/test_a.py", "tests/test_a.py::test_one"], 0),
        ([], 0),
    ],
)
def test_only_failed_tests_are_tried_again(parts, tmp_path, remembered, found):
    report = tmp_path / "SQLite.xml"
    assert parts.failed_tests(report) == []
    folder = tmp_path / "SQLite" / "v" / "cache"
    folder.mkdir(parents=True)
    (folder / "lastfailed").write_text(json.dumps(dict.fromkeys(remembered, True)))
    assert len(parts.failed_tests(report)) == found


def test_each_part_reads_its_own_folders(parts):
    for part in (part for part in parts.all_parts() if not part.only):
        words = parts.paths_of(part, ["tests/accounts", "tests/browser/test_pages.py"])
        pages = "browser" in part.name or part.name in ("firefox", "webkit")
        assert words == ["tests/browser/test_pages.py" if pages else "tests/accounts"]
        everything = parts.paths_of(part, ["tests"])
        assert everything == (["tests/browser"] if pages else ["tests", "--ignore=tests/browser"])
        assert parts.paths_of(part, None) == []


def test_on_mysql_only_what_it_may_answer_differently_is_run_unless_asked_for(parts):
    small = next(part for part in parts.all_parts() if part.database == "mysql8")
    assert parts.paths_of(small, ["tests"]) == list(parts.DIFFERENT_SQL)
    assert parts.paths_of(small, ["tests/chat/views", "tests/chat/test_schema.py"]) == [
        "tests/chat/test_schema.py"
    ]
    assert parts.paths_of(small, ["tests/chat/posting/test_retries.py"]) == [
        "tests/chat/posting/test_retries.py"
    ]
    assert all((ROOT / path).exists() for path in parts.DIFFERENT_SQL)
    whole = parts.part_of("mysql8")
    assert parts.paths_of(whole, ["tests"]) == ["tests", "--ignore=tests/browser"]


def test_a_part_whose_mysql_could_not_be_fetched_fails_only_where_it_is_required(
    parts, monkeypatch, capsys
):
    monkeypatch.delenv("KEFU_REQUIRE", raising=False)
    assert parts.left_out("mysql8 and redis", [parts.MYSQL]).skipped == 1
    monkeypatch.setenv("KEFU_REQUIRE", "redis,mysql8")
    assert parts.left_out("mysql8 and redis", [parts.MYSQL]).failed == 1
    told = capsys.readouterr().out
    assert "MySQL could not be fetched" in told and "apt-get" not in told


def test_some_parts_begin_late_and_what_measures_time_is_alone(parts, monkeypatch, tmp_path):
    told = []

    @contextlib.contextmanager
    def begin(part, *rest):
        told.append(f"+{part.name}")
        yield lambda: told.append(f"-{part.name}")

    monkeypatch.setenv("KEFU_REQUIRE", "hosts")
    monkeypatch.setattr(parts, "begin", begin)
    list(parts.run_parts(parts.all_parts(), [], ["tests"], (), tmp_path))
    first = told.index("-mariadb and redis")
    assert told[:first] == ["+mariadb and redis", "+SQLite", "+ldap", "+browser", "+webkit"]
    late = ["+mysql8 and redis", "+firefox", "+browser long"]
    assert told[first + 1 : first + 4] == late
    assert told[-2:] == ["+hosts", "-hosts"] and len(told) == 2 * len(parts.all_parts())
