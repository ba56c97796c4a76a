"""Guarantee 10: presence is right within 60 s of a kill -9 or a freeze, in real time."""

import asyncio
import time

import pytest

from tests.chat.helpers import within
from tests.plugins.services import DATABASE

WITHIN = 60
"""Seconds (docs/reliability.md, 10)."""


@pytest.mark.skipif(DATABASE == "sqlite", reason="somebody on another process must see it")
@within(120)
async def test_people_of_a_process_that_died_or_hangs_are_offline_within_a_minute(house):
    people = house.agents
    wires = [await house.connect(agent, worker) for worker, agent in enumerate(people)]
    watcher, gone = wires[2], {people[0]["who"], people[1]["who"]}
    await asyncio.sleep(4)
    await watcher.heard()
    house.workers[0].kill()
    house.workers[1].freeze()
    begun, seen = time.monotonic(), {}
    asked = asyncio.create_task(keep_awake(watcher))
    while set(seen) != gone:
        event = await watcher.until("presence")
        if event.get("member") in gone:
            assert event["online"] is False
            seen[event["member"]] = time.monotonic() - begun
    assert max(seen.values()) <= WITHIN
    house.workers[0].start()
    house.workers[1].thaw()
    back = await watcher.until("presence", member=people[1]["who"])
    assert back["online"] is True
    asked.cancel()
    await house.workers[0].ready()


async def keep_awake(wire) -> None:
    """A socket that says nothing for 60 s is closed."""
    while True:
        await asyncio.sleep(10)
        await wire.send("ping")
