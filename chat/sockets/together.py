"""Reads what many sockets need at the same moment for all of them at once.

After a restart of the server ten thousand pages come back at once, and each asks for the same few
rows. One read for fifty of them costs little more than one for a single page, and leaves the other
threads to whoever else reads. Pages are served in the order in which they came.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from django.db import InterfaceError, OperationalError

from chat import database
from chat.database import refuse_on_error, run_or_refuse
from chat.protocol.errors import Refused

MOST = 50
"""How many items one read is for."""
LONGEST = 60
"""Seconds after which whoever still waits is refused; their page asks again later."""
Turn = tuple[object, float, asyncio.Future]
"""An item, when it came (time.monotonic), and what its result is given to."""


class Together:
    """`await together(item)` is the result for this item of `function`, which takes a list of items
    and returns a list of results, and is called on a reader's thread (chat/database.py)."""

    def __init__(self, function: Callable[[list], list]):
        self.function = function
        self.loop: asyncio.AbstractEventLoop | None = None
        self.waiting: deque[Turn] = deque()
        self.task: asyncio.Task | None = None

    async def __call__(self, item):
        """Raises Refused (unavailable) like run_or_refuse, or after LONGEST seconds; otherwise what
        `function` raises for this item alone."""
        loop = asyncio.get_running_loop()
        if loop is not self.loop:
            self.loop, self.waiting, self.task = loop, deque(), None
        future = loop.create_future()
        self.waiting.append((item, time.monotonic(), future))
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.serve())
        with refuse_on_error():
            return await future

    async def serve(self) -> None:
        """Reads for all who wait, until nobody does."""
        while self.waiting:
            self.refuse(LONGEST)
            turns = [self.waiting.popleft() for _ in range(min(MOST, len(self.waiting)))]
            turns = [turn for turn in turns if not turn[2].done()]
            if not turns:
                continue
            try:
                results = await run_or_refuse(self.call, [item for item, *_ in turns])
            except Refused as refusal:
                results = [refusal] * len(turns)
                # For a database that does not answer nobody waits longer than others do.
                self.refuse(database.LONGEST)
            except Exception as error:
                results = [error] * len(turns)
            for (_item, _came, future), result in zip(turns, results, strict=True):
                settle(future, result)

    def refuse(self, longest: float) -> None:
        """Refuses those who have waited for so many seconds."""
        late = time.monotonic() - longest
        while self.waiting and self.waiting[0][1] < late:
            settle(self.waiting.popleft()[2], Refused("unavailable", "Too many connect at once."))

    def call(self, items: list) -> list:
        """The results; where one of several items raises, an exception stands in its place. Raises
        what a database raises that does not answer."""
        try:
            results = self.function(items)
            if len(results) != len(items):
                raise ValueError(f"{len(results)} results for {len(items)} items")
            return results
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            if len(items) == 1:
                return [error]
        return [result for item in items for result in self.call([item])]


def settle(future: asyncio.Future, result) -> None:
    """Gives a future its result, or the exception in its place, unless nobody waits any more."""
    if future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
