"""Runs the benchmark: `python -m bench.run`, as bin/bench does.

For each database: data once, then in each round every subject in turn (Kefu and the
reference, on daphne and on uvicorn), each with a fresh server process and a warm-up. Rounds
are interleaved, so a busy minute of the machine hits all alike; medians over rounds count.
"""

import itertools
import json
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import house, machine, options, report


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asked = options.read(sys.argv[1:])
    asked.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="run-", dir=asked.folder))
    facts = machine.describe(scratch)
    report.introduce(asked, facts)
    try:
        results = [measure(kind, scratch / kind, asked) for kind in asked.databases]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for result in results:
        report.table(result)
    path = asked.folder / time.strftime("bench-%Y%m%d-%H%M%S.json")
    path.write_text(report.as_json(asked, facts, results))
    report.say(f"\nwritten to {path}")


def measure(kind: str, folder: Path, asked: options.Options) -> dict:
    """All rounds on one database: {"database", "subjects": [{"who", "server", "rounds", …}]}."""
    subjects = [
        {"who": who, "server": server, "rounds": []}
        for server, who in itertools.product(asked.servers, ("reference", "kefu"))
    ]
    with house.database(kind, folder, asked.redis) as database:
        report.say(f"\n{database.name}: making {asked.groups} conversations …")
        plan = make_data(database, asked)
        steps = asked.rounds * len(subjects)
        for step in range(steps):
            subject = subjects[step % len(subjects)]
            found = one_run(subject, database, plan, asked, folder / "server.log")
            subject["rounds"].append(found)
            report.progress(step + 1, steps, database.name, subject, found)
    for subject in subjects:
        subject["median"] = medians(subject["rounds"])
    return {"database": database.name, "subjects": subjects}


def make_data(database: house.Database, asked: options.Options) -> dict:
    command = [sys.executable, "-m", "bench.data", str(asked.groups), str(asked.agents)]
    done = subprocess.run(
        command, cwd=options.ROOT, env=database.environment, stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)


def one_run(
    subject: dict, database: house.Database, plan: dict, asked: options.Options, log: Path
) -> dict:
    """One server, loaded once; what bench/load.py measured."""
    ours = subject["who"] == "kefu"
    application = house.OURS if ours else house.REFERENCE
    with house.server(subject["server"], application, database.environment, log) as (pid, port):
        job = {
            "plan": plan,
            "port": port,
            "ours": ours,
            "warmup": asked.warmup,
            "seconds": asked.seconds,
            "lone": asked.lone,
            "pids": {"server": [pid], "database": database.pids},
        }
        driver = [sys.executable, "-m", "bench.load"]
        done = subprocess.run(
            driver, cwd=options.ROOT, input=json.dumps(job), stdout=subprocess.PIPE, text=True
        )
        if done.returncode != 0:
            raise SystemExit(f"the load driver failed; the server said:\n{tail(log)}")
    return json.loads(done.stdout)


def tail(log: Path) -> str:
    return log.read_text()[-4000:]


def medians(rounds: list[dict]) -> dict:
    """The same shape as one round, each number the median over all; lists and texts left out."""
    return {
        key: medians([one[key] for one in rounds])
        if isinstance(value, dict)
        else statistics.median(one[key] for one in rounds)
        for key, value in rounds[0].items()
        if key != "errors"
    }


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
