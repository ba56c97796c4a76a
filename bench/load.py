"""The load: visitors send messages, and agents receive them. It runs in a process of its own.

`python -m bench.load` reads a job as JSON from standard input, and writes the results as JSON. The
job is {"plan" (data.py), "ports", "ours": bool, "warmup", "seconds", "lone" (in seconds; 0 leaves
that part out), "patience", "pids": {"server": [...], "database": [...]}}.

A message is delivered when its sender has the acceptance and each of the five agents has the
message. Then another visitor sends the next one. So 100 messages are in flight at any time, for any
number of groups, and a slow server gets fewer messages and is never flooded.
"""

import asyncio
import json
import sys
import time
import uuid
from collections import deque
from dataclasses import dataclass, field

import orjson
import uvloop

from . import wire
from .measure import cpu_of, spread

CONTENT = "您好，我昨天下的订单 20260731-4471 还没有发货，能帮我看一下吗？谢谢！"
IN_FLIGHT = 100
"""Messages in flight at a time, or one for each visitor if there are fewer."""
ACK_BYTES = 512 * 1024
"""Bytes after which a socket acknowledges what it has received (docs/protocol.md)."""
PING_INTERVAL = 20
"""Seconds between two pings of a socket."""
PAUSE = 0.02
"""Seconds between two lone messages, so that the server is idle again."""


@dataclass(slots=True)
class Flight:
    """A message in flight. The agents in `missing` have not received it yet."""

    visitor: int
    sent: float
    missing: set[str]
    acked: bool = False
    done: asyncio.Future | None = None


