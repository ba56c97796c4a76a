"""Idle sockets: many visitors with an open page who send nothing, on one server process.

`python -m bench.idle` is the process that opens the sockets. It reads a job as JSON from standard
input, {"port", "pid", "enterprise", "cookies", "calm": seconds, "interval": seconds}, and writes
the results as JSON. Memory is the growth of the server's resident memory after the first 20
sockets, for which the server loads modules.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from . import servers, wire
from .measure import cpu_seconds, memory_kib
from .options import Options
from .progress import Progress

WARMUP_SOCKETS = 20
BATCH = 50
"""Sockets that are opened at the same time."""
INTERVAL = 25
"""Seconds between two pings of a page (docs/protocol.md)."""
SPARE = 200
"""Open files that server and client need besides the sockets."""


def seconds_of(asked: Options) -> float:
    """Seconds that one server takes, roughly."""
    return 6 + asked.sizes.idle * 0.006 + asked.sizes.calm


def run(folder: Path, asked: Options, progress: Progress) -> list[dict]:
    """Measures each server on SQLite; returns a list of {"server", "sockets", "kib" each,
    "cpu_percent" of a core, "open_s", …}."""
    number = min(asked.sizes.idle, allowed_files() - SPARE)
    if number < asked.sizes.idle:
        progress.say(f"only {number} files may be open (ulimit -n): so many idle sockets")
    found = []
    for server in asked.servers:
        progress.begin(f"{number} idle sockets, {server}")
        with servers.run_database("sqlite", folder / server) as database:
            sizes = json.dumps({"idle": [0, number]})
            plan = json.loads(servers.run_module("bench.data", database.environment, sizes))["idle"]
            result = {
                "server": server,
                **measure_server(server, plan, database, asked, folder / "log"),
            }
        found.append(result)
        progress.end(
            seconds_of(asked),
            f"{result['sockets']} idle sockets, {server}: {result['kib']:.1f} KiB each, "
            f"{result['cpu_percent']:.0f} % of a core",
        )
    return found


def allowed_files() -> int:
    """Raises the limit of open files as far as the system allows; returns it."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def measure_server(
    server: str, plan: dict, database: servers.Database, asked: Options, log: Path
) -> dict:
    with servers.run_servers(server, servers.OURS, database.environment, log, 1) as (pids, ports):
        job = {
            **plan,
            "port": ports[0],
            "pid": pids[0],
            "calm": asked.sizes.calm,
            "interval": INTERVAL,
        }
        return json.loads(
            servers.run_module("bench.idle", database.environment, input=json.dumps(job))
        )


class IdleClients:
    """Keeps sockets open, and sends pings as pages do, so that the server does not close them."""

    def __init__(self, job: dict):
        self.job = job
        self.sockets: list[wire.Socket] = []
        self.ended: dict[str, int] = {}

    async def run(self) -> dict:
        cookies, pid = self.job["cookies"], self.job["pid"]
        pings = asyncio.create_task(self.ping_all())
        await self.open(cookies[:WARMUP_SOCKETS])
        before, start = memory_kib(pid), time.perf_counter()
        await self.open(cookies[WARMUP_SOCKETS:])
        opened = time.perf_counter() - start
        await asyncio.sleep(2)
        cpu, start = cpu_seconds(pid), time.perf_counter()
        await asyncio.sleep(self.job["calm"])
        spent = (cpu_seconds(pid) - cpu) / (time.perf_counter() - start)
        grown = memory_kib(pid) - before
        pings.cancel()
        return {
            "sockets": len(self.sockets),
            "kib": grown / (len(cookies) - WARMUP_SOCKETS) if len(cookies) > WARMUP_SOCKETS else 0,
            "resident_mib": (before + grown) / 1024,
            "cpu_percent": 100 * spent,
            "open_s": opened,
            "ended": self.ended,
        }

    async def open(self, cookies: list[str]) -> None:
        """Opens a socket for each cookie, and waits for its first frame."""
        path = f"/ws/visitor/{self.job['enterprise']}/"
        for start in range(0, len(cookies), BATCH):
            opening = [
                wire.connect(self.job["port"], path, cookie, lambda payload: None, self.end)
                for cookie in cookies[start : start + BATCH]
            ]
            self.sockets += await asyncio.gather(*opening)
        while not all(socket.frames or socket.over for socket in self.sockets):
            await asyncio.sleep(0.05)

    def end(self, reason: str) -> None:
        self.ended[reason] = self.ended.get(reason, 0) + 1

    async def ping_all(self) -> None:
        """Sends a ping on each socket once in an interval, evenly distributed."""
        position = 0.0
        while True:
            await asyncio.sleep(0.1)
            until = position + len(self.sockets) * 0.1 / self.job["interval"]
            for number in range(int(position), int(until)):
                socket = self.sockets[number % len(self.sockets)]
                if not socket.over:
                    socket.send(b'{"type":"ping","got":%d}' % socket.frames)
            position = until % (len(self.sockets) * 1_000) if self.sockets else 0.0


def faults(results: list[dict]) -> list[str]:
    """A sentence for each reason for which sockets were closed."""
    return [
        f"idle sockets, {result['server']}: {reason} ({number} times)"
        for result in results
        for reason, number in result["ended"].items()
    ]


if __name__ == "__main__":
    allowed_files()
    json.dump(asyncio.run(IdleClients(json.load(sys.stdin)).run()), sys.stdout)
