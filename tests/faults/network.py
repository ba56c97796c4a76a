"""bin/crash with two hosts, for tests: with chosen scenarios, at once and to the end."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from crash.options import NETWORK, ROOT
from tests.plugins.services import PATH

NEEDED = {name: word for name, word in NETWORK.items() if name != "faketime"}
"""The packages that the small form needs: no clock is wrong in it."""
CODE = """
import sys
from crash import run, scenarios, watch
watch.GIVEN_UP = 25
application, names, *arguments = sys.argv[1:]
chosen = [one for one in scenarios.SCENARIOS if one.name in names.split(",")]
sys.exit(run.main([*arguments, "--cycles", str(len(chosen))], application, chosen))
"""
ARGUMENTS = ("--hosts", "2", "--database", "mariadb", "--server", "uvicorn")


def skip_without_network() -> None:
    """Skips a test where no network can be made, unless KEFU_REQUIRE asks for it."""
    missing = [name for name, word in NEEDED.items() if not shutil.which(word, path=PATH)]
    asked = "hosts" in os.environ.get("KEFU_REQUIRE", "").split(",")
    if (missing or os.geteuid() != 0) and not asked:
        pytest.skip("a network of several machines needs root and " + ", ".join(NEEDED))


def run_scenarios(folder, application: str, names: list[str]) -> tuple[int, dict, str]:
    """The exit code, what was written and what was printed."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, application, ",".join(names), *ARGUMENTS],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    files = list((folder / "crash").glob("*.json"))
    assert len(files) == 1 and "Traceback" not in done.stderr, done
    return done.returncode, json.loads(files[0].read_text()), done.stdout
