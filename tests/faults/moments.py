"""Faults of bin/crash that come when a planted fault shows, not at a moment of chance."""

import asyncio

from crash import faults


async def kill_after_an_answer(house, pages, chance) -> None:
    """kill -9 as soon as one more message was accepted."""
    book = pages[0].book
    before = len(book.acked)
    while len(book.acked) == before:
        await asyncio.sleep(0.01)
    await faults.kill(house, pages, chance)
