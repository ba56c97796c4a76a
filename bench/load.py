"""The load: visitors write, one message in flight each; agents receive. A process of its own.

`python -m bench.load` reads a job as JSON from standard input and writes what it measured to
standard output. The job: {"plan" (see data.py), "port", "ours": bool, "warmup", "seconds",
"lone" (seconds each), "pids": {"server": [...], "database": [...]}}.

A message counts as delivered once its sender has the acceptance and all five agents have the
message. Then the visitor sends the next one, so a slow server is asked less, never flooded.
"""

import asyncio
import json
import os
import statistics
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from . import wire

CONTENT = "您好，我昨天下的订单 20260731-4471 还没有发货，能帮我看一下吗？谢谢！"
PATIENCE = 10
"""Seconds after which a message counts as lost, and the visitor goes on."""
TOLD = 512 * 1024
"""Bytes received after which a socket tells how far it is (docs/protocol.md)."""
PAUSE = 0.02
"""Seconds between two lone messages: the server is idle again."""


@dataclass(slots=True)
class Flight:
    """A message on its way: `missing` agents have not seen it yet."""

    visitor: int
    sent: float
    missing: int
    acked: bool = False
    landed: asyncio.Future | None = None


@dataclass
class Counts:
    """What happened since the last reset. Times in seconds."""

    delivered: int = 0
    lost: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    acks: list[float] = field(default_factory=list)
    deliveries: list[float] = field(default_factory=list)


