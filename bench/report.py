"""What bin/bench prints, and the JSON it leaves."""

import dataclasses
import json
import os

from .options import Options

NAMES = {"reference": "textbook Channels", "kefu": "Kefu"}
COLUMNS = (
    ("", 30),
    ("delivered/s", 12),
    ("ack p50 ms", 11),
    ("p99", 8),
    ("CPU ms/msg", 11),
    ("of it db", 9),
    ("× less", 7),
    ("lone ack ms", 12),
    ("lone CPU", 9),
)


def say(text: str) -> None:
    print(text, flush=True)


def introduce(asked: Options, facts: dict[str, str]) -> None:
    """Says what is going to happen, how long it takes, and on what machine."""
    runs = len(asked.databases) * len(asked.servers) * 2 * asked.rounds
    minutes = runs * (asked.warmup + asked.seconds + asked.lone + 5) / 60
    say(
        f"{asked.groups} visitors write, one message in flight each; 5 of {asked.agents} agents "
        f"receive each message.\nKefu against a textbook Channels consumer on the same tables, "
        f"{runs} runs, about {minutes:.0f} min.\nDatabases and servers are throwaway ones; your "
        "installation is not touched."
    )
    for name, fact in facts.items():
        say(f"  {name:12} {fact}")
    if os.getloadavg()[0] > 0.5:
        say("  Something else keeps this machine busy: trust the ratios, not the figures.")


def progress(step: int, steps: int, database: str, subject: dict, found: dict) -> None:
    done = "█" * round(20 * step / steps)
    trouble = f"  lost {found['lost']}" if found["lost"] else ""
    if found["errors"]:
        trouble += f"  errors {found['errors']}"
    say(
        f"{done:·<20} {step}/{steps} {database}: {title(subject)}: "
        f"{found['per_second']:,.0f} delivered/s, {cost(found):.3f} ms CPU each, "
        f"lone ack {found['lone']['ack_ms']['p50']:.2f} ms{trouble}"
    )


def title(subject: dict) -> str:
    return f"{NAMES[subject['who']]}, {subject['server']}"


def cost(found: dict) -> float:
    """CPU milliseconds of server and database for one delivered message."""
    return found["cpu_ms"]["server"] + found["cpu_ms"]["database"]


def table(result: dict) -> None:
    """One database's medians, Kefu against the reference on the same server."""
    say(f"\n{result['database']} (medians)")
    say("".join(f"{name:<{width}}" if not name else f"{name:>{width}}" for name, width in COLUMNS))
    for subject in result["subjects"]:
        found = subject["median"]
        against = reference(result, subject["server"])
        cells = (
            f"{found['per_second']:,.0f}",
            f"{found['ack_ms']['p50']:.1f}",
            f"{found['ack_ms']['p99']:.1f}",
            f"{cost(found):.3f}",
            f"{found['cpu_ms']['database']:.3f}",
            f"{cost(against) / cost(found):.1f}",
            f"{found['lone']['ack_ms']['p50']:.2f}",
            f"{cost(found['lone']):.2f}",
        )
        widths = [width for _name, width in COLUMNS[1:]]
        row = "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        say(f"{title(subject):<30}{row}")


def reference(result: dict, server: str) -> dict:
    """The medians of the textbook consumer on this server."""
    (found,) = [
        subject["median"]
        for subject in result["subjects"]
        if subject["who"] == "reference" and subject["server"] == server
    ]
    return found


def as_json(asked: Options, facts: dict[str, str], results: list[dict]) -> str:
    options = {**dataclasses.asdict(asked), "folder": str(asked.folder)}
    return json.dumps({"options": options, "machine": facts, "results": results}, indent=1)
