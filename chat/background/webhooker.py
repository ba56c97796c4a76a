"""Has webhooks sent: once a second, and at once when a try is over, in every process."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from weakref import WeakKeyDictionary

from django.db import Error

from chat import metrics, sweeps
from chat.database import call_once
from chat.webhooks.dispatching import Dispatcher

log = logging.getLogger("kefu.webhooks")

THREAD = ThreadPoolExecutor(1, thread_name_prefix="kefu-webhooks")
EVERY = 1.0
"""Seconds between two looks."""
PAUSE = 0.05
"""Seconds after a look: where tries end all the time, there are at most twenty a second."""


class Webhooker:
    """One event loop's looks."""

    def __init__(self):
        self.wake = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.dispatcher = Dispatcher(self.tell)
        self.throttled = metrics.ThrottledLog(metrics.WARN_EVERY)
        self.task = asyncio.create_task(self.run())

    def tell(self) -> None:
        """A try is over; called by its thread."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.wake.set)

    async def run(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self.wake.wait(), EVERY)
            except asyncio.TimeoutError:
                pass
            self.wake.clear()
            try:
                await self.loop.run_in_executor(THREAD, call_once, self.dispatcher.step)
            except Error as error:
                self.throttled.warn(log, "the database does not answer: %s", error)
                metrics.DATABASE_ERRORS.labels("chore").inc()
            except sweeps.Stopping:
                return
            except Exception:
                log.exception("a look for what is to be sent failed")
            await asyncio.sleep(PAUSE)


running: WeakKeyDictionary[asyncio.AbstractEventLoop, Webhooker] = WeakKeyDictionary()


def current() -> Webhooker:
    """The running loop's looks, begun at the first use (daphne knows no lifespan)."""
    loop = asyncio.get_running_loop()
    webhooker = running.get(loop)
    if webhooker is None or webhooker.task.done():
        webhooker = running[loop] = Webhooker()
    return webhooker
