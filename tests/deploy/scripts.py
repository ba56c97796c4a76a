"""Starts the scripts of deploy/ and manage.py as their users do."""

import os
import subprocess
import sys

from django.conf import settings

from .nginx import DEPLOY


def run(script, *words, **environment):
    """A script of deploy/, as its user would start it: by the system's own Python."""
    return subprocess.run(
        ["python3", DEPLOY / script, *words],
        env={**os.environ, "KEFU_ENV": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def manage(environment, *words, tree=settings.BASE_DIR) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=tree,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
