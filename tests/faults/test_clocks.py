"""Guarantee 23, its clocks: a machine whose clock is wrong harms nobody."""

import asyncio
from datetime import datetime, timedelta, timezone

import pytest

from chat.background import upkeep
from tests.chat.helpers import within
from tests.plugins.services import DATABASE

pytestmark = pytest.mark.skipif(DATABASE == "sqlite", reason="SQLite serves one machine")


@pytest.fixture
def second_clock(house):
    """A function: the second process has another clock."""
    worker = house.workers[1]
    usual = worker.application

    def serve(application: str) -> None:
        worker.kill()
        worker.application = application
        worker.start()
        asyncio.run(worker.ready())

    yield lambda name: serve(f"tests.faults.wrong_clock:{name}")
    serve(usual)


@within(120)
@pytest.mark.parametrize("name", ["ahead", "behind"])
async def test_who_is_connected_to_a_machine_with_a_wrong_clock_stays_online_and_keeps_claims(
    house, second_clock, name
):
    await asyncio.to_thread(second_clock, name)
    person, colleague = house.agent(), await house.connect(house.agents[0], worker=0)
    agent = await house.connect(person, worker=1)
    visitor = await house.connect(house.visitor(), worker=0)
    group = (await visitor.say("which time is it?"))["group"]
    await agent.until("message.posted")
    await colleague.until("presence", member=person["who"], online=True)
    answer = await agent.say("just a moment", group=group)
    assert answer["type"] == "message.accepted"
    await colleague.heard()
    await asyncio.sleep(upkeep.RENEWAL + 2 * upkeep.TICK)
    events = await colleague.heard()
    assert not [
        one for one in events if one["type"] == "presence" and one.get("member") == person["who"]
    ]
    await visitor.say("thanks")
    await agent.say("you are welcome", group=group)
    await colleague.send("sync", groups={group: 0})
    by_seq = {}
    while (event := await colleague.next())["type"] != "synced":
        if event["type"] == "message.posted" and event["message"]["group"] == group:
            by_seq[event["message"]["seq"]] = event["message"]
    told = [by_seq[seq] for seq in sorted(by_seq)]
    moments = [datetime.fromisoformat(one["created_at"].replace("Z", "+00:00")) for one in told]
    assert moments == sorted(moments)
    assert datetime.now(timezone.utc) - moments[0] < timedelta(minutes=2)
    noticed = [(one["data"] or {}).get("event") for one in told if one["kind"] == "notice"]
    assert "claimed" in noticed and not {"released", "expired"} & set(noticed)
