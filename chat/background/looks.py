"""Looks for what is to be done: once a second, and soon after they are woken, on a thread of their
own, so that neither mails nor a hundred closings delay them.

Every process looks; what is found is decided once, under locks. A look that fails is told, and the
next one tries again.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from weakref import WeakKeyDictionary

from django.db import Error

from chat import metrics, sweeps
from chat.database import call_once
from chat.delivery.hub import hub

EVERY = 1.0
"""Seconds between two looks. Guarantee 17 counts on less than two, docs/protocol.md on two for the
stream."""
PAUSE = 0.05
"""Seconds after a look: where something happens all the time, there are at most twenty a second."""


class DatabaseCalls:
    """Calls what uses the database on `thread`, and tells by `log` what fails there."""

    def __init__(self, thread: ThreadPoolExecutor, log: logging.Logger):
        self.thread = thread
        self.log = log
        self.throttled = metrics.ThrottledLog(metrics.WARN_EVERY)

    async def call(self, function: Callable[[], object], what: str) -> None:
        """Calls `function`, which `what` names in the log. Raises sweeps.Stopping."""
        try:
            await asyncio.get_running_loop().run_in_executor(self.thread, call_once, function)
        except Error as error:
            self.throttled.warn(self.log, "the database does not answer: %s", error)
            metrics.DATABASE_ERRORS.labels("periodic").inc()
        except sweeps.Stopping:
            raise
        except Exception:
            self.log.exception("%s failed", what)


class Looks:
    """One event loop's looks: `functions` are called one after the other."""

    def __init__(
        self,
        thread: ThreadPoolExecutor,
        log: logging.Logger,
        *functions: Callable[[], object],
    ):
        self.loop = asyncio.get_running_loop()
        self.wake = asyncio.Event()
        self.functions = functions
        self.database = DatabaseCalls(thread, log)
        self.task = asyncio.create_task(self.run())

    def soon(self) -> None:
        """Asks for a look now, from any thread."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.wake.set)

    async def run(self) -> None:
        while True:
            await woken(self.wake, EVERY)
            try:
                for function in self.functions:
                    await self.database.call(function, "a look")
            except sweeps.Stopping:
                return
            await asyncio.sleep(PAUSE)


async def woken(wake: asyncio.Event, seconds: float) -> None:
    """Waits until `wake` is set, for at most `seconds`, and clears it.

    Python's wait_for loses, before 3.12, a cancellation that comes together with the event: the end
    of the loop would wait for the task for ever.
    """
    timer = asyncio.get_running_loop().call_later(seconds, wake.set)
    try:
        await wake.wait()
    finally:
        timer.cancel()
    wake.clear()


class PerLoop:
    """The running loop's one of what `begin` makes, which has a `task`; begun at the first use, as
    daphne knows no lifespan, and anew where its task ended."""

    def __init__(self, begin: Callable):
        self.begin = begin
        self.running: WeakKeyDictionary[asyncio.AbstractEventLoop, object] = WeakKeyDictionary()

    def soon(self) -> None:
        """Has the one of the sockets' loop look now; from any thread."""
        hub.call(lambda: self().wake.set())

    def __call__(self):
        loop = asyncio.get_running_loop()
        one = self.running.get(loop)
        if one is None or one.task.done():
            one = self.running[loop] = self.begin()
        return one
