"""Limits how many pictures wait to be drawn, and decides whose picture is next.

All counts are of this process only. Every method may be called from any thread.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

Key = tuple[str, str]
"""A scope, such as "address", and a value in it."""
PROCESS = ("process", "")


class Full(Exception):
    """Too many wait, or there was no turn in time. `scope` is the scope whose limit was reached."""

    def __init__(self, scope: str):
        super().__init__(scope)
        self.scope = scope


@dataclass(slots=True, eq=False)
class Waiter:
    senders: tuple[Key, ...]
    arrived: int


class Turns:
    """Gives one sender at a time a turn, round-robin by sender.

    A sender is a tuple of keys: the address, then the visitor. Addresses take turns, and the
    visitors of an address share its turns. At most `most[scope]` for each key of that scope, and
    `most["process"]` in total, may wait for a turn or have it.
    """

    def __init__(self, most: Mapping[str, int]):
        self.most = most
        self.changed = threading.Condition()
        self.busy = False
        self.steps = 0
        self.waiting: list[Waiter] = []
        self.counts: Counter[Key] = Counter()
        self.served: dict[Key, int] = {}
        """The step at which the last turn of a key ended, for keys that wait."""

    @contextmanager
    def turn(self, senders: tuple[Key, ...], until: float) -> Iterator[None]:
        """A context manager that waits for a turn, and keeps it while the block runs. Raises Full:
        at once if a limit is reached, or at the time `until` (seconds of time.monotonic)."""
        with self.reserve(senders):
            self.wait_for_turn(senders, until)
            try:
                yield
            finally:
                self.end_turn(senders)

    @contextmanager
    def reserve(self, senders: tuple[Key, ...]) -> Iterator[None]:
        """Counts the sender while the block runs. Raises Full if a limit is reached."""
        keys = (*senders, PROCESS)
        with self.changed:
            for key in keys:
                if self.counts[key] >= self.most[key[0]]:
                    raise Full(key[0])
            self.counts.update(keys)
        try:
            yield
        finally:
            with self.changed:
                self.counts.subtract(keys)
                self.counts = +self.counts  # Removes keys with a count of zero.

    def wait_for_turn(self, senders: tuple[Key, ...], until: float) -> None:
        with self.changed:
            waiter = Waiter(senders, self.next_step())
            self.waiting.append(waiter)
            patience = max(0, until - time.monotonic())
            came = self.changed.wait_for(lambda: self.is_next(waiter), patience)
            self.waiting.remove(waiter)
            self.busy = self.busy or came
            self.changed.notify_all()
        if not came:
            raise Full("process")

    def end_turn(self, senders: tuple[Key, ...]) -> None:
        with self.changed:
            self.busy = False
            self.served.update(dict.fromkeys(senders, self.next_step()))
            left = {key for one in self.waiting for key in one.senders}
            self.served = {key: step for key, step in self.served.items() if key in left}
            self.changed.notify_all()

    def next_step(self) -> int:
        self.steps += 1
        return self.steps

    def is_next(self, waiter: Waiter) -> bool:
        return not self.busy and min(self.waiting, key=self.position) is waiter

    def position(self, waiter: Waiter) -> list[int]:
        """The sort key of a waiter; the lowest one is next. A sender who had a turn comes after all
        who had arrived when it ended, and before all who arrive later, so nobody waits for ever."""
        return [max(self.served.get(key, 0), waiter.arrived) for key in waiter.senders]
