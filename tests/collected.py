"""The static files that pytest has collected at its start, for houses that tests serve."""

import shutil
from pathlib import Path

from django.conf import settings

from bench.servers import serve


def lend_static_files(data_dir: Path) -> None:
    """Has `bin/serve` find its files collected in this folder, which takes three seconds. They are
    copies: a server that collects anew must not take the files from under other tests' servers."""
    shutil.copytree(settings.STATIC_ROOT, data_dir / "static")
    mark_collected(data_dir)


def mark_collected(data_dir: Path) -> None:
    """Has `bin/serve` leave the files in this folder as they are."""
    (data_dir / "static-stamp").write_text(serve.static_digest())
