"""bin/_mypy.py: type errors may only become fewer."""

import json
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

BIN = Path(__file__).resolve().parent.parent / "bin"
FORMER = "chat/views/x.py:7: error: Former  [attr-defined]"
MOVED = FORMER.replace(":7:", ":9:")
NEW = "chat/views/x.py:8: error: New  [arg-type]"


@pytest.fixture
def check(monkeypatch, tmp_path):
    """Runs it where mypy finds these errors and `allowed` may be there; returns its exit code."""
    monkeypatch.syspath_prepend(str(BIN))
    import _mypy

    monkeypatch.setattr(_mypy, "ALLOWED", tmp_path / "allowed.json")
    monkeypatch.setattr(_mypy, "KNOWN", tmp_path / "known.json")

    def run(allowed, errors, *arguments):
        _mypy.ALLOWED.write_text(json.dumps(allowed))
        monkeypatch.setattr(_mypy, "find_errors", lambda: (errors, "", bool(errors)))
        monkeypatch.setattr(sys, "argv", ["_mypy.py", *arguments])
        return _mypy.main(), json.loads(_mypy.ALLOWED.read_text())

    return run


def test_one_error_more_is_red_and_is_named_while_the_former_ones_are_not(check, capsys):
    assert check({"chat/views": 1}, {"chat/views": [FORMER]})[0] == 0
    assert check({"chat/views": 1}, {"chat/views": [MOVED, NEW]})[0] == 1
    out = capsys.readouterr().out
    assert NEW in out and MOVED not in out


def test_a_package_that_is_not_listed_may_have_none(check):
    assert check({}, {"chat/posting": [NEW]})[0] == 1


def test_fewer_errors_are_written_down_when_asked_to(check, capsys):
    allowed = {"chat": 1, "chat/views": 2}
    code, left = check(allowed, {"chat/views": [FORMER]})
    assert (code, left) == (0, allowed)
    assert "--lower" in capsys.readouterr().out
    assert check(allowed, {"chat/views": [FORMER]}, "--lower") == (0, {"chat/views": 1})
