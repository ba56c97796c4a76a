"""Runs bin/crash for tests."""

import json
import os
import subprocess
import sys
from pathlib import Path

from crash.options import ROOT


def crash(folder: Path, command: list[str], *arguments: str) -> tuple[int, dict]:
    """The exit code and what was written."""
    done = subprocess.run(
        [sys.executable, *command, *arguments],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    files = list((folder / "crash").glob("*.json"))
    assert len(files) == 1 and "Traceback" not in done.stderr, done
    assert not list((folder / "crash").glob("run-*")), "its databases are gone"
    return done.returncode, json.loads(files[0].read_text())


def lose_nothing(folder: Path, cycles: int, database: str) -> None:
    """Holds a run of the product as it is against its promises."""
    command = [str(ROOT / "bin" / "crash"), "--cycles", str(cycles), "--database", database]
    code, result = crash(folder, command)
    assert code == 0, result
    assert len(result["cycles"]) == cycles
    total = result["total"]
    assert total["sent"] == total["acked"] == total["stored"] > 20 * cycles
    assert total["retries"] > 2 * cycles
    assert total["notices"] > cycles
