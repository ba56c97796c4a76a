"""The queue in front of batches.py, one for each event loop.

Sockets put items here. One task takes what is queued, up to a batch, and stores it in one
transaction on a thread of its own. It does not wait for more: on an idle server a single message is
committed at once.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from weakref import WeakKeyDictionary

from chat import metrics
from chat.delivery import announce

from . import batches
from .items import Item

log = logging.getLogger("kefu.writer")

MAX_BATCH = 200
"""Items in one transaction: 100 rows a commit brought MariaDB from 900 to 10,600 rows/s, and
beyond 200 nothing more was won."""
MAX_WAITING = 5_000
"""Items in the queue, about a second of work; past it senders are told `rate_limited`."""

PATIENCE, LOOK = 4, 1
"""Seconds that an item waits for its turn, and between two looks. It waits for so long only where
the database has gone silent. Its sender may have waited as long as a read takes before
(chat/database.py), and is to be answered within 15 s."""

THREAD = ThreadPoolExecutor(1, thread_name_prefix="kefu-writer")

Answer = Callable[[dict | None], None]


class Writer:
    """One loop's queue and the task that drains it."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[Item, Answer, float]] = deque()
        self.wake = asyncio.Event()
        self.task = asyncio.create_task(self.run())
        self.watch = asyncio.create_task(self.give_up())

    def enqueue(self, item: Item, answer: Answer, arrival: float) -> bool:
        """Queues an item whose frame came at `arrival` (time.monotonic); `answer` is called
        with its event after the commit. False: full."""
        if len(self.waiting) >= MAX_WAITING:
            return False
        self.waiting.append((item, answer, arrival))
        self.wake.set()
        return True

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self.wake.wait()
            self.wake.clear()
            while self.waiting:
                batch = self.next_batch()
                items = [item for item, _, _ in batch]
                try:
                    outcome = await loop.run_in_executor(THREAD, batches.settle, items)
                except Exception:
                    # It should raise nothing. A queue that ended here would take messages and
                    # never answer; sent again, they are stored once.
                    log.exception("a batch was lost")
                    outcome = batches.unavailable(items)
                self.answer(batch, outcome)
                if outcome.lost:
                    # What waits would wait for the next try, too, and then for its turn.
                    self.refuse(time.monotonic())
                self.call(announce.send, outcome.announcements)

    async def give_up(self) -> None:
        """Refuses what has waited too long, while the thread waits for the database."""
        while True:
            await asyncio.sleep(LOOK)
            self.refuse(time.monotonic() - PATIENCE)

    def refuse(self, until: float) -> None:
        """Answers those who wait, and whose frame came until then, by `unavailable`."""
        batch = []
        while self.waiting and self.waiting[0][2] <= until:
            batch.append(self.waiting.popleft())
        if batch:
            self.answer(batch, batches.unavailable([item for item, _, _ in batch]))

    def answer(self, batch: list[tuple[Item, Answer, float]], outcome: batches.Outcome) -> None:
        for (_, answer, _), event in zip(batch, outcome.answers, strict=True):
            self.call(answer, event)
        arrivals = [arrival for _, _, arrival in batch]
        self.call(metrics.count_results, outcome.answers, arrivals, time.monotonic())

    def next_batch(self) -> list[tuple[Item, Answer, float]]:
        """What goes into one transaction: up to MAX_BATCH messages and marks in their order, or
        one action when it is its turn."""
        batch: list[tuple[Item, Answer, float]] = []
        while self.waiting and len(batch) < MAX_BATCH:
            alone = self.waiting[0][0].alone
            if alone and batch:
                break
            batch.append(self.waiting.popleft())
            if alone:
                break
        return batch

    def call(self, function: Callable, *args: Any) -> None:
        """Calls a function with an outcome; an error in it must not stop the queue."""
        try:
            function(*args)
        except Exception:
            log.exception("an outcome could not be told")


writers: WeakKeyDictionary[asyncio.AbstractEventLoop, Writer] = WeakKeyDictionary()


def current() -> Writer:
    """The running loop's writer, made at its first use (daphne knows no lifespan)."""
    loop = asyncio.get_running_loop()
    writer = writers.get(loop)
    if writer is None or writer.task.done():
        writer = writers[loop] = Writer()
    return writer
