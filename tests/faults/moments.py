"""Faults of bin/crash that come when a planted fault shows, not at a moment of chance."""

import asyncio
from pathlib import Path

from crash import faults


async def kill_after_an_early_answer(house, pages, chance) -> None:
    """kill -9 as soon as a message is accepted that `planted.early_ack` does not commit.

    Only a message that is sent once the file is there counts: an earlier one may be committed.
    """
    book = pages[0].book
    withheld = Path(house.environment["DATA_DIR"]) / "withheld"
    withheld.touch()
    before = set(book.sent)
    while not book.acked.keys() - before:
        await asyncio.sleep(0.01)
    withheld.unlink()
    await faults.kill(house, pages, chance)
