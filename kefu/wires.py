"""Fast ways to send text frames, one for each server that bin/serve can start.

ASGI's `send` is a coroutine that takes a dict with text, and the servers turn it into a frame in
many steps, which took a third of the time in the event loop. A wire writes the bytes of a text
frame at once (see Outbox in chat/delivery/outbox.py); the scope has it as `wire`. Its frames stay
in order with those of the usual way: the handshake, pings and the close. With another server there
is no `wire`, and AsgiWire (chat/delivery/outbox.py) is used.
"""

from typing import Any

CHECKED_VERSIONS = {
    "autobahn": {"24.4.2", "26.10.2"},  # The first one on Python 3.10.
    "daphne": {"4.2.3"},
    "twisted": {"26.10.0"},
    "uvicorn": {"0.54.0"},
    "websockets": {"16.1.1"},
}
"""Versions whose private parts are what bin/_worker.py, bodies.py, origins.py and this module
expect. Add a version after tests/kefu and tests/abuse passed with it, and after you have compared
these parts with those of the version before."""
LENGTH_BYTES = {126: 2, 127: 8}
"""Number of bytes with the length that follow a frame's second byte, by the low seven bits of
it."""
MAX_HEADER = 14
"""Bytes that may come before the payload of a frame."""
MAX_PONGS = 500
"""Pings that are answered while the client takes nothing of what waits for it: each answer waits,
too, of up to 127 bytes."""
MAX_UNREAD = 16
"""Frames that may wait for the application before reading from the socket is paused."""


def text_frame(payload: bytes) -> bytes:
    """A complete text frame as servers send it: unmasked and uncompressed (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return b"\x81%c%b" % (size, payload)
    if size < 65_536:
        return b"\x81\x7e%b%b" % (size.to_bytes(2, "big"), payload)
    return b"\x81\x7f%b%b" % (size.to_bytes(8, "big"), payload)


def frame_end(data: bytes, start: int) -> int:
    """The index after the client's frame at `start`; more than len(data) if it is incomplete."""
    if len(data) < start + 2:
        return start + 2
    size, payload = data[start + 1] & 0x7F, start + 2
    if extra := LENGTH_BYTES.get(size, 0):
        payload += extra
        if len(data) < payload:
            return payload
        size = int.from_bytes(data[start + 2 : payload], "big")
    return payload + size + (4 if data[start + 1] & 0x80 else 0)


