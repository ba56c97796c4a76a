"""A server that is told to end does so, whatever it is doing."""

import asyncio
import time

import pytest

from crash.line import TROUBLE, post
from tests.chat.helpers import new_id, within

pytestmark = pytest.mark.once


@within(90)
@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
async def test_sigterm_ends_a_server_that_is_answering_pages(house, served_by, server):
    """daphne's loop stops at once; threads that waited for it kept the process for ever."""
    await asyncio.to_thread(served_by, server=server)
    visitor, worker = house.visitor(), house.workers[0]
    path = f"/chat/crash/messages/?team={visitor['team']}"

    async def ask() -> dict:
        fields = {"client_id": new_id(), "content": "你好"}
        return await post(worker.address, path, visitor["cookie"], fields)

    async def insist() -> None:
        while True:
            try:
                await ask()
                answering.set()
            except (*TROUBLE, ValueError):
                await asyncio.sleep(0.01)

    answering = asyncio.Event()
    for _round in range(3):
        answering.clear()
        askers = [asyncio.create_task(insist()) for _ in range(10)]
        await answering.wait()
        begun = time.monotonic()
        await worker.end()
        # uvicorn lets open requests finish, for 10 s at the most.
        assert time.monotonic() - begun < 14
        for asker in askers:
            asker.cancel()
        await asyncio.wait(askers)
        worker.start()
        await worker.ready()
    assert (await ask())["seq"] > 2
