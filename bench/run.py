"""Runs the benchmark: `python -m bench.run`, as bin/bench does."""

import dataclasses
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from . import (
    answers,
    articles,
    channels,
    figures,
    goals,
    grown,
    http_pages,
    idle,
    machine,
    options,
    pages,
    pushes,
    report,
    scenarios,
    servers,
    storms,
    yearly,
)
from .progress import Progress

PER_DATABASE = {
    "storms": ("storms", storms),
    "http": ("http", http_pages),
    "knowledge": ("knowledge", articles),
    "assistant": ("answers", answers),
    "channels": ("channels", channels),
    "push": ("pushes", pushes),
    "growth": ("growth", grown),
    "years": ("years", yearly),
}
"""By scenario: the part of the results that it fills, and the module that measures it on each
database."""


def main(arguments: list[str]) -> int:
    """Runs the benchmark; returns the exit code, 1 if a server made an error meanwhile."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asked = options.read(arguments)
    if asked.source:
        figures.write(json.loads(asked.source.read_text()))
        return 0
    asked.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="run-", dir=asked.folder))
    start = time.monotonic()
    try:
        facts = machine.describe(scratch)
        report.introduce(asked, facts, seconds_of(asked))
        found, wrong = measure(asked, scratch)
    except servers.Failed as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    result = {
        "at": time.strftime("%Y-%m-%d %H:%M"),
        "minutes": (time.monotonic() - start) / 60,
        "load_after": os.getloadavg()[0],
        "machine": facts,
        "sizes": dataclasses.asdict(asked.sizes),
        **found,
        "goals": [dataclasses.asdict(goal) for goal in goals.rows(found)],
        "wrong": wrong,
    }
    path = asked.folder / time.strftime("bench-%Y%m%d-%H%M%S.json")
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False))
    report.tables(result)
    print(f"\nwritten to {path}")
    if wrong:
        for fault in wrong:
            print(f"error: {fault}", file=sys.stderr)
        return 1
    if asked.docs:
        figures.write(result)
    return 0


def seconds_of(asked: options.Options) -> float:
    """Seconds that the whole benchmark takes, roughly."""
    total = 0.0
    for kind in asked.databases:
        subjects = scenarios.subjects(asked, kind)
        total += asked.sizes.rounds * sum(scenarios.seconds_of(one, asked) for one in subjects)
        for scenario, (_part, module) in PER_DATABASE.items():
            if scenario in asked.scenarios:
                total += module.seconds_of(asked)
    if "idle" in asked.scenarios:
        total += len(asked.servers) * idle.seconds_of(asked)
    return total + ("pages" in asked.scenarios) * pages.SECONDS


def measure(asked: options.Options, scratch: Path) -> tuple[dict, list[str]]:
    """Returns the results by part, and a sentence for each error of a server."""
    progress = Progress(seconds_of(asked))
    parts = "load", "idle", *(part for part, _module in PER_DATABASE.values())
    found = {**{part: [] for part in parts}, "pages": None}
    try:
        if "pages" in asked.scenarios:
            found["pages"] = pages.run(scratch / "pages", asked, progress)
        for kind in asked.databases:
            found["load"] += scenarios.run(kind, scratch / kind, asked, progress)
        if "idle" in asked.scenarios:
            (scratch / "idle").mkdir()
            found["idle"] = idle.run(scratch / "idle", asked, progress)
        for scenario, (part, module) in PER_DATABASE.items():
            if scenario in asked.scenarios:
                folder = scratch / part
                folder.mkdir()
                for kind in asked.databases:
                    found[part] += module.run(kind, folder, asked, progress)
                    shutil.rmtree(folder / kind, ignore_errors=True)
    finally:
        progress.close()
    wrong = scenarios.faults(found["load"]) + idle.faults(found["idle"])
    for storm in found["storms"]:
        wrong += servers.faults(storm["title"], [storm])
    wrong += servers.faults("the assistant", found["answers"])
    wrong += servers.faults("beside channels", found["channels"])
    return found, wrong + servers.faults("phones", found["pushes"])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
