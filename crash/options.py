"""The options of bin/crash. It uses the standard library only: bin/crash imports it before it
installs packages."""

import argparse
import os
import random
from dataclasses import dataclass
from pathlib import Path

SHORTEST = 1.5
"""Seconds that a cycle takes at least in a soak."""
ROOT = Path(__file__).resolve().parent.parent
BESIDE = "channels", "push", "webhooks"
"""Options of what goes on beside pages, for which the servers have to fail."""
NETWORK = {"iproute2": "ip", "iptables": "iptables", "nginx-light": "nginx", "faketime": "faketime"}
"""Debian's packages that several hosts need, and a program of each."""


@dataclass(frozen=True)
class Options:
    """`seed` determines the faults and what clients do; `folder` gets the results. With `soak`,
    minutes, there are no faults; `cycles` is then more than come within these minutes. With
    `assistant` a scripted model answers every second visitor; with `channels` others write by
    those; with `push` agents have phones; with `webhooks` events are sent to two receivers."""

    cycles: int
    soak: float
    database: str
    server: str
    hosts: int
    seed: int
    folder: Path
    assistant: bool = False
    channels: bool = False
    push: bool = False
    webhooks: bool = False


def read(arguments: list[str]) -> Options:
    """Parses `arguments`; ends the program with the usage if they are wrong."""
    parser = argparse.ArgumentParser(
        prog="bin/crash",
        description="Proves that Kefu loses and doubles nothing under faults: clients write and "
        "read while servers, database and Redis are killed, frozen and restarted; after each "
        "cycle the database is compared with what clients were told. It starts everything in a "
        "temporary folder; your installation is not touched. Exit code 1 on any loss.",
    )
    add = parser.add_argument
    add("--cycles", type=count, default=20, help="faults, one a cycle (20)")
    add(
        "--soak",
        type=minutes,
        metavar="MINUTES",
        help="no faults for so long: memory, open files and threads of the servers must not grow",
    )
    add(
        "--database",
        choices=("sqlite", "mariadb", "mysql", "mysql8", "galera"),
        default="sqlite",
        help="sqlite: one process; mariadb, also called mysql: MariaDB, Redis and two processes; "
        "mysql8: the same with MySQL; galera: two MariaDBs that are one cluster, and each process "
        "writes to its own (default: sqlite)",
    )
    add("--server", choices=("daphne", "uvicorn"), default="daphne", help="default: daphne")
    add(
        "--hosts",
        type=int,
        choices=(1, 2),
        default=1,
        help="2: two application hosts, nginx, MariaDB and Redis on machines of a network of its "
        "own, whose lines fail; needs root (default: 1)",
    )
    add(
        "--assistant",
        action="store_true",
        help="a scripted model that lies, stalls and dies answers every second visitor, whom agents"
        " leave alone, while its articles are edited: it must not speak after a handover, nor"
        " without proof",
    )
    add(
        "--channels",
        action="store_true",
        help="people write by Telegram, WeChat and mail, too, whose servers are killed and moody: "
        "what they write is stored once, and what is answered arrives",
    )
    add(
        "--push",
        action="store_true",
        help="agents have phones whose push service is moody: whoever waits stands there, and"
        " nothing that is over",
    )
    add(
        "--webhooks",
        action="store_true",
        help="events are sent to two receivers that are moody: each arrives, in order, and is true",
    )
    add("--all", action="store_true", help="the four above at once")
    add("--seed", type=int, help="repeat the choices of an earlier run (default: a new one)")
    given = parser.parse_args(arguments)
    if given.hosts > 1 and given.database in ("sqlite", "galera"):
        parser.error("several hosts need --database mariadb or mysql8")
    if given.assistant and given.hosts > 1:
        parser.error("--assistant goes with one host")
    for name in (*BESIDE, "all"):
        if getattr(given, name) and (given.soak or given.hosts > 1):
            parser.error(f"--{name} goes with one host and faults")
    if given.soak and given.hosts > 1:
        parser.error("--soak goes with one host")
    if given.hosts > 1 and os.geteuid() != 0:
        parser.error("only root may make the network of several hosts")
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "var").absolute()
    return Options(
        cycles=int(given.soak * 60 / SHORTEST) if given.soak else given.cycles,
        soak=given.soak or 0,
        database={"mariadb": "mysql"}.get(given.database, given.database),
        server=given.server,
        hosts=given.hosts,
        seed=random.randrange(10**6) if given.seed is None else given.seed,
        folder=data_dir / "crash",
        assistant=given.assistant or given.all,
        **{name: getattr(given, name) or given.all for name in BESIDE},
    )


def minutes(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0.1 <= number <= 10_000:
        raise argparse.ArgumentTypeError(f"a number from 0.1 to 10000, not {text!r}")
    return number


def count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 100_000):
        raise argparse.ArgumentTypeError(f"a whole number from 1 to 100000, not {text!r}")
    return int(text)
