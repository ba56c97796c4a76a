"""Sends what is due: one process leases, threads that only wait send, the results are stored.

Each try has a thread of its own, and a webhook only a few at a time; so a receiver that is slow or
dead holds up no other. The threads use no database.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable

from chat import sweeps

from . import deliveries, recovery, sender
from .deliveries import Letter
from .sender import Outcome

log = logging.getLogger("kefu.webhooks")

MOST = 400
"""Tries of this process under way."""


class Dispatcher:
    """The tries of one process. `wake` is called from their threads when one is over."""

    def __init__(self, wake: Callable[[], None] = lambda: None):
        self.wake = wake
        self.over: deque[tuple[Letter, Outcome]] = deque()
        self.failing: set[int] = set()
        """The webhooks (ids) whose last try has failed."""
        self.under_way = 0

    def step(self) -> None:
        """Stores what is over, and begins what is due. Called by one thread."""
        self.store_results()
        if not deliveries.active().exists():
            return
        deliveries.make_new()
        if self.under_way < MOST:
            for letter in deliveries.due(self.failing):
                self.under_way += 1
                threading.Thread(
                    target=self.send, args=(letter,), name="kefu-webhook", daemon=True
                ).start()

    def send(self, letter: Letter) -> None:
        try:
            outcome = sender.post(letter.url, letter.headers, letter.body)
        except Exception:
            log.exception("a try failed")
            outcome = Outcome(0.0, error="it failed")
        self.over.append((letter, outcome))
        self.wake()

    def store_results(self) -> None:
        while self.over:
            letter, outcome = self.over[0]
            change = self.failing.discard if outcome.arrived else self.failing.add
            change(letter.webhook)
            # Where the connection is lost, the next step stores it. What could not be stored is
            # sent again when its lease has ended.
            sweeps.run_step(recovery.settle, str(letter.delivery), letter, outcome)
            self.over.popleft()
            self.under_way -= 1
