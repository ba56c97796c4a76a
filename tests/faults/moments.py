"""Faults of bin/crash that come when a planted fault shows, not at a moment of chance."""

import asyncio
from pathlib import Path

from crash import faults

ENOUGH = 5
"""Messages that are answered early. One may be on its way a second time, and be stored then."""


async def kill_after_an_early_answer(house, pages, chance) -> None:
    """kill -9 as soon as ENOUGH messages are accepted that are not stored, as `planted.early_ack`
    accepts what comes by sockets."""
    book = pages[0].book
    withheld = Path(house.environment["DATA_DIR"]) / "withheld"
    withheld.touch()
    while len(book.acked.keys() - await asyncio.to_thread(stored, house)) < ENOUGH:
        await asyncio.sleep(0.01)
    withheld.unlink()
    await faults.kill(house, pages, chance)


def stored(house) -> set[tuple]:
    with house.snapshot() as select:
        return set(select("SELECT sender, client_id FROM group_message"))
