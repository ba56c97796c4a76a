"""Those who wait are read for together.

After a restart of the server ten thousand pages come back at once, and each asks for the same few
rows. One read for fifty of them costs little more than one for a single page, leaves the other
threads to whoever else reads, and is over before the next one begins, so all come to their end in
the order in which they came.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from django.db import Error

from chat.database import run_or_refuse
from chat.protocol.errors import Refused

MOST = 50
"""Of how many is read at once: some ten milliseconds of work."""
LONGEST = 60
"""Seconds after which whoever still waits is refused; their page asks again later."""


class Together:
    """`await together(item)` is the result for this item of `function`, which takes a list of items
    and returns a list of results, and is called on a reader's thread (chat/database.py)."""

    def __init__(self, function: Callable[[list], list]):
        self.function = function
        self.loop: asyncio.AbstractEventLoop | None = None
        self.waiting: deque[tuple[object, float, asyncio.Future]] = deque()
        self.task: asyncio.Task | None = None

    async def __call__(self, item):
        """Raises Refused (unavailable) like run_or_refuse, or after LONGEST seconds; otherwise what
        `function` raises for this item alone."""
        loop = asyncio.get_running_loop()
        if loop is not self.loop:
            self.loop, self.waiting, self.task = loop, deque(), None
        turn = loop.create_future()
        self.waiting.append((item, time.monotonic(), turn))
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.serve())
        return await turn

    async def serve(self) -> None:
        """Reads for all who wait, until nobody does."""
        while self.waiting:
            taken = [self.waiting.popleft() for _ in range(min(MOST, len(self.waiting)))]
            late = time.monotonic() - LONGEST
            for _item, came, turn in taken:
                if came < late and not turn.done():
                    turn.set_exception(Refused("unavailable", "Too many connect at once."))
            taken = [(item, turn) for item, _came, turn in taken if not turn.done()]
            if not taken:
                continue
            try:
                results = await run_or_refuse(self.call, [item for item, _turn in taken])
            except Refused as refusal:
                # Whoever else waits would be told the same, some seconds later.
                turns = [turn for _item, turn in taken] + [turn for *_, turn in self.waiting]
                self.waiting.clear()
                settle(turns, [refusal] * len(turns))
            else:
                settle([turn for _item, turn in taken], results)

    def call(self, items: list) -> list:
        """The results; where one of several items raises, an exception stands in its place."""
        try:
            return self.function(items)
        except Error:
            raise
        except Exception as error:
            if len(items) == 1:
                return [error]
        return [result for item in items for result in self.call([item])]


def settle(turns: list[asyncio.Future], results: list) -> None:
    for turn, result in zip(turns, results, strict=True):
        if turn.done():
            continue
        if isinstance(result, Exception):
            turn.set_exception(result)
        else:
            turn.set_result(result)
