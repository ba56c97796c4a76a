"""The output of bin/crash: the machine, a row for each cycle, and the totals."""

import dataclasses
import json

from . import channels, hooks
from .options import Options

WIDTHS = {
    "cycle": 9,
    "fault": 20,
    "sent": 8,
    "acked": 8,
    "stored": 8,
    "notices": 8,
    "retries": 8,
    "answers": 8,
    "edits": 6,
    "came": 6,
    "went": 6,
    "again": 6,
    "unsaid": 7,
    "events": 8,
    "repeats": 8,
    "lost": 6,
    "duplicated": 11,
    "gaps": 6,
    "logs": 6,
    "unread": 7,
    "facts": 7,
    "assistant": 11,
    "channels": 9,
    "pushed": 7,
    "wrong": 6,
    "webhooks": 9,
    "refused": 8,
    "told": 7,
    "pages": 7,
    "pushes": 8,
    "gone": 7,
    "present": 9,
    "late": 6,
    "memory": 8,
    "handles": 9,
    "threads": 9,
    "grown": 7,
    "seconds": 8,
}
WHERE = {
    "sqlite": "SQLite, one process",
    "mysql": "MariaDB, Redis, two processes",
    "mysql8": "MySQL, Redis, two processes",
    "galera": "two MariaDBs of a Galera cluster, Redis, two processes",
}
TIMES = ("told", "pages", "pushes", "gone", "present")
"""Columns that only runs with several hosts have."""
MUST_BE_ZERO = (
    "lost",
    "duplicated",
    "gaps",
    "logs",
    "unread",
    "facts",
    "assistant",
    "channels",
    "wrong",
    "webhooks",
    "refused",
    "late",
    "grown",
)
MOST_WORDS = 20


def say(text: str) -> None:
    print(text, flush=True)


def introduce(asked: Options, facts: dict[str, str], pages: int) -> None:
    where = WHERE[asked.database]
    if asked.hosts > 1:
        where = where.replace("two processes", "nginx, two hosts of two processes each")
    what = f"for {asked.soak:g} minutes" if asked.soak else "under faults"
    say(f"Kefu {what}: {where} ({asked.server}), {pages} pages, seed {asked.seed}")
    for name, fact in facts.items():
        say(f"  {name:12} {fact}")
    say("")
    say(line({name: name for name in WIDTHS}))


def line(row: dict) -> str:
    """A row of the table; text is left-aligned, numbers are right-aligned."""
    cells = []
    for name, width in WIDTHS.items():
        value = row.get(name)
        value = "" if value is None else value
        if isinstance(value, float):
            value = f"{value:.1f}"
        cells.append(f"{value:<{width}}" if name in ("cycle", "fault") else f"{value:>{width}}")
    return "".join(cells)


def problems(sentences: list[str]) -> None:
    for text in sentences[:MOST_WORDS]:
        say(f"    {text}")
    if len(sentences) > MOST_WORDS:
        say(f"    and {len(sentences) - MOST_WORDS:,} more")


def total(rows: list[dict], last: dict) -> dict:
    """The sums over all cycles, and the counts of the comparison of the whole database at the
    end."""
    summed = (
        *("sent", "acked", "stored", "notices", "retries", "answers", "seconds"),
        *MUST_BE_ZERO,
    )
    row = {name: sum(row[name] for row in rows) for name in summed}
    for name in ("edits", *channels.COLUMNS, *hooks.COLUMNS):
        row[name] = sum(row.get(name, 0) for row in rows)
    for name, count in last.items():
        row[name] += count
    for name in TIMES:
        row[name] = max((one[name] for one in rows if one.get(name) is not None), default=None)
    return {"cycle": "all", "fault": "", **row}


def is_clean(row: dict) -> bool:
    return not any(row[name] for name in MUST_BE_ZERO)


def as_json(asked: Options, facts: dict[str, str], rows: list[dict], total: dict) -> str:
    options = {**dataclasses.asdict(asked), "folder": str(asked.folder)}
    return json.dumps(
        {"options": options, "machine": facts, "cycles": rows, "total": total}, indent=1
    )
