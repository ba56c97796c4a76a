"""Request bodies that are too large: refused before they reach memory or the disk."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from django.conf import settings

from kefu.bodies import LINGER_BYTES
from tests.chat.helpers import within

from .servers import Server, fetch

pytestmark = [pytest.mark.once, pytest.mark.django_db]

MIB = 1024 * 1024
LARGE = 96 * MIB
PIECE = b"x" * MIB
KERNEL = 24 * MIB
"""More than the kernel holds of a connection on its way."""
API = "/api/v1/conversations/4e856ead-d369-491e-be93-eee830c99050/messages/"
FORM, MESSAGES, LIVE = "/agent/login/", "/chat/acme/messages/", "/health/live/"
HANDSHAKE = (
    b"GET /ws/visitor/acme/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: %d\r\n\r\n" % LARGE
)


class Spooling(Server):
    """A server whose temporary files lie in a folder of its own."""

    def __init__(self, folder: Path, kind: str):
        self.spool = folder / "spool"
        self.spool.mkdir()
        super().__init__(folder / "server.log", kind=kind, TMPDIR=str(self.spool))

    def peak(self) -> int:
        """The most memory, in bytes, that the process has held so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024

    def spooled(self) -> int:
        """Bytes in temporary files, which have no name: the process holds them open."""
        total = 0
        for file in Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                if os.readlink(file).startswith(str(self.spool)):
                    total += file.stat().st_size
            except OSError:  # closed meanwhile
                continue
        return total


@pytest.fixture(scope="module", params=["daphne", "uvicorn"])
def server(request, django_db_setup, tmp_path_factory):
    """One for all tests here: they store nothing."""
    server = Spooling(tmp_path_factory.mktemp("bodies"), request.param).start()
    yield server
    server.kill()


def head(method: str, path: str, *lines: str) -> bytes:
    """A request's line and headers."""
    kind = "Content-Type: application/octet-stream"
    first = f"{method} {path} HTTP/1.1"
    return "\r\n".join([first, "Host: 127.0.0.1", kind, *lines, "", ""]).encode()


def status(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer[:200]
    return int(answer.split()[1])


async def response(raw, method: str = "GET") -> tuple[bytes, bytes]:
    """The headers of the next response and its body."""
    answer = await raw.reader.readuntil(b"\r\n\r\n")
    length = int(answer.lower().partition(b"\r\ncontent-length:")[2].split()[0])
    return answer, b"" if method == "HEAD" else await raw.reader.readexactly(length)


async def send_large(server, raw, framing: str) -> tuple[int, int]:
    """Sends a body of LARGE bytes, as far as the server takes it. Returns how many bytes were
    sent, and how many bytes of temporary files there were at most."""
    piece = b"%x\r\n%b\r\n" % (len(PIECE), PIECE) if framing == "chunked" else PIECE
    sent = most = 0
    while sent < LARGE and await raw.send(piece):
        sent += MIB
        most = max(most, server.spooled())
    return sent, most


CASES = [
    (method, path, framing)
    for method, path in (("POST", FORM), ("POST", MESSAGES), ("GET", LIVE))
    for framing in ("length", "chunked")
]


@within(60)
async def test_a_large_body_fills_neither_memory_nor_disk(server):
    assert await fetch(server, "/chat/none/") == 404  # loads what is loaded once
    before = server.peak()
    for method, path, framing in CASES:
        line = "Transfer-Encoding: chunked" if framing == "chunked" else f"Content-Length: {LARGE}"
        raw = await server.raw()
        answer = asyncio.create_task(raw.answer(within=30))
        await raw.send(head(method, path, line))
        sending = asyncio.create_task(send_large(server, raw, framing))
        meanwhile = [await fetch(server)]
        while not (sending.done() and answer.done()):
            meanwhile.append(await fetch(server))
        assert status(await answer) == 413
        sent, spooled = await sending
        assert sent < LINGER_BYTES + KERNEL and spooled < MIB
        assert server.peak() - before < 16 * MIB
        assert set(meanwhile) == {200}
        await raw.close()

    raw = await server.raw()
    await raw.send(HANDSHAKE)
    _sent, spooled = await send_large(server, raw, "length")
    assert spooled < MIB
    assert server.peak() - before < 16 * MIB

    await raw.close()
    origin = ("Origin", server.address)
    assert await asyncio.to_thread(server.handshake, "/ws/visitor/none/", origin) == 101
    assert server.tracebacks() == 0, server.log.read_text()


@within(60)
async def test_a_body_is_taken_up_to_the_limit(server):
    """The client sends all of it before it reads, as nginx may. A POST that is taken is refused
    for want of a token, by Django."""
    for method, path, most, taken in (
        ("POST", FORM, settings.MAX_BODY, 403),
        ("GET", LIVE, settings.MAX_BODY, 200),
        ("POST", MESSAGES, settings.MAX_FILE_BODY, 403),
        ("POST", API, settings.MAX_API_BODY, 401),
    ):
        for over, expected in ((-1, taken), (0, taken), (1, 413), (16 * MIB, 413)):
            size = most + over
            raw = await server.raw()
            await raw.send(head(method, path, "Connection: close", f"Content-Length: {size}"))
            assert await raw.send(b"x" * size)
            assert status(await raw.answer()) == expected, (method, path, size)
            await raw.close()


@within(30)
async def test_the_refusal_comes_before_the_body(server):
    for line in (f"Content-Length: {settings.MAX_BODY + 1}", "Transfer-Encoding: chunked"):
        for more in ((), ("Expect: 100-continue",)):
            raw = await server.raw()
            await raw.send(head("POST", FORM, "Accept: application/json", line, *more))
            answer, body = await response(raw)
            assert status(answer) == 413 and b"\r\nconnection: close\r\n" in answer.lower()
            assert json.loads(body)["error"] == "too_long"
            await raw.close()


@within(30)
async def test_what_is_refused_is_not_taken_for_requests(server):
    """Neither its body nor what follows that is answered."""
    inner = head("GET", LIVE)
    large = inner * (settings.MAX_BODY // len(inner) + 1)
    for line, body in (
        (f"Content-Length: {len(large)}", large + inner),
        ("Transfer-Encoding: chunked", b"%x\r\n%b\r\n0\r\n\r\n%b" % (len(inner), inner, inner)),
    ):
        raw = await server.raw()
        await raw.send(head("POST", FORM, line) + body)
        answer = await raw.answer()
        assert status(answer) == 413 and answer.count(b"HTTP/1.1 ") == 1
        assert raw.reader.at_eof()
        await raw.close()


@within(30)
async def test_a_connection_goes_on_after_bodies_that_are_taken(server):
    raw = await server.raw()
    for method, size, expected in (
        ("POST", 3_000, 403),
        ("GET", settings.MAX_BODY, 200),
        ("HEAD", 10, 200),
        ("GET", 0, 200),
    ):
        path = FORM if method == "POST" else LIVE
        await raw.send(head(method, path, f"Content-Length: {size}") + b"x" * size)
        answer, _body = await response(raw, method)
        assert status(answer) == expected, (method, size)
    await raw.close()


@within(30)
async def test_a_client_that_does_not_close_after_a_refusal_is_cut(server):
    raw = await server.raw()
    await raw.send(head("POST", FORM, f"Content-Length: {LARGE}"))
    assert status(await raw.answer(within=20)) == 413
    assert raw.reader.at_eof()
    # Daphne ends its own direction at once and the other one when the time is over.
    while await raw.send(b"x"):
        await asyncio.sleep(0.1)
