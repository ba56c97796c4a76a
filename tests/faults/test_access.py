"""Guarantee 15: whose access ends is out within 5 s, on every process, with Redis and without."""

import asyncio
import time

import pytest

from crash.line import post
from tests.chat.helpers import within

from .conftest import posted

WITHIN = 5
"""Seconds (docs/reliability.md, 15)."""
MEMBER = "from accounts.models import Member; member = Member.objects.get(uuid={who!r}); "


async def disable(house, agent):
    code = MEMBER + "member.status = Member.Status.CLOSED; member.save()"
    await asyncio.to_thread(house.manage, code.format(**agent))


async def change_password(house, agent):
    code = MEMBER + "member.set_password('another one, quite long'); member.save()"
    await asyncio.to_thread(house.manage, code.format(**agent))


async def sign_out(house, agent):
    """At the other process, where there are two."""
    answer = post(house.workers[-1].address, "/agent/logout/", agent["cookie"], {})
    with pytest.raises(ValueError):  # a redirect, which is no JSON
        await answer


@pytest.fixture(params=["Redis up", "Redis down"])
def redis(request, house):
    if not house.redis:
        if request.param == "Redis down":
            pytest.skip("one process needs no Redis")
        yield
        return
    if request.param == "Redis down":
        house.redis.kill()
    yield
    if request.param == "Redis down":
        house.redis.start()
        asyncio.run(house.redis.ready())


@within(60)
@pytest.mark.parametrize("end, code", [(disable, 4403), (change_password, 4401), (sign_out, 4401)])
async def test_who_may_not_stay_is_cut_off_at_once(house, redis, end, code):
    agent = house.agent()
    wire = await house.connect(agent)
    await end(house, agent)
    ended = time.monotonic()
    assert await wire.closed() == code
    assert time.monotonic() - ended < WITHIN


@within(60)
async def test_who_is_removed_from_a_group_reads_and_writes_nothing_there(house, redis):
    agent, worker = house.agent(), len(house.workers) - 1
    wire = await house.connect(agent, worker)
    visitor = await house.connect(house.visitor(), worker)
    group = (await visitor.say("before"))["group"]
    assert await wire.missed(group) == [1, 2]
    code = MEMBER + "member.places.all().delete()"
    await asyncio.to_thread(house.manage, code.format(**agent))
    await wire.heard()
    await visitor.say("not for everyone")
    await asyncio.sleep(0.5)
    assert posted(await wire.heard(), group) == []
    assert await wire.missed(group) == []
    assert (await wire.say("still here?", group=group))["code"] == "not_found"
