"""What waits to be sent on one socket, bounded twice: in memory, and by what was received."""

import asyncio
import logging
from collections import deque

log = logging.getLogger("kefu.sockets")

MAX_WAITING = 4 * 1024 * 1024
"""Bytes that may wait here; past that the reader is too slow (4408)."""
WINDOW = 8 * 1024 * 1024
"""Bytes sent and not yet told as received (docs/protocol.md): daphne's own buffer has no
end, so this is where a reader that does not read is noticed."""
CROWD = 256 * 1024 * 1024
"""Bytes that all readers of this process together may have in flight with a whole window each.
500 sockets of one address that read nothing would else fill 4 GB of daphne's buffers."""
CROWDED = 2 * 1024 * 1024
"""Past that, the window of each: a page owes about 1 MiB before it tells what it has."""
MAX_FRAME = 256 * 1024
"""Bytes after which an array frame is full: clients commonly refuse frames of 1 MiB."""
PATIENCE = 5
"""Seconds that what waits may take before a socket is closed over it."""
CHECKPOINT = 16 * 1024
"""Bytes between two remembered positions of the window, 512 of them at the most."""


class Flight:
    """Bytes of all outboxes that were sent and are not told as received."""

    total = 0


class Outbox:
    """Events go in one by one and leave as array frames, those of one tick together.

    `owner` is the socket's consumer (it has `end` and `close`). `wire` is the way out, AsgiWire
    or one of kefu/wires.py: `write(payload)` takes a text frame's bytes and never waits;
    `full` says that the peer takes nothing for now, and `ready` is called when it does again;
    `unsent` are the bytes that wait there; `drop` gives them up.

    No task stands behind it: waking one for each socket and tick cost as much as all the rest
    here.
    """

    __slots__ = (
        "owner", "wire", "loop", "waiting", "size", "planned", "closed", "task",
        "frames", "sent", "got", "marks", "code", "paused", "before",
    )  # fmt: skip

    def __init__(self, owner, wire):
        self.owner = owner
        self.wire = wire
        self.wire.ready = self.flush
        self.loop = asyncio.get_running_loop()
        self.waiting: list[bytes] = []
        self.size = 0
        self.planned = False
        self.closed = False
        self.task: asyncio.Task | None = None
        self.frames = self.sent = self.got = 0
        self.marks: deque[tuple[int, int]] = deque()
        self.code = 0
        self.pause()

    def push(self, event: bytes) -> None:
        """Queues one event's JSON; while the outbox is paused it only waits."""
        if self.code:
            return
        self.waiting.append(event)
        self.size += len(event)
        if self.size > MAX_WAITING:
            self.overflow()
        elif not self.planned:
            self.plan()

    def overflow(self) -> None:
        """The reader is too slow: nothing more for it."""
        self.waiting, self.size = [], 0
        self.owner.end(4408)

    def pause(self) -> None:
        """Lets events wait, so that what is read now can go before what changes meanwhile.

        An outbox is born paused: `hello` goes first.
        """
        self.paused = True
        self.before = len(self.waiting)

    def release(self, events: list[bytes]) -> None:
        """Sends `events` in the place where `pause` was called, then what waited."""
        if self.code:
            return
        self.waiting[self.before : self.before] = events
        self.size += sum(map(len, events))
        self.paused = False
        self.plan()

    def acknowledge(self, frames: int) -> None:
        """The reader says that it has `frames` frames; what it has left the window. What has not
        left us it cannot have: whoever reads nothing and says so would fill the memory."""
        got = self.got
        while self.marks and self.marks[0][0] <= frames:
            got = self.marks.popleft()[1]
        if frames >= self.frames:
            got = self.sent
        self.gone(max(self.got, min(got, self.sent - self.wire.unsent)))

    def gone(self, got: int) -> None:
        """All up to the byte `got` is in flight no more."""
        Flight.total -= got - self.got
        self.got = got

    def plan(self) -> None:
        """What is pushed until the loop's next round leaves together."""
        self.planned = True
        self.loop.call_soon(self.flush)

    def flush(self) -> None:
        """Sends what waits, in order, as far as the wire takes it; then closes, if it is over."""
        self.planned = False
        if self.paused and not self.code:
            return
        while self.waiting and not self.wire.full:
            payload = self.take()
            if not self.count(payload):
                self.overflow()
                break
            self.wire.write(payload)
        if self.code and not self.waiting:
            self.shut()

    def take(self) -> bytes:
        """A JSON array of what waits, of about MAX_FRAME bytes at the most."""
        events = self.waiting
        if self.size <= MAX_FRAME:
            self.waiting, self.size = [], 0
        else:
            count = size = 0
            for event in events:
                if count and size + len(event) > MAX_FRAME:
                    break
                count += 1
                size += len(event)
            events, self.waiting = events[:count], events[count:]
            self.size -= size
        return b"[%b]" % b",".join(events)

    def count(self, payload: bytes) -> bool:
        """Counts a frame into the window; False when that is full."""
        self.frames += 1
        self.sent += len(payload)
        Flight.total += len(payload)
        if self.sent - (self.marks[-1][1] if self.marks else self.got) >= CHECKPOINT:
            self.marks.append((self.frames, self.sent))
        return self.sent - self.got <= (WINDOW if Flight.total <= CROWD else CROWDED)

    def end(self, code: int) -> None:
        """Sends what waits already, then closes with `code`; nothing more is taken.

        A peer that does not read holds up the sending, so the close does not wait for long.
        """
        self.code = code
        self.plan()
        self.loop.call_later(PATIENCE, self.force)

    def force(self) -> None:
        """Whoever takes neither what waits nor the close is cut off."""
        if self.wire.ready:
            self.shut()
            if self.wire.full:
                self.wire.drop()

    def shut(self) -> None:
        if not self.closed:
            self.closed = True
            self.task = asyncio.create_task(self.say_goodbye())

    async def say_goodbye(self) -> None:
        try:
            await self.owner.close(self.code)
        except Exception:
            # The peer is gone; its disconnect arrives by the socket's own way.
            log.debug("a socket went away while it was closed", exc_info=True)

    def close(self) -> None:
        """The socket is gone."""
        self.code = self.code or 1000
        self.waiting, self.size = [], 0
        self.closed = True
        self.gone(self.sent)
        self.wire.ready = None
        if self.task:
            self.task.cancel()


class AsgiWire:
    """The way out that every ASGI server has: `send`, which waits while the peer reads slowly."""

    def __init__(self, send):
        self.send = send
        self.ready = None
        self.task: asyncio.Task | None = None
        self.waiting: deque[bytes] = deque()

    @property
    def full(self) -> bool:
        return bool(self.waiting)

    @property
    def unsent(self) -> int:
        return sum(map(len, self.waiting))

    def write(self, payload: bytes) -> None:
        self.waiting.append(payload)
        self.task = asyncio.create_task(self.drain())

    async def drain(self) -> None:
        try:
            while self.waiting:
                await self.send({"type": "websocket.send", "text": self.waiting[0].decode()})
                self.waiting.popleft()
        except Exception:
            # The peer is gone; its disconnect arrives by the socket's own way.
            log.debug("a socket went away while it was written to", exc_info=True)
        if self.ready:
            self.ready()

    def drop(self) -> None:
        self.waiting.clear()
        self.task.cancel()
