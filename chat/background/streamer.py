"""Has the stream take in what was committed, and people what bots leave unanswered: once a second,
in every process.

A thread of its own, so that neither mails nor a hundred closings delay it. Nothing wakes it:
posting a message has no more to do than without a stream.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from weakref import WeakKeyDictionary

from django.db import Error

from chat import metrics, sweeps
from chat.conversations import floor
from chat.database import call_once
from chat.stream import sequencing

log = logging.getLogger("kefu.stream")

THREAD = ThreadPoolExecutor(1, thread_name_prefix="kefu-stream")
EVERY = 1.0
"""Seconds between two looks. Events are in the stream within two seconds by docs/protocol.md, which
also says for how long a visitor waits for a bot."""


class Streamer:
    """One event loop's looks."""

    def __init__(self):
        self.throttled = metrics.ThrottledLog(metrics.WARN_EVERY)
        self.task = asyncio.create_task(self.run())

    async def run(self) -> None:
        while True:
            try:
                await self.call(sequencing.look, "what belongs into the stream")
                await self.call(floor.expire, "what bots leave unanswered")
            except sweeps.Stopping:
                return
            await asyncio.sleep(EVERY)

    async def call(self, look: Callable[[], None], what: str) -> None:
        """Looks for `what`. Where that fails, it is told, and the next look tries again."""
        try:
            await asyncio.get_running_loop().run_in_executor(THREAD, call_once, look)
        except Error as error:
            self.throttled.warn(log, "the database does not answer: %s", error)
            metrics.DATABASE_ERRORS.labels("chore").inc()
        except sweeps.Stopping:
            raise
        except Exception:
            log.exception("a look for %s failed", what)


running: WeakKeyDictionary[asyncio.AbstractEventLoop, Streamer] = WeakKeyDictionary()


def current() -> Streamer:
    """The running loop's looks, begun at the first use (daphne knows no lifespan)."""
    loop = asyncio.get_running_loop()
    streamer = running.get(loop)
    if streamer is None or streamer.task.done():
        streamer = running[loop] = Streamer()
    return streamer
