"""Samples once a second, in each process, the metrics that no event updates (chat/metrics.py).

It waits for nothing but time, so that metrics show a growing queue even while the database hangs.
"""

import asyncio
import logging
import os
from pathlib import Path
from weakref import WeakKeyDictionary

from django.conf import settings

from chat import metrics
from chat.delivery import bus
from chat.delivery.hub import hub
from chat.posting import writer

from . import (
    assistant,
    channels,
    embedder,
    notifier,
    periodic,
    router,
    streamer,
    upkeep,
    webhooker,
)

log = logging.getLogger("kefu.sampler")

EVERY = 1.0
"""Seconds."""
PROCESS_EVERY = 10
"""Samples between two looks at the process: 10,000 open files take 3 ms to count."""


class Sampler:
    """One event loop's sampler."""

    def __init__(self):
        self.used = 0.0
        self.task = asyncio.create_task(self.run())

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        count = 0
        while True:
            due = loop.time() + EVERY
            await asyncio.sleep(EVERY)
            try:
                metrics.LAG.observe(max(0.0, loop.time() - due))
                metrics.QUEUE.set(len(writer.current().waiting))
                if count % PROCESS_EVERY == 0:
                    self.look_at_process()
            except Exception:
                log.exception("a figure could not be taken")
            count += 1

    def look_at_process(self) -> None:
        """Processor time, and where there is a /proc, memory and open files."""
        before, self.used = self.used, sum(os.times()[:2])
        metrics.CPU.inc(self.used - before)
        if (proc := Path("/proc/self")).is_dir():
            pages = int((proc / "statm").read_text().split()[1])
            metrics.MEMORY.set(pages * os.sysconf("SC_PAGE_SIZE"))
            metrics.FILES.set(len(os.listdir(proc / "fd")))


running: WeakKeyDictionary[asyncio.AbstractEventLoop, Sampler] = WeakKeyDictionary()


def begin() -> None:
    """Starts the running loop's sampler, tick, periodic tasks, routing, stream, webhooks,
    assistants and vectors of articles, unless they run (daphne knows no lifespan): claims end and
    mails go out when nobody has a socket, too."""
    loop = asyncio.get_running_loop()
    if loop not in running:
        running[loop] = Sampler()
        if settings.REDIS_URL:
            hub.loop = loop  # Without a socket, too, nobody waits for what is announced.
            bus.current()  # It shares the limits, which requests without a socket take from, too.
        upkeep.current()
        periodic.current()
        router.current()
        streamer.current()
        webhooker.current()
        assistant.current()
        channels.current()
        notifier.current()
        embedder.current()