def uvicorn_protocol() -> type:
    """A class for uvicorn's option `ws`: its protocol on the `websockets` package, with a wire."""
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
    from websockets.frames import apply_mask

    class Protocol(WebSocketsSansIOProtocol):
        ready = None
        pongs = 0
        """Pings that were answered since something waits."""
        incomplete, wanted = b"", 0
        """The bytes of a frame that is not complete yet, and how many it has at least."""

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            # The package answers two Origins with 400; kefu/origins.py refuses all with 403.
            self.conn.process_origin = lambda _headers: None

        def data_received(self, data: bytes) -> None:
            """Parses complete text frames itself, in a third of the time. The package gets every
            other frame in one piece, so that it always starts at the beginning of a frame."""
            if not self.handshake_complete:
                return self.begin(data)
            if self.incomplete:
                self.incomplete += data
                if len(self.incomplete) < self.wanted:
                    return
                data, self.incomplete = bytes(self.incomplete), b""
            start = 0
            while start < len(data) and not self.transport.is_closing():
                end = frame_end(data, start)
                if end - start > self.config.ws_max_size + MAX_HEADER:  # The package refuses it.
                    return super().data_received(data[start:])
                if end > len(data):
                    self.incomplete, self.wanted = bytearray(data[start:]), end - start
                    return
                if not self.queue_text(data, start, end):
                    super().data_received(data[start:end])
                start = end

        def begin(self, data: bytes) -> None:
            """Passes on the handshake. The package quotes a wrong header in its refusal, and raises
            where that has bytes which are no text."""
            try:
                super().data_received(data)
            except UnicodeEncodeError:
                self.handshake_complete = self.close_sent = True
                self.transport.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
                self.transport.close()

        def queue_text(self, data: bytes, start: int, end: int) -> bool:
            """Queues the text of an unfragmented, masked text frame; False for any other frame."""
            if data[start] != 0x81 or not data[start + 1] & 0x80:
                return False
            if self.frames or self.close_sent:  # Within a fragmented message, or closed.
                return False
            payload = start + 2 + LENGTH_BYTES.get(data[start + 1] & 0x7F, 0)
            if end - payload - 4 > self.config.ws_max_size:
                return False
            try:
                text = apply_mask(data[payload + 4 : end], data[payload : payload + 4]).decode()
            except UnicodeDecodeError:
                return False
            self.queue.put_nowait({"type": "websocket.receive", "text": text})
            if not self.read_paused and self.queue.qsize() >= MAX_UNREAD:
                self.read_paused = True
                self.transport.pause_reading()
            return True

        def handle_ping(self) -> None:
            self.pongs = self.pongs + 1 if self.unsent else 0
            if self.pongs > MAX_PONGS:
                self.transport.abort()
            else:
                super().handle_ping()

        async def run_asgi(self):
            self.scope["wire"] = self
            try:
                await super().run_asgi()
            finally:
                # Each of the two holds the other: the memory of a closed socket would wait for the
                # garbage collector, which seldom comes (kefu/asgi.py).
                del self.scope["wire"]

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            # Likewise the package's connection and its parser.
            self.conn.parser.close()

        @property
        def full(self) -> bool:
            return not self.writable.is_set()

        @property
        def unsent(self) -> int:
            return self.transport.get_write_buffer_size()

        def keepalive_timeout(self) -> None:
            """A peer that answers no ping takes no data either: closing would wait for what it has
            not taken, for a quarter of an hour."""
            super().keepalive_timeout()
            self.transport.abort()

        def write(self, payload: bytes) -> None:
            if not self.close_sent and not self.transport.is_closing():
                self.transport.write(text_frame(payload))

        def resume_writing(self) -> None:
            super().resume_writing()
            if self.ready:
                self.ready()

        def drop(self) -> None:
            self.transport.abort()

    return Protocol


class DaphneWire:
    """A wire for daphne. Its buffer has no limit, so it is never full; the outbox notices clients
    that do not read, or only claim to, by its window and by `unsent`.

    A frame is written to the socket at once if nothing waits before it. Otherwise the reactor would
    add and remove the socket for each frame.
    """

    full = False
    ready = None

    def __init__(self, protocol):
        from twisted.internet.tcp import Server

        self.protocol = protocol
        # With TLS a direct write would send plain text.
        self.plain = type(protocol.transport) is Server and not protocol.transport.TLS

    def write(self, payload: bytes) -> None:
        if self.protocol.state != self.protocol.STATE_OPEN:
            return
        data, transport = text_frame(payload), self.protocol.transport
        if self.plain and not transport.dataBuffer and not transport._tempDataLen:
            sent = transport.writeSomeData(data)
            if sent == len(data):
                return
            if isinstance(sent, int):
                data = data[sent:]
            # Otherwise the connection is lost, which the reactor notices itself.
        transport.write(data)

    @property
    def unsent(self) -> int:
        transport = self.protocol.transport
        return len(transport.dataBuffer) - transport.offset + transport._tempDataLen

    def drop(self) -> None:
        """Does nothing: autobahn drops peers that do not answer the close."""


def limit_pongs(protocol: Any) -> None:
    """Has daphne cut off who sends pings and does not read: autobahn writes an answer at once, and
    daphne's buffer has no limit. `protocol` is daphne's class for WebSocket connections."""
    answer = protocol.onPing
    protocol.pongs = 0

    def on_ping(self, payload):
        self.pongs = self.pongs + 1 if DaphneWire(self).unsent else 0
        if self.pongs > MAX_PONGS:
            self.transport.abortConnection()
        else:
            answer(self, payload)

    protocol.onPing = on_ping
