"""Storms: what happens when very many do the same at once, each on a new database and server.

The crowd is a process of its own (storm_client.py), which measures. One process of the first server
that is asked for serves it. The server that all pages lose gets SIGKILL; its successor takes the
same listener, as with bin/serve.
"""

import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.plugins import services

from . import idle, servers
from .model import ALLOWED
from .options import ROOT, Options
from .progress import Progress

MEASURED = 5
"""Seconds for which CPU is measured."""
ASKING = 4
"""One of so many new visitors asks the assistant: on two processors the model and the crowd take
more of them than the server."""


@dataclass(frozen=True)
class Storm:
    """`spec` is that of crowd.py, without what is not there; `made` and `taken` are the seconds
    until the database is filled, and those of the storm, roughly."""

    name: str
    title: str
    number: int
    spec: dict
    seconds: float
    made: float
    taken: float


def storms_of(asked: Options) -> list[Storm]:
    pages, visitors, agents, team, messages, waiting = asked.sizes.storms
    asking = max(1, visitors // ASKING)
    pages = min(pages, idle.allowed_files() - idle.SPARE)
    minute, begun = asked.sizes.minute, {"agents": 20, "written": 20}
    return [
        Storm(
            *("lose", f"{pages:,} pages lose their server", pages),
            *({**begun, "pages": pages}, 0, 2 + pages / 2_000, 15 + pages / 250),
        ),
        Storm(
            *("arrive", f"{visitors:,} new visitors in {minute:g} s", visitors),
            *(begun, minute, 2, minute + 5),
        ),
        Storm(
            *("ask", f"{asking:,} new visitors in {minute:g} s ask the assistant", asking),
            *(begun, minute, 8, minute + 10),
        ),
        Storm(
            *("sign in", f"{agents} agents sign in within {minute / 6:g} s", agents),
            *({"agents": agents + 10, "written": 20}, minute / 6, 3, 5 + agents * 0.6),
        ),
        Storm(
            *("team", f"a team of {team}, all connected, 20 visitors write", team),
            *({"agents": team, "written": 20}, MEASURED, 5, 10 + team / 50),
        ),
        Storm(
            *("long", f"a conversation of {messages:,} messages against one of 1", messages),
            *({**begun, "each": messages}, 0, messages / 4_000, 15),
        ),
        Storm(
            *("route", f"{waiting:,} wait where the team assigns, then 20 agents come", waiting),
            *({"agents": 20, "written": waiting, "routing": "assign"}, MEASURED),
            *(waiting / 300, 40),
        ),
    ]


def seconds_of(asked: Options) -> float:
    """Seconds that one database takes, roughly."""
    return sum(6 + storm.made + storm.taken for storm in storms_of(asked))


def run(kind: str, folder: Path, asked: Options, progress: Progress) -> list[dict]:
    """Returns [{"database", "server", "name", "title", and the results of storm_client.py}]."""
    found = []
    for place, storm in enumerate(storms_of(asked)):
        where = f"{servers.NAMES[kind]}, {asked.servers[0]}"
        progress.begin(f"{where}: {storm.title}")
        with servers.run_database(kind, folder / f"storm-{kind}-{place}") as database:
            give_static(database, folder / "static")
            result = run_one(storm, database, asked.servers[0], folder / "log")
        result |= {"database": kind, "server": asked.servers[0], "name": storm.name}
        result["title"] = storm.title
        found.append(result)
        progress.end(
            6 + storm.made + storm.taken, f"{where}, {storm.title}: {'; '.join(figures(result))}"
        )
    return found


def give_static(database: servers.Database, folder: Path) -> None:
    """Collects the static files once; pages name them by their hashes."""
    own = Path(database.environment["DATA_DIR"]) / "static"
    if folder.exists():
        own.parent.mkdir()
        own.symlink_to(folder)
        return
    servers.run_manage(database.environment, "collectstatic", "--noinput", "--verbosity=0")
    own.rename(folder)
    own.symlink_to(folder)


def run_one(storm: Storm, database: servers.Database, kind: str, log: Path) -> dict:
    """Fills the database, starts a server and the crowd, and returns what the crowd measured."""
    spec = {"each": 1, "routing": "everyone", "pages": 0, **storm.spec}
    spec["model"] = services.free_port() if storm.name == "ask" else 0
    allowed = {**database.environment, "AI_ALLOW": ALLOWED}
    plan = json.loads(servers.run_module("bench.crowd", allowed, json.dumps(spec)))
    with ExitStack() as ending, log.open("a") as file:
        (listener,) = servers.serve.open_listeners("127.0.0.1", services.free_port(), 1)
        ending.enter_context(listener)
        environment = servers.serve.worker_environment(1, allowed)

        def start() -> servers.serve.Process:
            options = {"env": environment, "stdout": file, "stderr": file}
            process = servers.serve.Process(kind, listener, servers.OURS, **options)
            ending.callback(servers.stop_process, process.popen)
            return process

        first = start()
        servers.wait_until_ready(first, log)
        job = {
            "plan": plan,
            "port": listener.getsockname()[1],
            "model": spec["model"],
            "seconds": storm.seconds,
            "number": storm.number,
            "pids": {"server": [first.pid], "database": database.pids},
        }
        crowd = subprocess.Popen(
            [sys.executable, "-m", "bench.storm_client", storm.name],
            cwd=ROOT,
            env=database.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        ending.callback(servers.stop_process, crowd)
        crowd.stdin.write(json.dumps(job) + "\n")
        crowd.stdin.close()
        answer = crowd.stdout.readline()
        if answer == "ready\n":
            first.popen.kill()
            first.popen.wait()
            servers.wait_until_ready(start(), log)
            answer = crowd.stdout.readline()
        if not answer:
            raise servers.Failed(f"the crowd failed; the server said:\n{servers.log_tail(log)}")
        return json.loads(answer)


def figures(result: dict) -> list[str]:
    """What a storm did, in phrases."""
    return [*PHRASES[result["name"]](result), *agents_of(result)]


def agents_of(result: dict) -> list[str]:
    """How quickly messages were acknowledged meanwhile."""
    acks = result.get("ack_meanwhile")
    if not acks:
        return []
    return [f"acknowledged meanwhile p50 {acks['p50']:.0f}, p99 {acks['p99']:.0f} ms"]


def times(spread: dict) -> str:
    return f"p50 {spread['p50']:.0f}, p99 {spread['p99']:.0f} ms"


PHRASES = {
    "lose": lambda one: [
        f"half are back after {one['half_s']:.1f} s, all after {one['all_s']:.1f} s",
        f"the agents after {one['agents_s']:.1f} s",
        f"{one['tries_each']:.1f} tries each",
    ],
    "arrive": lambda one: [
        f"{one['number']:,} were served within {one['all_s']:.0f} s",
        f"page {times(one['page'])}",
        f"greeting {times(one['greeting'])}",
        f"first message {times(one['accepted'])}",
    ],
    "ask": lambda one: [
        f"{one['number']:,} were answered within {one['all_s']:.0f} s",
        f"page {times(one['page'])}",
        f"articles {times(one['suggested'])}",
        f"first message {times(one['accepted'])}",
        f"the answer {times(one['answered'])}",
    ],
    "sign in": lambda one: [
        f"all are in after {one['all_s']:.1f} s",
        f"signed in {times(one['signed'])}",
        f"live workspace {times(one['workspace'])}",
    ],
    "team": lambda one: [
        f"{one['per_second']:.0f} messages/s",
        f"{one['cpu_ms']:.1f} ms CPU each",
        f"from the first agent to the last {times(one['delivery'])}",
    ],
    "long": lambda one: [
        f"{page} {one['long'][page]['p50']:.1f} against {one['short'][page]['p50']:.1f} ms"
        for page in one["long"]
    ],
    "route": lambda one: [
        f"{one['calm_percent']:.0f} % of a core while nobody is there",
        f"{one['assigned']:,} are assigned within {one['assigned_s']:.1f} s",
        f"{one['full_percent']:.0f} % of a core afterwards, with messages",
        f"the inbox of those who wait {times(one['inbox'])}",
    ],
}
