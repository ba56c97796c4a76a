"""Shows the progress and the time that remains: a bar on a terminal, otherwise plain lines."""

import shutil
import sys
import time

WIDTH = 24


class Progress:
    """Counts work in estimated seconds; the estimate is corrected by the time that it took."""

    def __init__(self, total: float, out=None, clock=time.monotonic):
        self.total = max(total, 1)
        self.done = 0.0
        self.out = out or sys.stdout
        self.clock = clock
        self.start = clock()
        self.bar = self.out.isatty()
        self.text = ""

    def begin(self, text: str) -> None:
        """Shows what is done now."""
        self.text = text
        self.draw(0)

    def part(self, seconds: float) -> None:
        """Shows that `seconds` of the current work are done."""
        self.draw(seconds)

    def end(self, seconds: float, text: str) -> None:
        """Counts the current work as done, and prints a line with its result."""
        self.done += seconds
        self.say(f"{self.percent(0):3d} % {self.left(0):>11}  {text}")
        self.draw(0)

    def say(self, text: str) -> None:
        clear = "\r\x1b[K" if self.bar else ""
        print(f"{clear}{text}", file=self.out, flush=True)

    def draw(self, part: float) -> None:
        if not self.bar:
            return
        full = WIDTH * self.percent(part) // 100
        line = f"{'█' * full:·<{WIDTH}} {self.percent(part)} % {self.left(part)}  {self.text}"
        room = shutil.get_terminal_size().columns - 1
        print(f"\r\x1b[K{line[:room]}", end="", file=self.out, flush=True)

    def close(self) -> None:
        if self.bar:
            print("\r\x1b[K", end="", file=self.out, flush=True)

    def percent(self, part: float) -> int:
        return min(100, round(100 * (self.done + part) / self.total))

    def left(self, part: float) -> str:
        """The time that remains, such as "3 min left"."""
        done = self.done + part
        # Until a tenth is done the estimate is better than a measurement.
        pace = (self.clock() - self.start) / done if done > self.total / 10 else 1
        seconds = max(0, self.total - done) * pace
        return f"{seconds / 60:.0f} min left" if seconds >= 90 else f"{seconds:.0f} s left"
