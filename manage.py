#!/usr/bin/env python3
"""Django's command line for this project."""

import os
import sys

EX_CONFIG = 78
"""The exit code, of BSD's sysexits.h, for an environment that cannot be used. It has been told by
then, so bin/serve adds nothing to it."""


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
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
