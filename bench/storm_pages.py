"""Pages for the storms: sockets that come back as those of static/js/connection/socket.js do,
people who write, and requests. All of it is one thread, and cheap beside the server."""

import asyncio
import random
import time
import uuid
from collections.abc import Callable
from functools import partial

import orjson

from . import wire
from .crowd import CONTENT

ANSWER = 10
"""Seconds without a word after which a connection without a greeting is given up."""
WAIT = b"[]"
"""The frame that tells a page to wait for its turn."""
FIRST_DELAY, LONGEST_DELAY = 0.5, 30
PING = 25
PATIENCE = 30
"""Seconds after which a message that was not accepted counts as lost."""
LOGIN = "/agent/login/"


class Page:
    """A page of one person. `on_event` gets each event, `open` is set while it is greeted, `ended`
    while it is not connected."""

    def __init__(self, port: int, path: str, cookie: str, on_event: Callable | None = None):
        self.port, self.path, self.cookie, self.on_event = port, path, cookie, on_event
        self.open = asyncio.Event()
        self.ended = asyncio.Event()
        self.greeted: asyncio.Future | None = None
        self.socket: wire.Socket | None = None
        self.tries = 0
        self.back_at = self.heard = 0.0
        self.trouble = "no answer"

    async def stay(self) -> None:
        """Connects, and again whenever the connection is lost, until it is cancelled."""
        attempt = 0
        while True:
            try:
                await self.connect()
                attempt = 0
                await self.keep_alive()
            except (OSError, asyncio.TimeoutError) as error:
                self.trouble = repr(error)
                if self.socket:
                    self.socket.close()
            self.open.clear()
            ceiling = min(LONGEST_DELAY, FIRST_DELAY * 2**attempt)
            attempt += 1
            await asyncio.sleep(ceiling / 2 + ceiling / 2 * random.random())

    async def connect(self) -> None:
        """Opens a socket and waits for its greeting. Raises OSError or asyncio.TimeoutError."""
        self.tries += 1
        self.ended.clear()
        self.greeted = asyncio.get_running_loop().create_future()
        read, end = partial(self.read, self.tries), partial(self.end, self.tries)
        self.socket = await asyncio.wait_for(
            wire.connect(self.port, self.path, self.cookie, read, end), ANSWER
        )
        self.heard = time.monotonic()
        while not self.greeted.done():
            left = self.heard + ANSWER - time.monotonic()
            if left <= 0:
                raise asyncio.TimeoutError
            await asyncio.wait([self.greeted], timeout=left)
        await self.greeted
        # Only now: the greeting may come with the handshake's answer, before there is a socket.
        if not self.ended.is_set():
            self.open.set()

    async def keep_alive(self) -> None:
        """Sends pings until the connection ends."""
        while not self.ended.is_set():
            try:
                await asyncio.wait_for(self.ended.wait(), PING * (0.9 + 0.1 * random.random()))
            except asyncio.TimeoutError:
                # Both may have come at the same moment.
                if not self.ended.is_set():
                    self.send({"type": "ping", "got": self.socket.frames})

    def read(self, attempt: int, payload: bytes) -> None:
        if attempt != self.tries:
            return
        self.heard = time.monotonic()
        if payload == WAIT:
            return
        if not self.greeted.done():
            self.greeted.set_result(None)
            self.back_at = time.perf_counter()
        if self.on_event:
            for event in orjson.loads(payload):
                self.on_event(event)

    def end(self, attempt: int, reason: str) -> None:
        if attempt != self.tries:
            return
        self.open.clear()
        self.ended.set()
        if not self.greeted.done():
            self.greeted.set_exception(ConnectionError(reason))

    def send(self, frame: dict) -> None:
        """Sends a frame, or nothing on a connection that is being lost."""
        if not self.socket.transport.is_closing():
            self.socket.send(orjson.dumps(frame))


class Writer:
    """A person who writes one message after the other. `acks` are (when it was sent, seconds until
    it was accepted), `lost` counts those that were not although the line stayed."""

    def __init__(self, port: int, path: str, cookie: str, group: str | None, every: float):
        self.page = Page(port, path, cookie, self.hear)
        self.group, self.every, self.content = group, every, CONTENT
        self.flying: tuple[str, float, asyncio.Event] | None = None
        self.acks: list[tuple[float, float]] = []
        self.lost = 0
        self.refused: list[str] = []

    async def live(self) -> None:
        staying = asyncio.create_task(self.page.stay())
        try:
            await asyncio.sleep(self.every * random.random())
            while True:
                await self.write()
                await asyncio.sleep(self.every)
        finally:
            staying.cancel()

    async def write(self) -> None:
        """Sends a message once the page is greeted, and waits until it is accepted or refused, or
        its connection is lost."""
        await self.page.open.wait()
        client_id, done = str(uuid.uuid4()), asyncio.Event()
        self.flying = client_id, time.perf_counter(), done
        frame = {"type": "message.send", "client_id": client_id, "content": self.content}
        self.page.send(frame | ({"group": self.group} if self.group else {}))
        waits = [asyncio.create_task(one.wait()) for one in (done, self.page.ended)]
        await asyncio.wait(waits, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if not done.is_set() and not self.page.ended.is_set():
            self.lost += 1
        self.flying = None

    def hear(self, event: dict) -> None:
        if self.flying is None or event.get("client_id") != self.flying[0]:
            return
        _client_id, sent, done = self.flying
        if event["type"] == "message.accepted":
            self.group = event["group"]
            self.acks.append((sent, time.perf_counter() - sent))
        elif event["type"] == "error":
            self.refused.append(event["code"])
        else:
            return
        done.set()


async def request(
    port: int, path: str, cookies: dict[str, str], form: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """GETs `path`, or POSTs a form to it; keeps the answer's cookies in `cookies`. Returns the
    status and the body."""
    from urllib.parse import urlencode

    body = urlencode(form or {}).encode() if form is not None else b""
    head = [
        f"{'GET' if form is None else 'POST'} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: http://127.0.0.1:{port}",
        "Connection: close",
        "Accept-Language: zh-CN",
        "Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()),
    ]
    if form is not None:
        head += [
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        ]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        answer = await reader.read()
    finally:
        writer.close()
    top, _end, rest = answer.partition(b"\r\n\r\n")
    lines = top.decode("latin-1").split("\r\n")
    for line in lines[1:]:
        name, _colon, value = line.partition(":")
        if name.lower() == "set-cookie":
            key, _is, text = value.strip().partition(";")[0].partition("=")
            cookies[key] = text
    return int(lines[0].split()[1]), rest


def cookie_line(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def jar(cookie: str) -> dict[str, str]:
    """The cookies of a plan's cookie line."""
    name, _is, value = cookie.partition("=")
    return {name: value}
