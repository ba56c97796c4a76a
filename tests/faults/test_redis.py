"""Guarantee 6: whatever Redis loses arrives with the next sync, and nothing waits for Redis."""

import asyncio
import time

import pytest

from tests.chat.helpers import within
from tests.plugins.services import DATABASE

from .conftest import posted

pytestmark = pytest.mark.skipif(DATABASE != "mysql", reason="one process needs no Redis")
MESSAGES = 20


@within(60)
@pytest.mark.parametrize("loss, lost", [("half", range(2, 19)), ("all", [MESSAGES])])
async def test_what_the_layer_loses_comes_with_a_sync(house, served_by, loss, lost):
    await asyncio.to_thread(served_by, f"tests.faults.lossy:{loss}")
    agent = await house.connect(house.agents[0], worker=1)
    visitor = await house.connect(house.visitor(), worker=0)
    group = (await visitor.say("first"))["group"]
    begun = time.monotonic()
    seqs = [(await visitor.say(f"{number}"))["seq"] for number in range(MESSAGES)]
    assert time.monotonic() - begun < 5, "nobody waits for the layer"
    await asyncio.sleep(1)
    pushed = posted(await agent.heard(), group)
    assert len(set(seqs) - set(pushed)) in lost
    assert await agent.missed(group) == [1, 2, *seqs]


async def kill(redis):
    redis.kill()


async def freeze(redis):
    redis.freeze()


async def flush(redis):
    import redis as library

    with library.Redis(port=redis.port) as client:
        client.flushall()
        client.client_kill_filter(_type="pubsub", skipme=True)


async def start(redis):
    redis.start()
    await redis.ready()


async def thaw(redis):
    redis.thaw()


async def wait(redis):
    pass


@within(90)
@pytest.mark.parametrize("hurt, heal", [(kill, start), (freeze, thaw), (flush, wait)])
async def test_messages_commit_and_arrive_without_redis_and_are_pushed_after(house, hurt, heal):
    agent = await house.connect(house.agents[0], worker=1)
    visitor = await house.connect(house.visitor(), worker=0)
    group = (await visitor.say("before"))["group"]
    await agent.until("message.posted")
    await hurt(house.redis)
    begun = time.monotonic()
    seqs = [(await visitor.say(f"{number}"))["seq"] for number in range(MESSAGES)]
    late = await house.connect(house.agents[1], worker=1)
    assert time.monotonic() - begun < 10, "neither a message nor a new socket waits for Redis"
    for wire in (agent, late):
        assert await wire.missed(group) == [1, 2, *seqs]
    answer = await agent.say("from the other process", group=group)
    assert answer["seq"] in await visitor.missed(group, seqs[-1])
    await heal(house.redis)
    for _second in range(30):
        seq = (await visitor.say("after"))["seq"]
        await asyncio.sleep(1)
        if seq in posted(await agent.heard(), group):
            return
    raise AssertionError("pushes did not come back")
