"""A product of its own for tests that break things: no other test's database is harmed."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import pytest
import websockets

from crash.services import House
from tests.chat.daphne import Wire
from tests.plugins.services import DATABASE

AGENTS, VISITORS = 6, 200


class Home(House):
    """A house with people: agents 0 and 3 are of team service alone, as visitors with an even
    number are. `visitor()` is somebody new each time."""

    async def begin(self) -> "Home":
        self.plan = await self.open(AGENTS, VISITORS)
        self.strangers = iter(self.plan["visitors"][::2])
        return self

    def visitor(self) -> dict:
        return next(self.strangers)

    async def connect(self, person: dict, worker: int = 0, greeted: bool = True) -> Wire:
        """An open socket of one of the plan's people to one of the server processes."""
        port = self.workers[worker].port
        path = "/ws/agent/"
        if "team" in person:
            path = f"/ws/visitor/{self.plan['enterprise']}/?team={person['team']}"
        headers = {"Cookie": person["cookie"], "Origin": f"http://127.0.0.1:{port}"}
        wire = Wire(
            await websockets.connect(
                f"ws://127.0.0.1:{port}{path}", additional_headers=headers, max_size=2**20
            )
        )
        if greeted:
            wire.hello = await wire.until("hello")
        return wire


@pytest.fixture(scope="module")
def make_house():
    """A function: a running house, on the database of this test run. All end with the module."""
    houses = []

    def make(**options) -> Home:
        folder = Path(tempfile.mkdtemp(prefix="kefu-house-"))
        home = Home(DATABASE, options.pop("server", "daphne"), folder / "house", **options)
        houses.append((home, folder))
        return asyncio.run(home.begin())

    yield make
    for home, folder in houses:
        home.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def house(make_house) -> Home:
    return make_house()
