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


def test_a_few_parts_run_at_once_and_what_measures_time_is_alone(parts, monkeypatch, tmp_path):
    running, most, told = [], [], []

    @contextlib.contextmanager
    def begin(part, *rest):
        running.append(part.name)
        most.append(len(running))
        asked = iter(range(5))

        def is_over():
            if part.name in running and next(asked, None) is None:
                running.remove(part.name)
            return part.name not in running

        def result():
            told.append(part.name)
            return part.name

        yield parts.Running(is_over, result)

    monkeypatch.setenv("KEFU_REQUIRE", "hosts")
    monkeypatch.setattr(parts, "begin", begin)
    monkeypatch.setattr(parts.time, "sleep", lambda seconds: None)
    everything = parts.all_parts()
    names = list(parts.run_parts(everything, [], ["tests"], (), tmp_path))
    assert names == told == [part.name for part in everything]
    assert most[:3] == [1, 2, 3] and max(most) == parts.AT_ONCE
    assert names[-1] == "hosts" and most[-1] == 1
