"""What the crowds of all storms have in common: their pages, and agents who write meanwhile; and
the process in which such a crowd is."""

import asyncio
import json
import os
import sys
import traceback
from collections.abc import Callable

import orjson
import uvloop

from . import idle
from .measure import spread
from .storm_pages import Page, Writer

WRITERS = 10
"""Agents who write all the while, each in a conversation of their own."""
EVERY = 0.25
"""Seconds between an acknowledgement and the next message of whoever writes."""
BATCH = 50
"""Pages that are opened at the same time before a storm."""


class Crowd:
    """What all storms have: the job, and agents who write meanwhile."""

    def __init__(self, job: dict):
        self.job, self.plan, self.port = job, job["plan"], job["port"]
        self.tasks: list[asyncio.Task] = []
        self.writers: list[Writer] = []
        self.faults: dict[str, int] = {}

    def start(self, coroutine) -> None:
        self.tasks.append(asyncio.create_task(coroutine))

    def fault(self, reason: str) -> None:
        self.faults[reason] = self.faults.get(reason, 0) + 1

    def visitor_page(self, cookie: str, on_event=None) -> Page:
        return Page(self.port, f"/ws/visitor/{self.plan['enterprise']}/", cookie, on_event)

    def agent_page(self, agent: dict, on_event=None) -> Page:
        return Page(self.port, "/ws/agent/", agent["cookie"], on_event)

    async def let_agents_write(self) -> None:
        """Has the first agents write until the end, and waits until they do. Raises what ended one
        of them."""
        agents, visitors = (self.plan[who][:WRITERS] for who in ("agents", "visitors"))
        for agent, visitor in zip(agents, visitors, strict=True):
            self.let_write("/ws/agent/", agent["cookie"], visitor["group"])
        while not all(writer.acks for writer in self.writers):
            await asyncio.sleep(0.05)
            for task in self.tasks:
                if task.done():
                    task.result()

    def let_visitors_write(self, visitors: list[dict]) -> None:
        for one in visitors:
            self.let_write(f"/ws/visitor/{self.plan['enterprise']}/", one["cookie"], one["group"])

    def let_write(self, path: str, cookie: str, group: str) -> None:
        """Has somebody write in a conversation until the end."""
        self.writers.append(Writer(self.port, path, cookie, group, EVERY))
        self.start(self.writers[-1].live())

    async def open_all(self, pages: list[Page]) -> None:
        for start in range(0, len(pages), BATCH):
            some = pages[start : start + BATCH]
            for page in some:
                self.start(page.stay())
            await asyncio.gather(*(page.open.wait() for page in some))

    def acks(self, begin: float, end: float) -> dict:
        """The agents' acknowledgements of messages that were sent between two moments."""
        times = [
            taken for writer in self.writers for sent, taken in writer.acks if begin <= sent <= end
        ]
        return {**spread(times), "n": len(times), "longest": max(times, default=0) * 1000}

    def finish(self, found: dict) -> dict:
        for writer in self.writers:
            for code in writer.refused:
                self.fault(f"an agent was told {code}")
            if writer.lost:
                self.fault("an agent's message was not answered")
        return {**found, "faults": self.faults}


def run(kind: type[Crowd], step: Callable) -> None:
    """Reads a job, one line of JSON, and prints as another one what `step` measures with a crowd of
    this kind. Ends the process."""
    idle.allowed_files()
    uvloop.run(measure(kind(orjson.loads(sys.stdin.readline())), step))


async def measure(crowd: Crowd, step: Callable) -> None:
    try:
        print(json.dumps(crowd.finish(await step(crowd))), flush=True)
    except Exception:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)  # The pages would have to be called off one by one.
