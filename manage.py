#!/usr/bin/env python3
"""Django's command line for this project."""

import os
import sys

from kefu import __version__

EX_CONFIG = 78
"""The exit code for an environment that cannot be used, from sysexits.h. The reason is printed
before, so bin/serve prints nothing else."""
READ_ONLY = {"doctor", "mcp", "help", "version", "-h", "--help", "--version"}
"""Commands that must create no files, no secret key either: deploy/restore needs an empty
DATA_DIR."""


def main():
    if sys.argv[1:] == ["version"]:
        print(f"Kefu {__version__}")
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
    os.environ["KEFU_COMMAND"] = "1"
    if READ_ONLY.intersection(sys.argv[1:2] or ["help"]):
        os.environ["KEFU_LOOKING"] = "1"
    try:
        import django  # noqa: F401
    except ImportError:
        print(
            "error: this Python has no Django. Run bin/serve first, which makes .venv; then "
            ".venv/bin/python manage.py …",
            file=sys.stderr,
        )
        sys.exit(1)
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError) as error:
        if "--traceback" in sys.argv:
            raise
        database = "the database says: " if isinstance(error, OperationalError) else ""
        print(f"error: {database}{' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(EX_CONFIG)


if __name__ == "__main__":
    main()
