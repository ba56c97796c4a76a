"""bin/bench runs from end to end; what it measures is for quiet machines, not for here."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHORT = "--database sqlite --server daphne --rounds 1 --seconds 1 --warmup 0.5 --lone 0.5"


def test_a_short_run_measures_both_and_loses_nothing(tmp_path):
    command = [sys.executable, str(ROOT / "bin" / "bench"), *SHORT.split(), "--groups", "5"]
    done = subprocess.run(
        command,
        env={**os.environ, "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = (tmp_path / "bench").glob("*.json")
    (result,) = json.loads(file.read_text())["results"]
    assert {subject["who"] for subject in result["subjects"]} == {"reference", "kefu"}
    for subject in result["subjects"]:
        assert subject["median"]["per_second"] > 0
        assert not any(run["lost"] or run["errors"] for run in subject["rounds"])
    assert not list((tmp_path / "bench").glob("run-*")), "its databases are gone"
