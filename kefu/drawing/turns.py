"""Who may wait for a picture to be drawn, and whose picture is next.

Both are counted in this process only, and may be used from any thread.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

Key = tuple[str, str]
"""A scope, such as "address", and whom it names."""
PROCESS = ("process", "")


class Full(Exception):
    """No place, or no turn in time. `scope` is the scope whose bound was reached."""

    def __init__(self, scope: str):
        super().__init__(scope)
        self.scope = scope


@dataclass(slots=True, eq=False)
class Waiter:
    senders: tuple[Key, ...]
    arrived: int


class Turns:
    """Gives out one turn at a time: round-robin by sender, not first come, first served.

    A sender is a tuple of keys: the address, then the visitor. Addresses take turns, and the
    visitors of an address share the turns of that address. At most `most[scope]` for each key of
    that scope, and `most["process"]` in all, wait for a turn or have it.
    """

    def __init__(self, most: Mapping[str, int]):
        self.most = most
        self.changed = threading.Condition()
        self.busy = False
        self.steps = 0
        self.waiting: list[Waiter] = []
        self.counts: Counter[Key] = Counter()
        self.served: dict[Key, int] = {}
        """When each key's last turn ended, in steps; for keys with a waiter only."""

    @contextmanager
    def turn(self, senders: tuple[Key, ...], until: float) -> Iterator[None]:
        """Waits for a turn, and keeps it for as long as the block runs. Raises Full: at once where
        a bound is reached, or at the time `until` (time.monotonic, seconds)."""
        with self.place(senders):
            self.wait(senders, until)
            try:
                yield
            finally:
                self.end(senders)

    @contextmanager
    def place(self, senders: tuple[Key, ...]) -> Iterator[None]:
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
                self.counts = +self.counts  # Without those that are at zero.

    def wait(self, senders: tuple[Key, ...], until: float) -> None:
        with self.changed:
            waiter = Waiter(senders, self.step())
            self.waiting.append(waiter)
            patience = max(0, until - time.monotonic())
            came = self.changed.wait_for(lambda: self.is_next(waiter), patience)
            self.waiting.remove(waiter)
            self.busy = self.busy or came
            self.changed.notify_all()
        if not came:
            raise Full("process")

    def end(self, senders: tuple[Key, ...]) -> None:
        with self.changed:
            self.busy = False
            self.served.update(dict.fromkeys(senders, self.step()))
            left = {key for one in self.waiting for key in one.senders}
            self.served = {key: step for key, step in self.served.items() if key in left}
            self.changed.notify_all()

    def step(self) -> int:
        self.steps += 1
        return self.steps

    def is_next(self, waiter: Waiter) -> bool:
        return not self.busy and min(self.waiting, key=self.position) is waiter

    def position(self, waiter: Waiter) -> list[int]:
        """The lowest is next. A sender who has had a turn stands behind all who had arrived when it
        ended, and before all who arrive later: nobody waits for ever."""
        return [max(self.served.get(key, 0), waiter.arrived) for key in waiter.senders]
