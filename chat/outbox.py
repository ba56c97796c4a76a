"""What waits to be sent on one socket, bounded twice: in memory, and by what was received."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

log = logging.getLogger("kefu.sockets")

MAX_WAITING = 4 * 1024 * 1024
"""Characters that may wait here; past that the reader is too slow (4408)."""
WINDOW = 8 * 1024 * 1024
"""Bytes sent and not yet told as received (docs/protocol.md): daphne's own buffer has no
end, so this is where a reader that does not read is noticed."""
MAX_FRAME = 256 * 1024
"""Characters after which an array frame is full: clients commonly refuse frames of 1 MiB."""
PATIENCE = 5
"""Seconds that what waits may take before a socket is closed over it."""
CHECKPOINT = 16 * 1024
"""Bytes between two remembered positions of the window, 512 of them at the most."""


class Outbox:
    """Events go in one by one and leave as array frames, those of one tick together.

    `owner` is the socket's consumer (it has `end` and `close`), `send` hands a text frame to
    the server.
    """

    __slots__ = (
        "owner", "send", "waiting", "size", "wake", "task",
        "frames", "sent", "got", "marks", "code", "held", "before",
    )  # fmt: skip

    def __init__(self, owner, send: Callable[[str], Awaitable]):
        self.owner = owner
        self.send = send
        self.waiting: list[str] = []
        self.size = 0
        self.wake = asyncio.Event()
        self.frames = self.sent = self.got = 0
        self.marks: deque[tuple[int, int]] = deque()
        self.code = 0
        self.hold()
        self.task = asyncio.create_task(self.run())

    def push(self, event: str) -> None:
        """Queues one event's JSON text; while the outbox is held it only waits."""
        if self.code:
            return
        self.waiting.append(event)
        self.size += len(event)
        if self.size > MAX_WAITING:
            self.waiting, self.size = [], 0
            self.owner.end(4408)
        elif not self.held:
            self.wake.set()

    def hold(self) -> None:
        """Lets events wait, so that what is read now can go before what changes meanwhile.

        An outbox is born held: `hello` goes first.
        """
        self.held = True
        self.before = len(self.waiting)

    def release(self, events: list[str]) -> None:
        """Sends `events` in the place where `hold` was called, then what waited."""
        if self.code:
            return
        self.waiting[self.before : self.before] = events
        self.size += sum(map(len, events))
        self.held = False
        self.wake.set()

    def acknowledge(self, frames: int) -> None:
        """The reader has `frames` frames; what it has left the window."""
        while self.marks and self.marks[0][0] <= frames:
            self.got = self.marks.popleft()[1]
        if frames >= self.frames:
            self.got = self.sent

    async def run(self) -> None:
        """Sends what waits, in order, until the socket is to be closed; then closes it."""
        try:
            while True:
                await self.wake.wait()
                self.wake.clear()
                if self.held and not self.code:
                    continue
                events, self.waiting, self.size = self.waiting, [], 0
                for text in frames_of(events):
                    if not self.count(text):
                        self.code = 4408
                        break
                    await self.send(text)
                if self.code:
                    return await self.owner.close(self.code)
        except Exception:
            # The peer is gone; its disconnect arrives by the socket's own way.
            log.debug("a socket went away while it was written to", exc_info=True)

    def count(self, text: str) -> bool:
        """Counts a frame into the window; False when that is full."""
        self.frames += 1
        self.sent += len(text) if text.isascii() else len(text.encode())
        if self.sent - (self.marks[-1][1] if self.marks else self.got) >= CHECKPOINT:
            self.marks.append((self.frames, self.sent))
        return self.sent - self.got <= WINDOW

    def end(self, code: int) -> None:
        """Sends what waits already, then closes with `code`; nothing more is taken.

        A peer that does not read holds up the sending, so the close does not wait for long.
        """
        self.code = code
        self.wake.set()
        asyncio.get_running_loop().call_later(PATIENCE, self.force)

    def force(self) -> None:
        if not self.task.done():
            self.task.cancel()
            self.task = asyncio.create_task(self.owner.close(self.code))

    def close(self) -> None:
        """The socket is gone."""
        self.code = self.code or 1000
        self.waiting, self.size = [], 0
        self.task.cancel()


def frames_of(events: list[str]):
    """JSON arrays of the events, in order, each up to about MAX_FRAME characters."""
    start = size = 0
    for position, event in enumerate(events):
        if size and size + len(event) > MAX_FRAME:
            yield f"[{','.join(events[start:position])}]"
            start, size = position, 0
        size += len(event)
    if start < len(events):
        yield f"[{','.join(events[start:])}]"
