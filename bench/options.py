"""What bin/bench is asked for. Standard library only: bin/bench reads it before it installs."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATABASES = {"sqlite": ["sqlite"], "mysql": ["mysql"], "both": ["sqlite", "mysql"]}
SERVERS = {"daphne": ["daphne"], "uvicorn": ["uvicorn"], "both": ["daphne", "uvicorn"]}


@dataclass(frozen=True)
class Options:
    """`seconds`, `warmup` and `lone` are lengths of one run's parts; `folder` takes the results."""

    databases: list[str]
    servers: list[str]
    seconds: float
    warmup: float
    lone: float
    rounds: int
    groups: int
    agents: int
    redis: bool
    folder: Path


def read(arguments: list[str]) -> Options:
    """The options in `arguments`; ends the program with a usage line where they are wrong."""
    parser = argparse.ArgumentParser(
        prog="bin/bench",
        description="Measures Kefu against a textbook Channels consumer on the same tables: "
        "visitors write, five agents of each group receive. It starts databases and servers of "
        "its own in a temporary folder; your installation is not touched. Keep the machine "
        "otherwise idle.",
    )
    add = parser.add_argument
    add("--database", choices=DATABASES, default="both", help="default: both")
    add("--server", choices=SERVERS, default="both", help="default: both")
    add("--seconds", type=positive, default=6, help="measured seconds of a run (6)")
    add("--warmup", type=positive, default=2, help="seconds before they count (2)")
    add("--lone", type=positive, default=2, help="seconds of lone messages, server idle (2)")
    add("--rounds", type=count, default=3, help="runs of each, interleaved; medians count (3)")
    add("--groups", type=count, default=100, help="visitors, each with a conversation (100)")
    add("--agents", type=count, default=20, help="agents, of whom each group has 5 (20)")
    add("--redis", action="store_true", help="with a Redis as channel layer beside MariaDB")
    given = parser.parse_args(arguments)
    if given.agents < 5:
        parser.error("--agents: a group has 5 of them")
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "var").absolute()
    return Options(
        databases=DATABASES[given.database],
        servers=SERVERS[given.server],
        seconds=given.seconds,
        warmup=given.warmup,
        lone=given.lone,
        rounds=given.rounds,
        groups=given.groups,
        agents=given.agents,
        redis=given.redis,
        folder=data_dir / "bench",
    )


def positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 3600:
        raise argparse.ArgumentTypeError("a number above 0, at most 3600")
    return value


def count(text: str) -> int:
    value = int(text)
    if not 0 < value <= 10_000:
        raise argparse.ArgumentTypeError("a whole number from 1 to 10000")
    return value
