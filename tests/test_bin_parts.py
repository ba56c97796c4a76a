"""bin/test: when failed tests of a part are tried once more."""

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
    for part in parts.all_parts():
        words = parts.paths_of(part, ["tests/accounts", "tests/browser/test_pages.py"])
        pages = "browser" in part.name or part.name == "webkit"
        assert words == ["tests/browser/test_pages.py" if pages else "tests/accounts"]
        everything = parts.paths_of(part, ["tests"])
        assert everything == (["tests/browser"] if pages else ["tests", "--ignore=tests/browser"])
        assert parts.paths_of(part, None) == []
