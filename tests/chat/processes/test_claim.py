"""Guarantee 14 with real servers: of all who claim at once, in two processes, one wins."""

import asyncio

import pytest

from chat.posting import batches
from tests.chat.actions import facts, notices
from tests.chat.daphne import Daphne
from tests.chat.helpers import check_ledger, database, session_cookie, within
from tests.conftest import hire

pytestmark = pytest.mark.django_db(transaction=True)
AGENTS = 32


@pytest.fixture
def servers(transactional_db, tmp_path):
    servers = [Daphne(tmp_path / f"daphne{number}.log").start() for number in (1, 2)]
    yield servers
    for server in servers:
        server.kill()


@within(90)
async def test_of_32_agents_with_a_window_in_each_of_two_processes_one_holds_it(
    servers, team, guest
):
    def staff():
        agents = [hire(f"agent{number}", team.enterprise, team=team) for number in range(AGENTS)]
        return {who.uuid: session_cookie(who) for who in agents}

    cookies = await database(staff)()
    group = (await database(batches.post)(guest.draft()))["group"]
    windows = {}
    for who, cookie in cookies.items():
        for number, server in enumerate(servers):
            windows[who, number] = await server.connect("/ws/agent/", cookie)
            await windows[who, number].until("hello")
    await asyncio.gather(
        *[wire.send("conversation.claim", group=group) for wire in windows.values()]
    )

    async def outcome(wire) -> str:
        """Whom this window was told to hold it: by its refusal, or by the change."""
        while True:
            event = await wire.next()
            if event["type"] == "error":
                assert event["code"] == "claimed", event
                return event["claimed_by"]
            if event["type"] == "conversation" and event.get("claimed_by"):
                return event["claimed_by"]

    told = await asyncio.gather(*[outcome(wire) for wire in windows.values()])
    winner = (await database(facts)(group)).claimed_by
    assert winner in cookies and set(told) == {winner}
    assert await database(notices)(group) == ["opened", "claimed"]
    assert await database(check_ledger)() == 3
    for wire in windows.values():
        await wire.close()
