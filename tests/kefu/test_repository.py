"""What the repository may hold."""

import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]


def tracked(*options):
    # The checkout may belong to another user than the one who tests.
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


HAS_GIT = (ROOT / ".git").exists() and shutil.which("git") is not None


@pytest.mark.skipif(not HAS_GIT, reason="a copy without its history, or a machine without Git")
def test_no_link_and_nothing_that_is_ignored_is_committed():
    """A committed link of one machine's .venv stops the setup of every other machine."""
    assert "manage.py" in tracked()
    assert [line for line in tracked("--stage") if line.startswith("120000")] == []
    assert tracked("--cached", "--ignored", "--exclude-standard") == []
