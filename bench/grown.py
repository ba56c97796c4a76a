"""Growth: measures the same pages on a small and on a grown database in turn."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from . import data, growth, servers
from .measure import medians, ranges
from .options import ROOT, Options
from .progress import Progress

BYTES_A_MESSAGE = 1_500
"""Bytes on disk for a message with its indexes, at most, with the undo log of MariaDB."""
SPARE = 2 * 2**30
"""Bytes that must stay free on the disk."""
MESSAGES_PER_SECOND = 35_000
"""Messages that are created in a second, roughly."""


def messages_of(conversations: int, asked: Options) -> int:
    return conversations * growth.AGENTS // data.SEATS * asked.sizes.each


def seconds_of(asked: Options) -> float:
    """Seconds that one database takes, roughly."""
    made = sum(messages_of(size, asked) for size in asked.sizes.growth)
    return (
        8 + made / MESSAGES_PER_SECOND + asked.sizes.rounds * 2 * (2 + asked.sizes.requests * 0.15)
    )


def run(kind: str, folder: Path, asked: Options, progress: Progress) -> list[dict]:
    """Returns [{"database", "sizes": [{"conversations", "messages", "disk": bytes, "median",
    "range", "rounds"}]}], or nothing if the disk is too small."""
    need = BYTES_A_MESSAGE * messages_of(asked.sizes.growth[1], asked) + SPARE
    free = shutil.disk_usage(folder).free
    if free < need:
        progress.end(seconds_of(asked), f"growth left out: it needs {need / 1e9:.0f} GB of disk")
        return []
    sizes = []
    with servers.run_database(kind, folder / kind) as database:
        environments = [
            environment_of(database, number) for number in range(len(asked.sizes.growth))
        ]
        for number, conversations in enumerate(asked.sizes.growth):
            made = messages_of(conversations, asked)
            progress.begin(f"{database.name}: making {made:,} messages")
            fill("bench.growth", environments[number], conversations, asked.sizes.each, progress)
            disk = disk_usage(database, number, folder / kind)
            size = {"conversations": conversations, "messages": made, "disk": disk, "rounds": []}
            sizes.append(size)
        for _ in range(asked.sizes.rounds):
            for number, size in enumerate(sizes):
                progress.begin(f"{database.name}: pages at {size['messages']:,} messages")
                answer = servers.run_module(
                    "bench.growth", environments[number], "ask", str(asked.sizes.requests)
                )
                size["rounds"].append(json.loads(answer))
    for size in sizes:
        size["median"] = medians(size["rounds"])
        size["range"] = ranges(size["rounds"])
    small, large = (size["median"] for size in sizes)
    progress.end(
        seconds_of(asked),
        f"{servers.NAMES[kind]}, grown: inbox {small['inbox']['ms']:.1f} → "
        f"{large['inbox']['ms']:.1f} ms, history {small['history']['ms']:.1f} → "
        f"{large['history']['ms']:.1f} ms",
    )
    return [{"database": kind, "sizes": sizes}]


def environment_of(database: servers.Database, number: int) -> dict[str, str]:
    """The environment for one of the two databases."""
    environment = dict(database.environment)
    if database.kind == "sqlite":
        environment["DATA_DIR"] += str(number)
    else:
        database.sql(f"CREATE DATABASE grown{number} CHARACTER SET utf8mb4")
        environment["DATABASE_URL"] = environment["DATABASE_URL"][: -len("kefu")] + f"grown{number}"
    return environment


def fill(module: str, environment: dict, conversations: int, each: int, progress: Progress) -> None:
    """Has a module fill a database, and shows how far it is."""
    filling = subprocess.Popen(
        [sys.executable, "-m", module, "fill", str(conversations), str(each)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    with filling:
        for line in filling.stdout:
            progress.part(int(line) / MESSAGES_PER_SECOND)
    if filling.returncode != 0:
        raise servers.Failed("the large database could not be made; the reason stands above")


def disk_usage(database: servers.Database, number: int, folder: Path) -> int:
    """Bytes of the files of a database, with indexes."""
    place = f"data{number}" if database.kind == "sqlite" else f"database/grown{number}"
    return sum(
        path.stat().st_size
        for path in (folder / place).iterdir()
        if path.suffix in (".ibd", ".sqlite3", ".sqlite3-wal")
    )