class Load:
    def __init__(self, job: dict):
        self.job = job
        self.visitors = job["plan"]["visitors"]
        self.flights: dict[str, Flight] = {}
        self.counts = Counts()
        self.senders: list[wire.Socket] = []
        self.sockets: list[wire.Socket] = []
        self.running = False

    async def run(self) -> dict:
        await self.connect()
        keeper = asyncio.create_task(self.keep())
        self.running = True
        for number in range(len(self.visitors)):
            self.send(number)
        await asyncio.sleep(self.job["warmup"])
        result = await self.measured(asyncio.sleep(self.job["seconds"]))
        self.running = False
        while self.flights:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        lone = await self.measured(self.write_alone(self.job["lone"]))
        keeper.cancel()
        for socket in self.sockets:
            socket.close()
        return {**result, "lone": lone}

    async def connect(self) -> None:
        """Opens every socket, in tens, and waits for all greetings."""
        plan, opening = self.job["plan"], []
        for agent in plan["agents"]:
            opening.append(self.open("/ws/agent/", agent, self.read_agent))
        for number, visitor in enumerate(self.visitors):
            path = f"/ws/visitor/{plan['enterprise']}/"
            opening.append(self.open(path, visitor, self.reader_of(number)))
        for start in range(0, len(opening), 10):
            self.sockets += await asyncio.gather(*opening[start : start + 10])
        self.senders = self.sockets[len(plan["agents"]) :]
        deadline = time.monotonic() + 60
        while not all(socket.frames for socket in self.sockets):
            if time.monotonic() > deadline:
                raise SystemExit("the server did not greet every socket within 60 s")
            await asyncio.sleep(0.05)

    def open(self, path: str, person: dict, received):
        if not self.job["ours"]:
            path = f"/ws/reference/?who={person['who']}"
        return wire.connect(self.job["port"], path, person["cookie"], received, self.ended)

    def ended(self, reason: str) -> None:
        self.note(reason)

    def note(self, error: str) -> None:
        self.counts.errors[error] = self.counts.errors.get(error, 0) + 1

    def send(self, number: int, landed: asyncio.Future | None = None) -> None:
        """Sends the next message of a visitor."""
        visitor, client_id = self.visitors[number], str(uuid.uuid4())
        self.flights[client_id] = Flight(
            number, time.perf_counter(), len(visitor["agents"]), landed=landed
        )
        frame = {
            "type": "message.send",
            "client_id": client_id,
            "group": visitor["group"],
            "content": CONTENT,
        }
        self.senders[number].send(orjson.dumps(frame))

    def read_agent(self, payload: bytes) -> None:
        for event in events(payload):
            if event["type"] == "message.posted":
                flight = self.flights.get(event["message"]["client_id"])
                if flight:
                    flight.missing -= 1
                    self.check(event["message"]["client_id"], flight)
            elif event["type"] == "error":
                self.note(event["code"])

    def reader_of(self, number: int):
        def read(payload: bytes) -> None:
            for event in events(payload):
                if event["type"] == "message.accepted":
                    flight = self.flights.get(event["client_id"])
                    if flight and not flight.acked:
                        flight.acked = True
                        self.counts.acks.append(time.perf_counter() - flight.sent)
                        self.check(event["client_id"], flight)
                elif event["type"] == "error":
                    self.note(event["code"])

        return read

    def check(self, client_id: str, flight: Flight) -> None:
        """Counts a message that has arrived everywhere, and sends the visitor's next."""
        if not flight.acked or flight.missing:
            return
        del self.flights[client_id]
        self.counts.delivered += 1
        self.counts.deliveries.append(time.perf_counter() - flight.sent)
        if flight.landed:
            flight.landed.set_result(None)
        elif self.running:
            self.send(flight.visitor)

    async def keep(self) -> None:
        """Tells how much was received, and gives up on messages that do not arrive."""
        told = dict.fromkeys(self.sockets, 0)
        spoken = time.monotonic()
        while True:
            await asyncio.sleep(0.1)
            silent = time.monotonic() - spoken > 20
            if silent:
                spoken = time.monotonic()
            for socket in self.sockets:
                if silent or socket.bytes - told[socket] > TOLD:
                    told[socket] = socket.bytes
                    socket.send(b'{"type":"ping","got":%d}' % socket.frames)
            now = time.perf_counter()
            for client_id, flight in list(self.flights.items()):
                if now - flight.sent > PATIENCE:
                    del self.flights[client_id]
                    self.counts.lost += 1
                    if flight.landed:
                        flight.landed.set_result(None)
                    elif self.running:
                        self.send(flight.visitor)

    async def write_alone(self, seconds: float) -> None:
        """One message at a time on an idle server, from one visitor after another."""
        end, number = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            landed = asyncio.get_running_loop().create_future()
            self.send(number % len(self.visitors), landed)
            await landed
            await asyncio.sleep(PAUSE)
            number += 1

    async def measured(self, work) -> dict:
        """Runs `work` and returns what was delivered meanwhile, and what it cost."""
        self.counts = Counts()
        before, start = self.cpu(), time.perf_counter()
        await work
        seconds, after = time.perf_counter() - start, self.cpu()
        counts = self.counts
        delivered = max(counts.delivered, 1)
        return {
            "seconds": seconds,
            "delivered": counts.delivered,
            "per_second": counts.delivered / seconds,
            "ack_ms": spread(counts.acks),
            "delivery_ms": spread(counts.deliveries),
            "cpu_ms": {part: (after[part] - before[part]) * 1000 / delivered for part in after},
            "lost": counts.lost,
            "errors": counts.errors,
        }

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far of each part's processes, and of this driver."""
        pids = {**self.job["pids"], "driver": [os.getpid()]}
        return {part: sum(map(cpu_seconds, numbers)) for part, numbers in pids.items()}


def events(payload: bytes) -> list[dict]:
    """The events of a frame: ours are arrays, the reference sends them one by one."""
    found = orjson.loads(payload)
    return found if isinstance(found, list) else [found]


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of a process."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def spread(seconds: list[float]) -> dict[str, float]:
    """Median and 99th percentile in milliseconds."""
    if len(seconds) < 2:
        return {"p50": 0.0, "p99": 0.0}
    cuts = statistics.quantiles(seconds, n=100)
    return {"p50": cuts[49] * 1000, "p99": cuts[98] * 1000}


if __name__ == "__main__":
    try:
        from uvloop import run
    except ImportError:
        from asyncio import run
    json.dump(run(Load(json.load(sys.stdin)).run()), sys.stdout)
