"""The runs under load: Kefu and the textbook in turn, and the medians of their results.

In each round every subject runs once, with new server processes and a warm-up. So a busy minute of
the machine affects all subjects alike.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from . import node, servers
from .measure import medians, ranges
from .options import Options
from .progress import Progress

PATIENCE = 10
"""Seconds after which a message counts as lost. The textbook takes a second for 500 messages."""
LOAD = ("dense", "lone", "sparse", "groups")
ASSISTED = "assisted"
"""The plan of the scenario "assistant": there is one, beside the people who have all."""
ROUTING = ("everyone", "assign")
"""The plans of the scenario "routing", called as their teams route."""
WHO = {
    "textbook": "textbook",
    "kept": "textbook, connections kept",
    "kefu": "Kefu",
    "unredis": "Kefu without Redis",
    "unstreamed": "Kefu without the stream",
    "node": "batched Node",
}
COMPARED = {"groups", "stream", "assistant"}
"""The scenarios that compare with "dense"."""
LOADED = ("textbook", "kept", "kefu", "unredis")
"""Whom "dense" and "lone" measure on each server."""
STRANGERS = ("textbook", "kept", "node")
"""Who is not Kefu, and asks nobody for a login."""


@dataclass(frozen=True)
class Subject:
    """What a run measures. `plan` is "dense", "sparse", "groups", ASSISTED or one of ROUTING, `who`
    a key of WHO."""

    plan: str
    server: str
    workers: int
    who: str

    @property
    def title(self) -> str:
        several = f" × {self.workers}" if self.workers > 1 else ""
        return f"{self.plan}: {WHO[self.who]}, {self.server}{several}"


def subjects(asked: Options, kind: str) -> list[Subject]:
    """The subjects on one database, in the order of a round."""
    wanted = set(asked.scenarios)
    found = []
    for server in asked.servers:
        if wanted & {"dense", "lone"}:
            left_out = set() if asked.sizes.kept else {"kept"}
            left_out |= {"unredis"} if kind == "sqlite" else set()
            found += [Subject("dense", server, 1, who) for who in LOADED if who not in left_out]
        elif wanted & COMPARED:
            found.append(Subject("dense", server, 1, "kefu"))
        if "stream" in wanted:
            found.append(Subject("dense", server, 1, "unstreamed"))
        if wanted & {"dense", "lone"} and kind != "sqlite" and 2 in asked.workers:
            found += [Subject("dense", server, 2, who) for who in ("textbook", "kefu")]
        if "sparse" in wanted:
            found += [Subject("sparse", server, 1, who) for who in ("textbook", "kefu")]
        if "groups" in wanted:
            found.append(Subject("groups", server, 1, "kefu"))
        if "assistant" in wanted:
            found.append(Subject(ASSISTED, server, 1, "kefu"))
        if "routing" in wanted:
            found += [Subject(plan, server, 1, "kefu") for plan in ROUTING]
    if wanted & {"dense", "lone"} and kind == "mysql" and node.is_installed(asked.folder):
        found.append(Subject("dense", "ws", 1, "node"))
    return [subject for subject in found if 1 in asked.workers or subject.workers == 2]


def seconds_of(subject: Subject, asked: Options) -> float:
    """Seconds that a run takes, roughly: start, connect, measure, end."""
    groups, agents = getattr(asked.sizes, subject.plan)
    return 3.2 + (groups + agents) / 150 + sum(durations(subject, asked))


def durations(subject: Subject, asked: Options) -> tuple[float, float]:
    """Seconds under load (with the warm-up), and seconds with lone messages."""
    sizes, wanted = asked.sizes, asked.scenarios
    with_load = subject.plan != "dense" or {"dense", *COMPARED} & set(wanted)
    alone = subject.plan == "dense" and subject.workers == 1 and "lone" in wanted
    return (sizes.warmup + sizes.seconds if with_load else 0, sizes.lone if alone else 0)


def run(kind: str, folder: Path, asked: Options, progress: Progress) -> list[dict]:
    """Runs all rounds on one database; returns [{"database", fields of the subject, "rounds",
    "median", "range"}]."""
    wanted = subjects(asked, kind)
    if not wanted:
        return []
    results = [
        {"database": kind, **asdict(subject), "rounds": [], "lost": 0, "faults": {}}
        for subject in wanted
    ]
    with servers.run_database(kind, folder) as database:
        progress.begin(f"{database.name}: making conversations")
        sizes = {subject.plan: getattr(asked.sizes, subject.plan) for subject in wanted}
        plans = json.loads(
            servers.run_module("bench.data", database.environment, json.dumps(sizes))
        )
        for number in range(asked.sizes.rounds):
            for subject, result in zip(wanted, results, strict=True):
                progress.begin(f"{database.name}, {subject.title}, round {number + 1}")
                found = run_once(subject, database, plans[subject.plan], asked, folder / "log")
                add_round(result, found)
                progress.end(
                    seconds_of(subject, asked),
                    f"{database.name}, {subject.title}: {summary(found)}",
                )
    for result in results:
        result["median"] = medians(result["rounds"])
        result["range"] = ranges(result["rounds"])
    return results


def run_once(
    subject: Subject, database: servers.Database, plan: dict, asked: Options, log: Path
) -> dict:
    """Starts new server processes, and returns what bench/load.py measured on them."""
    environment = {**database.environment, "BENCH_KEEP": "1" if subject.who == "kept" else "0"}
    if subject.who == "unredis":
        del environment["REDIS_URL"]
    load, lone = durations(subject, asked)
    with run_subject(subject, environment, asked, log) as (pids, ports):
        job = {
            "plan": plan,
            "ports": ports,
            "ours": subject.who not in STRANGERS,
            "warmup": asked.sizes.warmup,
            "seconds": asked.sizes.seconds if load else 0,
            "lone": lone,
            "patience": PATIENCE,
            "pids": {"server": pids, "database": database.pids},
        }
        try:
            return json.loads(servers.run_module("bench.load", environment, input=json.dumps(job)))
        except servers.Failed as error:
            raise servers.Failed(f"{error}; the server said:\n{servers.log_tail(log)}") from error


def run_subject(subject: Subject, environment: dict, asked: Options, log: Path):
    """The context manager of a subject's server processes."""
    if subject.who == "node":
        return servers.run_node(asked.folder, environment, log)
    other = {"unstreamed": servers.UNSTREAMED, **dict.fromkeys(STRANGERS, servers.REFERENCE)}
    application = other.get(subject.who, servers.OURS)
    return servers.run_servers(subject.server, application, environment, log, subject.workers)