@dataclass
class Counts:
    """Counts since the last reset; times are in seconds."""

    delivered: int = 0
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
        self.waiting = deque(range(len(self.visitors)))
        self.running = False
        self.lost = 0
        self.faults: dict[str, int] = {}

    async def run(self) -> dict:
        """Returns {"load": figures, "lone": figures, "lost", "faults"}; the last two are of both
        parts."""
        await self.connect()
        pings = asyncio.create_task(self.ping_all())
        result = {}
        if self.job["seconds"]:
            result["load"] = await self.measure_load()
        if self.job["lone"]:
            await self.measured(self.send_one_by_one(0.2))  # warms up
            result["lone"] = await self.measured(self.send_one_by_one(self.job["lone"]))
        pings.cancel()
        for socket in self.sockets:
            socket.close()
        return {**result, "lost": self.lost, "faults": self.faults}

    async def connect(self) -> None:
        """Opens all sockets, ten at a time and distributed over the ports; waits for their first
        frames."""
        plan = self.job["plan"]
        place = f"/ws/visitor/{plan['enterprise']}/"
        opening = [
            *(("/ws/agent/", agent, self.agent_reader(agent["who"])) for agent in plan["agents"]),
            *((place, visitor, self.read_visitor) for visitor in self.visitors),
        ]
        ports = self.job["ports"]
        for start in range(0, len(opening), 10):
            self.sockets += await asyncio.gather(
                *(
                    self.open(ports[number % len(ports)], *opening[number])
                    for number in range(start, min(start + 10, len(opening)))
                )
            )
        self.senders = self.sockets[len(plan["agents"]) :]
        deadline = time.monotonic() + 60
        while not all(socket.frames for socket in self.sockets):
            if time.monotonic() > deadline:
                raise SystemExit("the server did not greet every socket within 60 s")
            await asyncio.sleep(0.05)

    def open(self, port: int, path: str, person: dict, received):
        if not self.job["ours"]:
            path = f"/ws/reference/?who={person['who']}"
        return wire.connect(port, path, person["cookie"], received, self.fault)

    def fault(self, reason: str) -> None:
        """Counts an error of the server; with any of them the results are worthless."""
        self.faults[reason] = self.faults.get(reason, 0) + 1

    async def measure_load(self) -> dict:
        """Keeps IN_FLIGHT messages in flight, and measures after the warm-up."""
        self.running = True
        for _ in range(min(IN_FLIGHT, len(self.visitors))):
            self.send_next()
        await asyncio.sleep(self.job["warmup"])
        found = await self.measured(asyncio.sleep(self.job["seconds"]))
        self.running = False
        while self.flights:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        return found

    def send_next(self) -> None:
        """Sends a message of the visitor who has been waiting longest."""
        self.send(self.waiting.popleft())

    def send(self, number: int, done: asyncio.Future | None = None) -> None:
        """Sends a message of one visitor."""
        visitor, client_id = self.visitors[number], str(uuid.uuid4())
        self.flights[client_id] = Flight(
            number, time.perf_counter(), set(visitor["agents"]), done=done
        )
        frame = {
            "type": "message.send",
            "client_id": client_id,
            "group": visitor["group"],
            "content": CONTENT,
        }
        self.senders[number].send(orjson.dumps(frame))

    def agent_reader(self, who: str):
        def read(payload: bytes) -> None:
            for event in events(payload):
                if event["type"] == "message.posted":
                    if event["message"]["kind"] == "notice":
                        continue  # Whom routing has given the conversation.
                    client_id = event["message"]["client_id"]
                    flight = self.flights.get(client_id)
                    if flight is None or who not in flight.missing:
                        self.fault("a message arrived twice, late, or at an agent not of its group")
                        continue
                    flight.missing.discard(who)
                    self.check_delivered(client_id, flight)
                elif event["type"] == "error":
                    self.fault(f"an agent was told {event['code']}")

        return read

    def read_visitor(self, payload: bytes) -> None:
        for event in events(payload):
            if event["type"] == "message.accepted":
                flight = self.flights.get(event["client_id"])
                if flight and not flight.acked:
                    flight.acked = True
                    self.counts.acks.append(time.perf_counter() - flight.sent)
                    self.check_delivered(event["client_id"], flight)
            elif event["type"] == "error":
                self.fault(f"a visitor was told {event['code']}")

    def check_delivered(self, client_id: str, flight: Flight) -> None:
        """Counts a message that everybody has received, and sends the next one."""
        if not flight.acked or flight.missing:
            return
        self.counts.delivered += 1
        self.counts.deliveries.append(time.perf_counter() - flight.sent)
        self.finish(client_id, flight)

    def finish(self, client_id: str, flight: Flight) -> None:
        del self.flights[client_id]
        if flight.done:
            flight.done.set_result(None)
            return
        self.waiting.append(flight.visitor)
        if self.running:
            self.send_next()

    async def ping_all(self) -> None:
        """Acknowledges received bytes, sends pings, and counts messages that do not arrive as
        lost."""
        acknowledged = dict.fromkeys(self.sockets, 0)
        pinged_at = time.monotonic()
        while True:
            await asyncio.sleep(0.1)
            silent = time.monotonic() - pinged_at > PING_INTERVAL
            if silent:
                pinged_at = time.monotonic()
            for socket in self.sockets:
                if silent or socket.bytes - acknowledged[socket] > ACK_BYTES:
                    acknowledged[socket] = socket.bytes
                    socket.send(b'{"type":"ping","got":%d}' % socket.frames)
            now = time.perf_counter()
            for client_id, flight in list(self.flights.items()):
                if now - flight.sent > self.job["patience"]:
                    self.lost += 1
                    self.finish(client_id, flight)

    async def send_one_by_one(self, seconds: float) -> None:
        """Sends one message at a time to an idle server, of one visitor after the other."""
        end, number = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            done = asyncio.get_running_loop().create_future()
            self.send(number % len(self.visitors), done)
            await done
            await asyncio.sleep(PAUSE)
            number += 1

    async def measured(self, work) -> dict:
        """Awaits `work`; returns the deliveries meanwhile, and their cost."""
        self.counts = Counts()
        before, start = cpu_of(self.job["pids"]), time.perf_counter()
        await work
        seconds, after = time.perf_counter() - start, cpu_of(self.job["pids"])
        counts = self.counts
        delivered = max(counts.delivered, 1)
        spent = {part: (after[part] - before[part]) * 1000 / delivered for part in after}
        return {
            "seconds": seconds,
            "delivered": counts.delivered,
            "per_second": counts.delivered / seconds,
            "ack_ms": spread(counts.acks),
            "delivery_ms": spread(counts.deliveries),
            "cpu_ms": {**spent, "message": spent["server"] + spent["database"]},
        }


def events(payload: bytes) -> list[dict]:
    """The events of a frame: Kefu sends arrays, the reference one event a frame."""
    found = orjson.loads(payload)
    return found if isinstance(found, list) else [found]


if __name__ == "__main__":
    json.dump(uvloop.run(Load(json.load(sys.stdin)).run()), sys.stdout)
