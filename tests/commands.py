"""Runs manage.py in a process of its own."""

import os
import subprocess
import sys

from django.conf import settings


def manage(*words, **environment):
    """manage.py in a process of its own, with these variables and otherwise the defaults."""
    plain = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        env={**plain, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
