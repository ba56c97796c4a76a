"""bin/serve as a process beside the tests."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def serve(data_dir, **environment):
    """Start bin/serve with its own folder and, unless told, on the tests' own services."""
    return subprocess.Popen(
        [sys.executable, ROOT / "bin" / "serve"],
        env={**os.environ, "DATA_DIR": str(data_dir), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answer(url):
    """Return the HTTP status of a GET."""
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.status


def lines_until(process, beginning):
    """Read what the process prints, up to the line that begins so; return all of it."""
    printed = []
    for line in process.stdout:
        printed.append(line)
        if line.startswith(beginning):
            return "".join(printed)
    raise AssertionError("".join(printed) + process.stderr.read())
