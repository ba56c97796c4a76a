"""A product of its own for tests that break things: no other test's database is harmed."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import websockets

from bench.servers import OURS
from crash.options import ROOT
from crash.services import System
from tests.chat.daphne import Wire
from tests.plugins.services import DATABASE

AGENTS, VISITORS = 60, 200
TEAM = "service"


class Home(System):
    """A house with people, all of one team. `visitor()` and `agent()` are somebody new each time,
    `agents` always the same three."""

    async def begin(self) -> "Home":
        self.plan = await self.open(AGENTS, VISITORS)
        self.guests = iter(one for one in self.plan["visitors"] if one["team"] == TEAM)
        staff = [one for one in self.plan["agents"] if one["teams"] == [TEAM]]
        self.agents, self.newcomers = staff[:3], iter(staff[3:])
        return self

    def visitor(self) -> dict:
        return next(self.guests)

    def agent(self) -> dict:
        return next(self.newcomers)

    def manage(self, code: str) -> None:
        """Runs Python in a shell of manage.py, as an administrator may."""
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True)

    async def connect(self, person: dict, worker: int = 0, greeted: bool = True) -> "Line":
        """An open socket of one of the plan's people to one of the server processes."""
        port = self.workers[worker].port
        path = "/ws/agent/"
        if "team" in person:
            path = f"/ws/visitor/{self.plan['enterprise']}/?team={person['team']}"
        headers = {"Cookie": person["cookie"], "Origin": f"http://127.0.0.1:{port}"}
        wire = Line(
            await websockets.connect(
                f"ws://127.0.0.1:{port}{path}",
                additional_headers=headers,
                max_size=2**20,
                ping_interval=None,
            )
        )
        if greeted:
            wire.hello = await wire.until("hello")
        return wire


class Line(Wire):
    """A socket that also tells what came all in all."""

    hello: dict

    async def heard(self) -> list[dict]:
        """What has been pushed up to now: it stands before the answer to a ping."""
        await self.send("ping")
        events = []
        while (event := await self.next())["type"] != "pong":
            events.append(event)
        return events

    async def missed(self, group: str, held: int = 0) -> list[int]:
        """The seqs that a sync brings. As a page does, it asks again after `unavailable`."""
        await self.send("sync", groups={group: held})
        seqs = []
        while (event := await self.next())["type"] != "synced":
            if event["type"] == "message.posted" and event["message"]["group"] == group:
                seqs.append(event["message"]["seq"])
            if event["type"] == "error":
                assert event["code"] == "unavailable", event
                await asyncio.sleep(0.2)
                await self.send("sync", groups={group: held})
        return sorted(set(seqs))

    async def closed(self) -> int:
        """The code that the server closes with."""
        await self.wire.wait_closed()
        return self.wire.close_code


def posted(events: list[dict], group: str) -> list[int]:
    """The seqs of a group's messages among events."""
    return [
        event["message"]["seq"]
        for event in events
        if event["type"] == "message.posted" and event["message"]["group"] == group
    ]


async def accepted_in_the_end(wire, content: str, client_id: str, **fields) -> dict:
    """As a page does: `unavailable` is sent again under the same client_id."""
    while (answer := await wire.say(content, client_id=client_id, **fields))["type"] == "error":
        assert answer["code"] == "unavailable", answer
        await asyncio.sleep(0.2)
    return answer


@pytest.fixture(scope="session")
def house():
    """A running house on the database of this test run: one process, or three and a Redis."""
    folder = Path(tempfile.mkdtemp(prefix="kefu-house-"))
    home = Home(DATABASE, "daphne", folder / "house", workers=1 if DATABASE == "sqlite" else 3)
    try:
        yield asyncio.run(home.begin())
    finally:
        home.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def served_by(house):
    """A function: the house serves another application, or by another server, for one test."""

    def serve(application: str = OURS, server: str = "daphne") -> None:
        for worker in house.workers:
            worker.kill()
            worker.application, worker.server = application, server
            worker.start()
        asyncio.run(all_ready())

    async def all_ready() -> None:
        for worker in house.workers:
            await worker.ready()

    yield serve
    serve()
