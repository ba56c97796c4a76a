"""Shares threads out among receivers, so that one that is slow does not hold up the others."""

import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chat.database import closing

Work = tuple[Callable[..., object], tuple]
Lane = tuple[str, str | int]


class Lanes:
    """Calls what is put into a lane on `workers`, at most `each` of a lane at a time; more waits
    here, in its order."""

    def __init__(self, workers: ThreadPoolExecutor, each: int) -> None:
        self.workers, self.each = workers, each
        self.lock = threading.Lock()
        self.busy: Counter[Lane] = Counter()
        self.waiting: dict[Lane, deque[Work]] = {}

    def put(self, lane: Lane, function: Callable[..., object], *args: Any) -> None:
        with self.lock:
            if self.busy[lane] >= self.each:
                self.waiting.setdefault(lane, deque()).append((function, args))
                return
            self.busy[lane] += 1
        self.workers.submit(closing, self.run, lane, function, args)

    @property
    def full(self) -> list[Lane]:
        """Those in which something waits."""
        with self.lock:
            return [lane for lane, works in self.waiting.items() if works]

    def run(self, lane: Lane, function: Callable[..., object], args: tuple) -> None:
        try:
            function(*args)
        finally:
            if following := self.next_of(lane):
                self.workers.submit(closing, self.run, lane, *following)

    def next_of(self, lane: Lane) -> Work | None:
        """What is called now that one of the lane has ended."""
        with self.lock:
            if more := self.waiting.get(lane):
                return more.popleft()
            self.waiting.pop(lane, None)
            self.busy[lane] -= 1
            if not self.busy[lane]:
                del self.busy[lane]
            return None
