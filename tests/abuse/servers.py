"""What the abuse tests attack: one server process as bin/serve runs it, daphne or uvicorn."""

import asyncio
import os
import time
from pathlib import Path

from bench import wire
from tests.chat.daphne import Daphne

BIG = os.environ.get("KEFU_ABUSE") == "big"
"""The long form, run by hand: KEFU_ABUSE=big .venv/bin/python -m pytest -s tests/abuse."""
PAGE = os.sysconf("SC_PAGE_SIZE")


def many(big: int, short: int) -> int:
    return big if BIG else short


def table(server, **figures) -> None:
    """Figures for the docs, shown with -s."""
    print(f"\n{server.kind}: " + ", ".join(f"{key} {value}" for key, value in figures.items()))


class Server(Daphne):
    def memory(self) -> int:
        """Bytes that the process holds in memory now."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * PAGE

    def tracebacks(self) -> int:
        """Errors in the log: a traceback is one line of JSON there, where it is ours."""
        log = self.log.read_text()
        return sum(map(log.count, ("Traceback", '"level": "ERROR"', '"level": "CRITICAL"')))

    async def raw(self) -> "Raw":
        """A TCP connection that says nothing yet."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        return Raw(reader, writer)

    async def socket(self, path: str, cookie: str, received=None, ended=None) -> wire.Socket:
        """A WebSocket that costs this process little."""
        ignore = lambda *_: None  # noqa: E731
        return await wire.connect(self.port, path, cookie, received or ignore, ended or ignore)


class Raw:
    """Bytes to a server, and what it answers."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> bool:
        """False when the server has closed the connection."""
        try:
            self.writer.write(data)
            await self.writer.drain()
            return True
        except OSError:
            return False

    async def answer(self, within: float = 10) -> bytes:
        """All that comes until the server closes, or until `within` seconds have passed."""
        data = b""
        end = time.monotonic() + within
        try:
            while part := await asyncio.wait_for(
                self.reader.read(65_536), max(0.01, end - time.monotonic())
            ):
                data += part
        except (asyncio.TimeoutError, OSError):
            pass
        return data

    async def close(self) -> None:
        self.writer.close()


async def fetch(server, path="/health/live/") -> int:
    """The status of a plain request."""
    raw = await server.raw()
    await raw.send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    answer = await raw.answer()
    await raw.close()
    return int(answer.split()[1])
