"""Guarantee 23, its part on one machine: a connection to Redis or to the database that goes dead
without a word is noticed, and meanwhile everybody is told."""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

import pytest
import websockets
from django.conf import settings

from tests.chat.helpers import new_id, within
from tests.plugins.services import DATABASE

from .conftest import Home, accepted_in_the_end, posted
from .relay import Relay

pytestmark = pytest.mark.skipif(DATABASE == "sqlite", reason="SQLite needs no line")
NOTICED = 15
"""Seconds after which a dead connection must be noticed."""
LEFT = 45
"""Seconds after which no page may be left on a host without a database."""


class Afar(Home):
    """A house whose servers reach the database and Redis by lines that can go dead."""

    def __init__(self, folder: Path):
        super().__init__(DATABASE, "uvicorn", folder, workers=2)
        self.to_database, self.to_redis = Relay(self.database.port), Relay(self.redis.port)
        self.environment["DATABASE_URL"] = f"mysql://root@127.0.0.1:{self.to_database.port}/kefu"
        self.environment["REDIS_URL"] = f"redis://127.0.0.1:{self.to_redis.port}/0"

    def close(self) -> None:
        super().close()
        self.to_database.close()
        self.to_redis.close()


@pytest.fixture(scope="module")
def afar():
    folder = Path(tempfile.mkdtemp(prefix="kefu-afar-"))
    house = Afar(folder / "house")
    try:
        yield asyncio.run(house.begin())
    finally:
        house.close()
        shutil.rmtree(folder, ignore_errors=True)


@within(90)
async def test_pushes_come_again_after_the_network_forgot_the_connections_to_redis(afar):
    agent = await afar.connect(afar.agents[0], worker=1)
    visitor = await afar.connect(afar.visitor(), worker=0)
    group = (await visitor.say("before"))["group"]
    await agent.until("message.posted")
    afar.to_redis.forget()
    begun = time.monotonic()
    while time.monotonic() - begun < NOTICED + 10:
        seq = (await visitor.say("after"))["seq"]
        await asyncio.sleep(1)
        if seq in posted(await agent.heard(), group):
            return
    raise AssertionError("a process heard nothing for good")


@within(90)
async def test_who_writes_behind_a_read_waits_for_one_forgotten_connection_alone(afar):
    """The thread that reads has another connection than the one that writes."""
    visitors = [await afar.connect(afar.visitor(), worker=0) for _ in range(6)]
    groups = [(await each.say("before"))["group"] for each in visitors]

    async def synced(wire, group):
        await wire.send("sync", groups={group: 0})
        await wire.until("synced")

    await asyncio.gather(*map(synced, visitors, groups))  # Each thread that reads has one now.
    await asyncio.sleep(6)  # Routing has stored what it had to, and the writer is idle.
    afar.to_database.forget()
    begun = time.monotonic()
    await visitors[0].send("sync", groups={groups[0]: 0})
    await visitors[0].say("after")
    assert time.monotonic() - begun < NOTICED


@within(120)
async def test_a_silent_database_is_told_to_all_within_seconds(afar):
    guests = [afar.visitor() for _ in range(6)]
    visitors = [await afar.connect(each, worker=n % 2) for n, each in enumerate(guests)]
    agent = await afar.connect(afar.agents[0])
    client_ids = [new_id() for _ in visitors]
    group = (await visitors[0].say("before"))["group"]
    afar.to_database.die()
    begun = time.monotonic()

    async def answered(wire, client_id):
        answer = await wire.say("is anybody there?", client_id=client_id)
        assert answer["code"] == "unavailable"
        return time.monotonic() - begun

    async def synced():
        await agent.send("sync", groups={group: 0})
        await agent.until("error", code="unavailable")
        return time.monotonic() - begun

    try:
        waits = [answered(*pair) for pair in zip(visitors, client_ids, strict=True)]
        took = await asyncio.gather(*waits, synced())
        assert max(took) < NOTICED, took
        headers = {"Cookie": afar.agents[1]["cookie"]}
        origin = f"http://127.0.0.1:{afar.workers[1].port}"
        url = f"ws://127.0.0.1:{afar.workers[1].port}/ws/agent/"
        async with websockets.connect(
            url, origin=origin, additional_headers=headers, open_timeout=NOTICED
        ) as late:
            await asyncio.wait_for(late.wait_closed(), NOTICED)
            assert late.close_code == 4503
        # Pages that stayed would never come to a host that reaches the database.
        assert {await each.closed() for each in (*visitors, agent)} == {4503}
        assert time.monotonic() - begun < LEFT
    finally:
        afar.to_database.revive()
    people = [await come_back(afar, each) for each in guests]
    for wire, client_id in zip(people, client_ids, strict=True):
        answer = await accepted_in_the_end(wire, "is anybody there?", client_id)
        assert answer["seq"] in (2, 3), "stored once"


async def come_back(house, person: dict):
    """As a page does: a host that has just got its database back refuses for some seconds."""
    while True:
        try:
            return await house.connect(person)
        except websockets.ConnectionClosed:
            await asyncio.sleep(0.2)


@within(60)
async def test_a_transaction_whose_host_is_lost_holds_nobody_up_for_long(afar):
    """The database would keep its locks for hours: nothing tells it that nobody ends it."""
    import MySQLdb

    visitor = await come_back(afar, afar.visitor())
    await visitor.say("before")
    options = settings.DATABASES["default"]["OPTIONS"]
    lost = MySQLdb.connect(
        host="127.0.0.1",
        port=afar.to_database.port,
        user="root",
        db="kefu",
        init_command=options["init_command"],
    )
    cursor = lost.cursor()
    cursor.execute("START TRANSACTION")
    cursor.execute("SELECT id FROM conversation FOR UPDATE")
    afar.to_database.forget()
    begun = time.monotonic()
    answer = await accepted_in_the_end(visitor, "after", new_id())
    assert answer["seq"] == 3 and time.monotonic() - begun < 2 * NOTICED
