"""bin/test --changed: which tests a change touches."""

import importlib.util
import subprocess
import sys

import pytest

from tests.imports import ROOT

pytestmark = pytest.mark.once

# No test names these files: did the names stand here whole, this test would.
UNKNOWN, SCRIPT = "a-file-" + "that-nobody-knows", "static/js/agent/key" + "s.js"
TEST_OF_SCRIPT = "tests/js/small.test" + ".mjs"


@pytest.fixture(scope="module")
def changed():
    """bin/_changed.py, which imports its neighbours as bin/test does."""
    before = list(sys.path)
    sys.path.insert(0, str(ROOT / "bin"))
    try:
        spec = importlib.util.spec_from_file_location("changed", ROOT / "bin" / "_changed.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path[:] = before


@pytest.mark.parametrize(
    ("name", "some", "others"),
    [
        # A module: the tests that import it, also by other modules, and the folder of its tests.
        (
            "chat/mail/answers.py",
            {"tests/chat/mail", "tests/chat/test_metrics.py"},
            {"tests/chat/protocol/test_forms.py"},
        ),
        # A test module: itself.
        ("tests/accounts/test_profile.py", {"tests/accounts/test_profile.py"}, {"tests/accounts"}),
        # A helper: the tests that import it.
        (
            "tests/chat/two_processes.py",
            {"tests/chat/mail/test_reminders_at_once.py"},
            {"tests/chat/mail/test_reminders.py"},
        ),
        # Fixtures: all tests that have them.
        ("tests/chat/conftest.py", {"tests/chat"}, {"tests/accounts"}),
        # What pages are made of.
        (
            "templates/base.html",
            {"tests/browser", "tests/chat", "tests/accounts"},
            {"tests/deploy"},
        ),
        ("static/css/base.css", {"tests/browser"}, {"tests/chat"}),
        # A file that tests name.
        ("tests/chat/routes.txt", {"tests/chat/test_matrix.py"}, {"tests/chat"}),
        ("docs/reliability.md", {"tests/faults/test_docs.py"}, {"tests/browser"}),
        ("deploy/backup", {"tests/deploy/test_backup.py"}, {"tests/chat"}),
    ],
)
def test_a_change_touches_the_tests_that_depend_on_it(changed, name, some, others):
    paths, _javascript = changed.touched([name])
    assert some <= set(paths), paths
    assert not others & set(paths), paths


@pytest.mark.parametrize(
    "name",
    [
        *("kefu/settings.py", "chat/models/__init__.py", "tests/conftest.py", "pytest.ini"),
        *("requirements/base.txt", "bin/_parts.py", UNKNOWN),
    ],
)
def test_in_doubt_everything_is_touched(changed, name):
    assert changed.touched([name]) == (["tests"], True)


def test_scripts_touch_the_tests_of_the_javascript(changed):
    assert changed.touched([SCRIPT]) == (["tests/browser"], True)
    assert changed.touched([TEST_OF_SCRIPT]) == ([], True)
    assert changed.touched(["CHANGELOG.md"])[1] is False


def test_the_places_that_it_knows_are_there(changed):
    known = {*changed.ALL_DEPEND_ON, *changed.SEEN_ON_PAGES, *changed.SERVED}
    for place in known - {"requirements", "bin/_"}:
        assert (ROOT / place).exists(), place


def test_new_changed_and_deleted_files_are_found(changed, tmp_path):
    def git(*words):
        identity = ["-c", "user.name=n", "-c", "user.email=n@example.com"]
        subprocess.run(["git", "-C", tmp_path, *identity, *words], check=True, capture_output=True)

    git("init")
    for name in ("same", "changed", "deleted", "committed", ".gitignore"):
        (tmp_path / name).write_text("ignored\n")
    git("add", ".")
    git("commit", "-m", "first")
    (tmp_path / "committed").write_text("since")
    git("commit", "-am", "second")
    (tmp_path / "changed").write_text("now")
    (tmp_path / "deleted").unlink()
    for name in ("ignored", "new", "名"):
        (tmp_path / name).write_text("")
    found = changed.changed_files(root=tmp_path)
    assert found == sorted(["changed", "deleted", "new", "名"])
    assert changed.changed_files("HEAD~1", root=tmp_path) == sorted([*found, "committed"])
    with pytest.raises(SystemExit):
        changed.changed_files("no-such-commit", root=tmp_path)


@pytest.mark.parametrize("words", [["HEAD", "HEAD~1"], ["no-such-commit"]])
def test_what_is_no_commit_is_refused_with_one_line(words):
    done = subprocess.run(
        [ROOT / "bin" / "test", "--changed", *words], capture_output=True, text=True, timeout=60
    )
    assert done.returncode in (1, 2) and done.stdout == ""
    assert done.stderr.startswith("error: ")
