"""The assistant: its own time in an answer, and very many answers at once on one process.

The visitors and the model are a process of their own (asker.py). What a visitor's message costs
with an assistant beside is a subject of scenarios.py.
"""

import json
import statistics
from pathlib import Path

from tests.plugins import services

from . import servers
from .model import ALLOWED
from .options import Options
from .progress import Progress

AGENTS, WRITTEN = 20, 20
PATIENCE = 30
"""Seconds after which a question counts as lost: the assistant hands over after 20."""
OWN_MS, ACK_MS = 50, 100
"""Milliseconds: the assistant's own time before the request and after the answer, and the
acknowledgement of an agent's message while it answers 200."""
ENOUGH = 200
"""Answers at once for which that is a goal."""


def seconds_of(asked: Options) -> float:
    """Seconds that one database takes, roughly."""
    lone, crowd = asked.sizes.answers
    return 25 + lone * 0.2 + crowd * 0.05


def run(kind: str, folder: Path, asked: Options, progress: Progress) -> list[dict]:
    """Returns [{"database", "server", "own", "number", "all_s", "cpu_ms", "ack_before",
    "ack_meanwhile", "faults"}]."""
    lone, crowd = asked.sizes.answers
    server, model = asked.servers[0], services.free_port()
    where = f"{servers.NAMES[kind]}, {server}"
    progress.begin(f"{where}: {crowd} answers of the assistant")
    with servers.run_database(kind, folder / kind) as database:
        environment = {**database.environment, "AI_ALLOW": ALLOWED}
        spec = {"agents": AGENTS, "written": WRITTEN, "each": 1, "routing": "everyone"}
        spec |= {"pages": lone + crowd, "model": model}
        plan = json.loads(servers.run_module("bench.crowd", environment, json.dumps(spec)))
        log = folder / "log"
        with servers.run_servers(server, servers.OURS, environment, log, 1) as (pids, ports):
            job = {
                **{"plan": plan, "port": ports[0], "model": model, "patience": PATIENCE},
                **{"lone": lone, "crowd": crowd},
                "pids": {"server": pids, "database": database.pids},
            }
            text = servers.run_module("bench.asker", environment, input=json.dumps(job))
    found = {"database": kind, "server": server, **json.loads(text)}
    found["own"] = {
        when: {part: p95(times) for part, times in parts.items()}
        for when, parts in found["own"].items()
    }
    progress.end(seconds_of(asked), f"{where}, the assistant: {'; '.join(figures(found))}")
    return [found]


def p95(milliseconds: list[float]) -> float:
    if len(milliseconds) < 2:
        return 0.0
    return statistics.quantiles(milliseconds, n=20)[18]


def figures(found: dict) -> list[str]:
    """What was measured, in phrases."""
    lone, crowd = found["own"]["lone"], found["own"]["crowd"]
    before, acks = found["ack_before"], found["ack_meanwhile"]
    return [
        f"its own time p95 {lone['before']:.0f} ms before and {lone['after']:.0f} ms after the "
        f"model's ({crowd['before']:.0f} and {crowd['after']:.0f} of {found['number']} at once)",
        f"{found['cpu_ms']:.0f} ms CPU an answer",
        f"all within {found['all_s']:.1f} s",
        f"agents' messages acknowledged meanwhile p50 {acks['p50']:.0f}, p99 {acks['p99']:.0f} ms "
        f"({before['p50']:.0f} and {before['p99']:.0f} before)",
    ]


def goals(results: list[dict]) -> list[tuple]:
    """The goals' fields (goals.Goal) of each database."""
    found = []
    for kind, name in servers.NAMES.items():
        result = next((one for one in results if one["database"] == kind), None)
        rows = [
            (f"the assistant's own time before the request, p95, {name}", OWN_MS, "before"),
            (f"the assistant's own time after the answer, p95, {name}", OWN_MS, "after"),
            (f"an agent's message among {ENOUGH} answers, p99, {name}", ACK_MS, ""),
        ]
        for what, most, part in rows:
            goal = f"≤ {most} ms"
            if result is None:
                found.append((what, goal))
                continue
            taken = result["own"]["lone"][part] if part else result["ack_meanwhile"]["p99"]
            enough = result["number"] >= ENOUGH
            found.append((what, goal, f"{taken:.0f} ms", taken <= most if enough else None))
    return found
