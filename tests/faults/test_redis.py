"""Guarantee 6: whatever Redis loses arrives with the next sync, and nothing waits for Redis.
Neither does routing (guarantee 17)."""

import asyncio
import time
from datetime import datetime, timedelta

import pytest

from tests.chat.helpers import within
from tests.plugins.services import DATABASE

from .conftest import posted

pytestmark = pytest.mark.skipif(DATABASE == "sqlite", reason="one process needs no Redis")
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
    assert time.monotonic() - begun < 10, "nobody waits for the layer"
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
    assert time.monotonic() - begun < 20, "neither a message nor a new socket waits for Redis"
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


ROUTED = """
from accounts.models import Member, Team
from chat.models import Conversation
# What other tests have left would come first.
Conversation.objects.filter(ent_id={code!r}).update(open=False, waiting_since=None)
Team.objects.filter(enterprise__code={code!r}, slug="service").update(routing={mode!r})
Member.objects.filter(enterprise__code={code!r}).exclude(uuid={who!r}).update(busy={busy})
"""
OFFER_SECONDS = 30
WITHIN = 2
"""Seconds of guarantee 17, from the visitor's message to the decision, by the rows' own times."""


@pytest.fixture
def routed(house):
    """A function: the team routes by this way, and only this member is free."""

    def change(mode: str, who: str, busy: bool = True) -> None:
        facts = {"code": house.plan["enterprise"], "mode": mode, "who": who, "busy": busy}
        house.manage(ROUTED.format(**facts))

    yield change
    change("everyone", "", busy=False)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


async def decided(agent, group: str) -> tuple[datetime | None, datetime | None]:
    """What the agent's page learns by a sync: when the visitor wrote, and when they got the
    conversation, offered or assigned."""
    wrote = given = None
    await agent.send("sync", groups={group: 0}, inbox=True, view="all")
    while (event := await agent.next())["type"] != "synced":
        if event["type"] == "message.posted" and event["message"]["group"] == group:
            message = event["message"]
            if message["kind"] == "message":
                wrote = moment(message["created_at"])
            elif (message["data"] or {}).get("event") == "claimed":
                given = moment(message["created_at"])
    for offer in event["offers"]:
        if offer["group"] == group:
            given = moment(offer["until"]) - timedelta(seconds=OFFER_SECONDS)
    return wrote, given


async def shown(agent, group: str) -> tuple[datetime, datetime]:
    """The same, once the page has it."""
    for _try in range(40):
        wrote, given = await decided(agent, group)
        if wrote and given:
            return wrote, given
        await asyncio.sleep(0.25)
    raise AssertionError("nobody got it")


@within(120)
@pytest.mark.parametrize("mode", ["assign", "offer"])
@pytest.mark.parametrize("hurt, heal", [(kill, start), (freeze, thaw)])
async def test_who_waits_gets_an_agent_without_redis_and_the_page_shows_it_with_a_sync(
    house, routed, mode, hurt, heal
):
    person = house.agent()
    await asyncio.to_thread(routed, mode, person["who"])
    agent = await house.connect(person, worker=1)
    visitors = [await house.connect(house.visitor(), worker=0) for _ in range(3)]
    await asyncio.sleep(1.5)
    await hurt(house.redis)
    try:
        for visitor in visitors:
            group = (await visitor.say("is anybody there?"))["group"]
            wrote, given = await shown(agent, group)
            if mode == "offer":
                await agent.send("conversation.claim", group=group)
                await agent.until("offer.ended", group=group, why="taken")
            if (given - wrote).total_seconds() < WITHIN:
                break
        else:
            raise AssertionError("late for each of three")
    finally:
        await heal(house.redis)
