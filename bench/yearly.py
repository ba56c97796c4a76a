"""Years: measures what administrators open on a database with years of service."""

import json
import shutil
from pathlib import Path

from . import grown, servers
from .options import Options
from .progress import Progress

SLOWER = 2.5
"""How many times longer it takes to make a message, with its receptions, than for `grown`."""


def messages_of(asked: Options) -> int:
    return grown.messages_of(asked.sizes.years, asked)


def seconds_of(asked: Options) -> float:
    """Seconds that one database takes, roughly."""
    return 10 + SLOWER * messages_of(asked) / grown.MESSAGES_PER_SECOND + asked.sizes.requests * 2


def run(kind: str, folder: Path, asked: Options, progress: Progress) -> list[dict]:
    """Returns [{"database", "messages", "receptions", "pages": {page: {"ms", "p90_ms", "queries",
    "bytes"}}}], or nothing if the disk is too small."""
    made = messages_of(asked)
    need = 1.5 * grown.BYTES_A_MESSAGE * made + grown.SPARE
    if shutil.disk_usage(folder).free < need:
        progress.end(seconds_of(asked), f"years left out: it needs {need / 1e9:.0f} GB of disk")
        return []
    with servers.run_database(kind, folder / kind) as database:
        progress.begin(f"{database.name}: making {made:,} messages with their receptions")
        grown.fill(
            "bench.years", database.environment, asked.sizes.years, asked.sizes.each, progress
        )
        progress.begin(f"{database.name}: what administrators open")
        answer = servers.run_module(
            "bench.years", database.environment, "ask", str(asked.sizes.requests)
        )
    pages = json.loads(answer)
    receptions = made // asked.sizes.each * 25 // 2
    progress.end(
        seconds_of(asked),
        f"{database.name}, years: "
        + ", ".join(f"{page} {found['ms']:.0f} ms" for page, found in pages.items()),
    )
    return [{"database": kind, "messages": made, "receptions": receptions, "pages": pages}]
