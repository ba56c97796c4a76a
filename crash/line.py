"""The connection of a page, which reconnects, also when the server does not answer."""

import asyncio
import json
import time
from random import Random
from urllib.parse import urlencode

import websockets
from websockets.asyncio.client import connect

TROUBLE = (OSError, websockets.WebSocketException, asyncio.TimeoutError, EOFError)
TICK = 0.05
"""Seconds between two calls of `tick`."""
RETURN = (0.02, 0.3)
"""Seconds until a page reconnects, at random; real pages take 0.25 to 30."""
CSRF = "c" * 32


class Connection:
    """Stays connected to one of `servers`, each "address:port", while `stay_connected` runs.
    Subclasses handle `hello` in `on_hello` and other events in `on_event`; `expects_answer` says
    whether an answer is due."""

    def __init__(self, path: str, cookie: str, servers: list[str], chance: Random):
        self.path, self.cookie, self.servers, self.chance = path, cookie, servers, chance
        self.patience = chance.uniform(0.4, 4)
        """Seconds without an answer after which it reconnects, perhaps to another server."""
        self.wire = None
        """The WebSocket after `hello`, otherwise None."""
        self.outgoing: asyncio.Queue[str] = asyncio.Queue()
        self.heard = 0.0

    async def stay_connected(self) -> None:
        """Stays connected until cancelled."""
        while True:
            try:
                await self.connect_once()
            except TROUBLE:
                pass
            finally:
                self.wire = None
            await asyncio.sleep(self.pause())

    def pause(self) -> float:
        """Seconds until it reconnects."""
        return self.chance.uniform(*RETURN)

    async def connect_once(self) -> None:
        """Opens a connection, and returns when it has ended."""
        server = self.chance.choice(self.servers)
        wire = await connect(
            f"ws://{server}{self.path}",
            additional_headers={"Cookie": self.cookie, "Origin": f"http://{server}"},
            compression=None,
            ping_interval=None,
            open_timeout=self.patience,
            proxy=None,
        )
        self.outgoing, self.heard = asyncio.Queue(), time.monotonic()
        tasks = {asyncio.create_task(self.read(wire)), asyncio.create_task(self.write_out(wire))}
        try:
            while not any(task.done() for task in tasks) and not self.is_impatient():
                await asyncio.wait(tasks, timeout=TICK, return_when=asyncio.FIRST_COMPLETED)
                self.tick()
        finally:
            # Without a close frame, as when the network of a real page fails.
            wire.transport.abort()
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    def is_impatient(self) -> bool:
        return self.expects_answer() and time.monotonic() - self.heard > self.patience

    async def read(self, wire) -> None:
        async for text in wire:
            self.heard = time.monotonic()
            for event in json.loads(text):
                if event["type"] == "hello":
                    self.wire = wire
                    self.on_hello(event)
                else:
                    self.on_event(event)

    async def write_out(self, wire) -> None:
        while True:
            await wire.send(await self.outgoing.get())

    def send(self, frame: dict) -> None:
        """Sends a frame if the socket is open. It may get lost."""
        if self.wire is not None:
            if not self.expects_answer():
                self.heard = time.monotonic()
            self.outgoing.put_nowait(json.dumps(frame, ensure_ascii=False))

    def cut(self) -> None:
        """Aborts the connection, as when the network fails."""
        if self.wire is not None:
            self.wire.transport.abort()

    def expects_answer(self) -> bool:
        raise NotImplementedError

    def tick(self) -> None:
        raise NotImplementedError

    def on_hello(self, event: dict) -> None:
        raise NotImplementedError

    def on_event(self, event: dict) -> None:
        raise NotImplementedError


class BadGateway(ValueError):
    """nginx had no host that answered."""


async def post(server: str, path: str, cookie: str, fields: dict) -> dict:
    """Posts a form to a server (post_body)."""
    kind = "application/x-www-form-urlencoded"
    return await post_body(server, path, cookie, kind, urlencode(fields).encode())


async def post_body(server: str, path: str, cookie: str, kind: str, body: bytes) -> dict:
    """Posts a body of a kind to a server; returns the JSON answer. Raises one of TROUBLE,
    BadGateway, or ValueError without JSON."""
    request = (
        f"POST {path} HTTP/1.1\r\nHost: {server}\r\nAccept: application/json\r\n"
        f"Cookie: {cookie}; csrftoken={CSRF}\r\nX-CSRFToken: {CSRF}\r\n"
        f"Content-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection(*server.split(":"))
    try:
        writer.write(request.encode() + body)
        answer = await reader.read()
    finally:
        writer.transport.abort()
    if answer.startswith((b"HTTP/1.1 502", b"HTTP/1.1 504")):
        raise BadGateway(answer[:100])
    return json.loads(answer.partition(b"\r\n\r\n")[2])