def add_round(result: dict, found: dict) -> None:
    """Adds the results of a round."""
    result["lost"] += found["lost"]
    for fault, number in found["faults"].items():
        result["faults"][fault] = result["faults"].get(fault, 0) + number
    result["rounds"].append({part: found[part] for part in ("load", "lone") if part in found})


def summary(found: dict) -> str:
    """The results of a round in a line."""
    words = []
    if load := found.get("load"):
        words.append(f"{load['per_second']:,.0f}/s, {load['cpu_ms']['message']:.3f} ms CPU each")
    if lone := found.get("lone"):
        words.append(f"alone {lone['ack_ms']['p50']:.2f} ms")
    if found["lost"]:
        words.append(f"LOST {found['lost']}")
    words += [f"FAULT {fault}: {number}" for fault, number in found["faults"].items()]
    return ", ".join(words)


def faults(results: list[dict]) -> list[str]:
    """A sentence for each error: results of a server that loses messages are worthless."""
    found = []
    for result in results:
        title = Subject(*(result[name] for name in Subject.__annotations__)).title
        where = f"{servers.NAMES[result['database']]}, {title}"
        if result["lost"]:
            found.append(f"{where}: {result['lost']} messages did not arrive")
        found += [
            f"{where}: {fault} ({number} times)" for fault, number in result["faults"].items()
        ]
        if any(part["delivered"] == 0 for one in result["rounds"] for part in one.values()):
            found.append(f"{where}: nothing was delivered")
    return found
