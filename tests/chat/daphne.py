"""A real server beside the tests: daphne in a process of its own, on the tests' database."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection

import websockets
from django.conf import settings
from django.db import connection

from tests.plugins.services import free_port

from .helpers import Guest, new_id

START_WITHIN = 20
UPGRADE = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)
PROGRAM = """
import ctypes, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # Ends with the tests, also when they are killed.
from daphne.cli import CommandLineInterface
CommandLineInterface().run(sys.argv[1:])
"""


class Daphne:
    """`environment` is set beside what the tests run on; without it no limit is in the way.
    `before` is Python that the process runs first."""

    def __init__(self, log, port=None, before="", **environment):
        self.port = port or free_port()
        self.log = log
        self.before = before
        self.environment = {"RATE_LIMITS": "off", **environment}
        self.address = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self) -> "Daphne":
        database = connection.settings_dict
        if connection.vendor == "sqlite":
            url = f"sqlite:///{database['NAME']}"
        else:
            url = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{database['NAME']}"
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "DATA_DIR": str(settings.DATA_DIR),
            "DJANGO_SETTINGS_MODULE": "kefu.settings",
            **self.environment,
        }
        words = ["-b", "127.0.0.1", "-p", str(self.port), "-v", "0", "kefu.asgi:application"]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", f"{self.before}\n{PROGRAM}", *words],
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"daphne did not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def handshake(self, path: str, *headers: tuple[str, str]) -> int:
        """The status that a socket's opening request is answered with."""
        wire = HTTPConnection("127.0.0.1", self.port, timeout=10)
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
            f"ws://127.0.0.1:{self.port}{path}", additional_headers=headers, max_size=2**20
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
