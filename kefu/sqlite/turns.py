"""Whose turn it is to write: first come, first served."""

import threading
from collections import deque


class Turns:
    """A lock whose waiters get it in the order in which they came."""

    def __init__(self) -> None:
        self.guard = threading.Lock()
        self.taken = False
        self.waiting: deque[threading.Event] = deque()

    def take(self, seconds: float) -> bool:
        """Waits for its turn, up to so many seconds. Returns whether it came."""
        with self.guard:
            if not self.taken:
                self.taken = True
                return True
            mine = threading.Event()
            self.waiting.append(mine)
        if mine.wait(seconds):
            return True
        with self.guard:
            if mine.is_set():
                return True
            self.waiting.remove(mine)
        return False

    def give(self) -> None:
        """Ends a turn: it is the next one's."""
        with self.guard:
            if self.waiting:
                self.waiting.popleft().set()
            else:
                self.taken = False
