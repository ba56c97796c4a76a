"""Runs what tests arrange beside a served product, in that server's environment: each line of the
input is a Python script as JSON, and is answered by what the script prints and why it failed, as
JSON. One process for all of them, since a start of Django takes as long as three pages."""

import contextlib
import io
import json
import os
import sys
import traceback


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
    import django

    django.setup()
    for line in sys.stdin:
        failed = ""
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            try:
                exec(json.loads(line), {"__name__": "arranged"})
            except Exception:
                failed = traceback.format_exc()
        print(json.dumps([printed.getvalue(), failed]), flush=True)


if __name__ == "__main__":
    main()
