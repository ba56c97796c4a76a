"""A WebSocket client that needs little CPU, so that it leaves enough for the server.

It supports text frames without extensions, the part of RFC 6455 that both servers use.
"""

import asyncio
import base64
import os
from collections.abc import Callable

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Socket(asyncio.Protocol):
    """A connection. `received` is called with the bytes of each text frame, and `ended` once with
    the reason if the connection ends before `close`."""

    def __init__(self, request: bytes, received: Callable, ended: Callable):
        self.request = request
        self.received = received
        self.ended = ended
        self.open = asyncio.get_running_loop().create_future()
        self.rest = b""
        self.frames = self.bytes = 0
        self.over = False

    def connection_made(self, transport) -> None:
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        data = self.rest + data if self.rest else data
        if not self.open.done():
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self.rest = head
                return
            status = head.partition(b"\r\n")[0]
            if b" 101 " not in status:
                return self.fail(f"the server answered {status.decode()}")
            self.open.set_result(None)
        self.rest = data[self.handle_frames(data) :]

    def handle_frames(self, data: bytes) -> int:
        """Handles the complete frames in `data`; returns the index after them."""
        position, end = 0, len(data)
        while end - position >= 2:
            start, length = position + 2, data[position + 1]
            if length == 126:
                start, length = start + 2, int.from_bytes(data[start : start + 2], "big")
            elif length == 127:
                start, length = start + 8, int.from_bytes(data[start : start + 8], "big")
            if end < start + length:
                break
            payload = data[start : start + length]
            opcode, position = data[position], start + length
            if opcode == 0x80 | TEXT:
                self.frames += 1
                self.bytes += length
                self.received(payload)
            elif opcode == 0x80 | PING:
                self.transport.write(frame(payload, PONG))
            elif opcode == 0x80 | CLOSE:
                self.fail(f"closed with code {int.from_bytes(payload[:2], 'big')}")
        return position

    def send(self, text: bytes) -> None:
        self.transport.write(frame(text))

    def connection_lost(self, error) -> None:
        self.fail(f"the connection was lost: {error}")

    def fail(self, reason: str) -> None:
        if self.over:
            return
        self.close()
        if not self.open.done():
            self.open.set_exception(ConnectionError(reason))
        else:
            self.ended(reason)

    def close(self) -> None:
        self.over = True
        self.transport.close()


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A frame of a client, masked as browsers do."""
    length = len(payload)
    if length < 126:
        head = bytes((0x80 | opcode, 0x80 | length))
    else:
        head = bytes((0x80 | opcode, 0xFE)) + length.to_bytes(2, "big")
    mask = os.urandom(4)
    pad = (mask * (length // 4 + 1))[:length]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")
    return head + mask + masked.to_bytes(length, "big")


async def connect(port: int, path: str, cookie: str, received: Callable, ended: Callable) -> Socket:
    """Opens a socket to 127.0.0.1. Raises ConnectionError if it is refused."""
    key = base64.b64encode(os.urandom(16)).decode()
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\nCookie: {cookie}\r\n\r\n"
    )
    loop = asyncio.get_running_loop()
    _transport, socket = await loop.create_connection(
        lambda: Socket(request.encode(), received, ended), "127.0.0.1", port
    )
    try:
        await socket.open
    except asyncio.CancelledError:
        socket.close()  # Whoever waits no longer has nothing to close it by.
        raise
    return socket
