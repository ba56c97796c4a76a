"""A real server beside the tests, in a process of its own as bin/serve starts it, on the tests'
database."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection

import websockets
from django.conf import settings

from tests.plugins.services import free_port

from .helpers import Guest, new_id
from .two_processes import beside_the_test

START_WITHIN = 120
UPGRADE = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)
PROGRAM = """
import ctypes, runpy, signal
ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # Ends with the tests, also when they are killed.
runpy.run_path("bin/_worker.py", run_name="__main__")
"""


class Daphne:
    """`environment` is set beside what the tests run on; without it no limit is in the way.
    `before` is Python that the process runs first; `kind` is daphne or uvicorn."""

    def __init__(self, log, port=None, before="", kind="daphne", **environment):
        self.kind = kind
        self.port = port or free_port()
        self.log = log
        self.before = before
        self.environment = {"RATE_LIMITS": "off", **environment}
        self.address = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self) -> "Daphne":
        environment = {**beside_the_test(), **self.environment}
        ready, told = os.pipe()
        with socket.create_server(("127.0.0.1", self.port)) as listener, self.log.open("a") as log:
            inherited = listener.fileno(), told
            words = [self.kind, *map(str, inherited), "kefu.asgi:application"]
            self.process = subprocess.Popen(
                [sys.executable, "-c", f"{self.before}\n{PROGRAM}", *words],
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=log,
                stderr=log,
                pass_fds=inherited,
            )
        os.close(told)
        try:
            assert select.select([ready], [], [], START_WITHIN)[0], self.log.read_text()
            assert os.read(ready, 100), self.log.read_text()
        finally:
            os.close(ready)
        return self

    def kill(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def handshake(self, path: str, *headers: tuple[str, str]) -> int:
        """The status that a socket's opening request is answered with."""
        wire = HTTPConnection("127.0.0.1", self.port, timeout=60)
        wire.putrequest("GET", path)
        for name, value in (*UPGRADE, *headers):
            wire.putheader(name, value)
        wire.endheaders()
        status = wire.getresponse().status
        wire.close()
        return status

    async def connect(self, path: str, cookie: str, origin=None, headers=()) -> "Wire":
        headers = {"Cookie": cookie, "Origin": origin or self.address, **dict(headers)}
        wire = await websockets.connect(
            f"ws://127.0.0.1:{self.port}{path}",
            additional_headers=headers,
            max_size=2**20,
            open_timeout=60,
        )
        return Wire(wire)

    async def visit(self, guest: Guest) -> "Wire":
        return await self.connect(f"/ws/visitor/{guest.enterprise.code}/", guest.cookie)


class Wire:
    """A client's end of a real socket."""

    def __init__(self, wire):
        self.wire = wire
        self.waiting: list[dict] = []

    async def send(self, type: str, **fields) -> None:
        await self.wire.send(json.dumps({"type": type, **fields}, ensure_ascii=False))

    async def next(self) -> dict:
        while not self.waiting:
            self.waiting += json.loads(await self.wire.recv())
        return self.waiting.pop(0)

    async def until(self, type: str, **fields) -> dict:
        while True:
            event = await self.next()
            if event["type"] == type and fields.items() <= event.items():
                return event

    async def say(self, content: str, **fields) -> dict:
        client_id = fields.pop("client_id", None) or new_id()
        await self.send("message.send", client_id=client_id, content=content, **fields)
        while True:
            event = await self.next()
            if event["type"] in ("message.accepted", "error"):
                return event

    async def close(self) -> None:
        await self.wire.close()
