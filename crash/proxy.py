"""A faulty line: a TCP proxy that cuts, delays, duplicates and reorders the WebSocket frames that a
server sends to its clients. Plain HTTP passes unchanged."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random

TEXT = 0x81
"""The first byte of an unfragmented text frame."""
HOLD = 0.3
"""Seconds for which a frame waits for the next one to overtake it."""


@dataclass
class Mischief:
    """The probability, 0 to 1, of each fault for a text frame. It may be changed at any time."""

    cut: float = 0
    delay: float = 0
    duplicate: float = 0
    reorder: float = 0
    longest: float = 0.2
    """The longest delay in seconds."""
    sockets: bool = True
    """If False, sockets are refused, as by a firewall that supports plain HTTP only."""
    done: Counter = field(default_factory=Counter)
    """How often each fault happened."""


class Proxy:
    """After `start` it listens on `port`, and forwards to the port `target` on this machine."""

    def __init__(self, target: int, chance: Random, mischief: Mischief):
        self.target, self.chance, self.mischief = target, chance, mischief
        self.connections: set[asyncio.Task] = set()

    async def start(self, port: int = 0) -> "Proxy":
        """Listens on `port`, or on a free one."""
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", port, limit=2**20)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def close(self) -> None:
        self.server.close()
        for task in self.connections:
            task.cancel()
        await asyncio.gather(*self.connections, return_exceptions=True)

    async def serve(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self.connections.add(task)
        ends = [answer]
        try:
            head = await client.readuntil(b"\r\n\r\n")
            is_socket = b"upgrade: websocket" in head.lower()
            if is_socket and not self.mischief.sockets:
                return
            server, question = await asyncio.open_connection("127.0.0.1", self.target)
            ends.append(question)
            question.write(head)
            back = frames if is_socket else raw
            ways = [raw(client, question), back(server, answer, self.chance, self.mischief)]
            tasks = {asyncio.create_task(way) for way in ways}
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in tasks:
                    each.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.connections.discard(task)
            for end in ends:
                end.close()


async def raw(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *_unused) -> None:
    """Forwards bytes until one side ends."""
    while data := await reader.read(2**16):
        writer.write(data)
        await writer.drain()


async def frames(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    chance: Random,
    mischief: Mischief,
) -> None:
    """Forwards the frames of a server with faults; returns when it cuts the connection."""
    writer.write(await reader.readuntil(b"\r\n\r\n"))
    held = b""
    coming = next_frame(reader)
    try:
        while True:
            await asyncio.wait({coming}, timeout=HOLD if held else None)
            if not coming.done():
                writer.write(held)
                held = b""
                continue
            data = coming.result()
            coming = next_frame(reader)
            if data[0] == TEXT:
                if happens(mischief, "cut", chance):
                    # Send half of the frame, so that the connection ends within one.
                    writer.write(data[: len(data) // 2])
                    return
                if happens(mischief, "delay", chance):
                    await asyncio.sleep(chance.uniform(0, mischief.longest))
                if happens(mischief, "duplicate", chance):
                    data += data
                if not held and happens(mischief, "reorder", chance):
                    held = data
                    continue
            writer.write(data + held)
            held = b""
            await writer.drain()
    finally:
        coming.cancel()


def happens(mischief: Mischief, name: str, chance: Random) -> bool:
    if chance.random() >= getattr(mischief, name):
        return False
    mischief.done[name] += 1
    return True


def next_frame(reader: asyncio.StreamReader) -> asyncio.Future:
    """A future of the next frame, whose exception need not be retrieved."""
    coming = asyncio.ensure_future(frame(reader))
    coming.add_done_callback(lambda done: done.cancelled() or done.exception())
    return coming


async def frame(reader: asyncio.StreamReader) -> bytes:
    """Reads a complete frame of a server, which is not masked."""
    head = await reader.readexactly(2)
    length = head[1] & 0x7F
    if length > 125:
        more = await reader.readexactly(2 if length == 126 else 8)
        head, length = head + more, int.from_bytes(more, "big")
    return head + await reader.readexactly(length)
