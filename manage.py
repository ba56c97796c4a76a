#!/usr/bin/env python3
"""Django's command line for this project."""

import os
import sys

EX_CONFIG = 78
"""The exit code, of BSD's sysexits.h, for an environment that cannot be used. It has been told by
then, so bin/serve adds nothing to it."""


LOOKING = {"doctor", "help", "version", "-h", "--help", "--version"}
"""Commands that leave nothing behind, no secret key either: deploy/restore wants an empty house."""


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
    if LOOKING.intersection(sys.argv[1:2] or ["help"]):
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
