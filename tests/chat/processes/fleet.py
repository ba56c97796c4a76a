"""bin/serve with two server processes beside the tests, and clients that act as pages do."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import websockets
from django.conf import settings
from django.db import connection

from tests.chat.daphne import Wire
from tests.chat.helpers import Guest, new_id
from tests.collected import mark_collected
from tests.plugins.services import free_port, start

WITHIN = 60
"""Seconds that a start or a renewal of both processes may take on a busy machine."""
LOST = (OSError, EOFError, websockets.WebSocketException)
"""What a client sees when its connection or handshake breaks."""


class Redis:
    """A Redis of its own."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.endings = []
        self.start()

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--dir", str(self.folder), "--save", "", "--appendonly", "no"]
        start(self, command, self.port, self.folder / "redis.log")

    def add_cleanup(self, end) -> None:
        """Called by `start` with what ends the server."""
        self.endings.append(end)

    def kill(self) -> None:
        while self.endings:
            self.endings.pop()()


class Fleet:
    """bin/serve with WORKERS=2 on the tests' database and a Redis of its own."""

    def __init__(self, server: str, folder: Path):
        self.server, self.port = server, free_port()
        self.redis = Redis(folder)
        self.log = folder / "serve.log"
        self.address = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self) -> "Fleet":
        mark_collected(settings.DATA_DIR)
        database = connection.settings_dict["NAME"]
        environment = {
            **os.environ,
            "DATABASE_URL": os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{database}",
            "DATA_DIR": str(settings.DATA_DIR),
            "SECRET_KEY": settings.SECRET_KEY,
            "REDIS_URL": self.redis.url,
            "SERVER": self.server,
            "WORKERS": "2",
            "PORT": str(self.port),
            "RATE_LIMITS": "off",
        }
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, settings.BASE_DIR / "bin" / "serve"],
                env=environment,
                stdout=log,
                stderr=log,
            )
        self.until("ready ")
        return self

    def until(self, beginning: str, times: int = 1) -> None:
        """Waits until so many lines of the log begin so."""
        deadline = time.monotonic() + WITHIN
        while self.count(beginning) < times:
            printed = self.log.read_text()
            assert self.process.poll() is None and time.monotonic() < deadline, printed
            time.sleep(0.05)

    def count(self, beginning: str) -> int:
        return sum(line.startswith(beginning) for line in self.log.read_text().splitlines())

    def figure(self, name: str) -> float:
        """A line of /metrics, which counts for both processes."""
        with urlopen(f"{self.address}/metrics", timeout=WITHIN) as answer:
            lines = answer.read().decode().splitlines()
        (value,) = [line.rpartition(" ")[2] for line in lines if line.startswith(f"{name} ")]
        return float(value)

    def pids(self) -> list[int]:
        folder = Path(settings.DATA_DIR) / "workers"
        return [int((folder / f"{number}.pid").read_text()) for number in (1, 2)]

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(WITHIN)
        self.redis.kill()

    async def connect(self, who: Guest | str) -> Wire:
        """A socket of a guest, or of the agent whose cookie it is, on either process."""
        if isinstance(who, Guest):
            path, cookie = f"/ws/visitor/{who.enterprise.code}/", who.cookie
        else:
            path, cookie = "/ws/agent/", who
        headers = {"Cookie": cookie, "Origin": self.address}
        url = f"ws://127.0.0.1:{self.port}{path}"
        return Wire(await websockets.connect(url, additional_headers=headers, max_size=2**20))

    async def request(self, method: str, path: str, cookie: str, **fields) -> tuple[int, bytes]:
        """One request on a connection of its own, as a page's script makes it: the status and
        the body. Raises one of LOST when the connection breaks before that."""
        body = urlencode(fields).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Origin: {self.address}\r\nCookie: {cookie}; csrftoken={'a' * 32}\r\n"
            f"X-CSRFToken: {'a' * 32}\r\nAccept: application/json\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(head.encode() + body)
            answer = await reader.read()
        finally:
            writer.close()
        if not answer:
            raise EOFError("closed without an answer")
        head, _, rest = answer.partition(b"\r\n\r\n")
        if b"transfer-encoding: chunked" in head.lower():
            rest = unchunked(rest)
        return int(head.split()[1]), rest

    async def on_each(self, who: Guest | str, count: int = 1, kind=None) -> list["Page"]:
        """`count` pages on each process: first those of one, then those of the other; `kind`,
        if given, is a class of one's own."""
        pages: dict[str, list[Page]] = {}
        while len(pages) < 2 or any(len(mine) < count for mine in pages.values()):
            wire = await self.connect(who)
            epoch = (await wire.until("hello"))["epoch"]
            mine = pages.setdefault(epoch, [])
            if len(mine) < count:
                mine.append((kind or Page)(wire))
            else:
                await wire.close()
        assert len(pages) == 2
        return [page for epoch in sorted(pages) for page in pages[epoch]]


def unchunked(body: bytes) -> bytes:
    """A body that came in pieces, each after its length."""
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        whole, body = whole + body[:length], body[length + 2 :]
    return whole


class Page:
    """An open socket whose events are kept as they come."""

    def __init__(self, wire: Wire):
        self.wire = wire
        self.messages: dict[int, dict] = {}
        self.unread: dict[str, dict] = {}
        self.answers: dict[str, asyncio.Future] = {}
        self.task = asyncio.create_task(self.read())

    async def read(self) -> None:
        while True:
            self.hear(await self.wire.next())

    def hear(self, event: dict) -> None:
        match event["type"]:
            case "message.posted":
                message = {**event["message"], "prev": event["prev"]}
                self.messages[message["seq"]] = message
            case "unread":
                self.unread[event["group"]] = self.last_unread = event
            case "message.accepted" | "error" if event.get("client_id") in self.answers:
                answer = self.answers[event["client_id"]]
                if not answer.done():
                    answer.set_result(event)

    async def say(self, content: str, client_id: str | None = None, **fields) -> dict:
        """Sends a message; what it is answered with. Several may wait for the same id."""
        client_id = client_id or new_id()
        answer = self.answers.setdefault(client_id, asyncio.get_running_loop().create_future())
        await self.wire.send("message.send", client_id=client_id, content=content, **fields)
        return await asyncio.wait_for(asyncio.shield(answer), WITHIN)

    async def has(self, seqs: set[int]) -> None:
        """Waits until all these messages have arrived."""
        while not seqs <= self.messages.keys():
            assert not self.task.done(), self.task
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        self.task.cancel()
        await self.wire.close()
