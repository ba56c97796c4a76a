"""Short ways out of a socket, one for each server that bin/serve starts.

ASGI's `send` is a coroutine that takes a dict and text, and the servers make a frame of it by
many steps: a third of all time in the event loop. A wire takes a text frame's bytes at once
(see chat.outbox.Outbox) and is found in the scope as `wire`. What it writes stands in order
with what goes the usual way: the handshake, pings and the close. Behind another server there
is none, and chat.outbox.AsgiWire does it.
"""

CHECKED = {
    "autobahn": {"24.4.2", "26.10.2"},  # The first one on Python 3.10.
    "daphne": {"4.2.3"},
    "twisted": {"26.10.0"},
    "uvicorn": {"0.54.0"},
    "websockets": {"16.1.1"},
}
"""Versions whose private parts are known to be what bin/_worker.py, bodies.py, origins.py and this
module take them for. A version joins them when tests/kefu and tests/abuse pass with it and those
parts have been compared with the ones of the version before."""
EXTRA = {126: 2, 127: 8}
"""Bytes of length that follow the second byte of a frame, by its seven bits."""
MAX_HEAD = 14
"""Bytes before a frame's payload at the most."""
MAX_UNREAD = 16
"""Frames that wait for the application before a socket is read no further."""


def frame(payload: bytes) -> bytes:
    """A whole text frame as a server sends it: unmasked, uncompressed (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return b"\x81%c%b" % (size, payload)
    if size < 65_536:
        return b"\x81\x7e%b%b" % (size.to_bytes(2, "big"), payload)
    return b"\x81\x7f%b%b" % (size.to_bytes(8, "big"), payload)


def frame_end(data: bytes, start: int) -> int:
    """Where the client's frame at `start` ends; beyond `data` when it is not whole."""
    if len(data) < start + 2:
        return start + 2
    size, payload = data[start + 1] & 0x7F, start + 2
    if extra := EXTRA.get(size, 0):
        payload += extra
        if len(data) < payload:
            return payload
        size = int.from_bytes(data[start + 2 : payload], "big")
    return payload + size + (4 if data[start + 1] & 0x80 else 0)


def uvicorn_protocol() -> type:
    """A class for uvicorn's `ws`: its own protocol on the `websockets` package, and a wire."""
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
    from websockets.frames import apply_mask

    class Protocol(WebSocketsSansIOProtocol):
        ready = None
        rest = b""
        """The beginning of a frame whose end has not come yet."""

        def data_received(self, data: bytes) -> None:
            """Reads whole text frames by itself, in a third of the time; all others the package
            gets, each as a whole, so that it always stands at the beginning of one."""
            if not self.handshake_complete:
                return super().data_received(data)
            data, self.rest = self.rest + data, b""
            start = 0
            while start < len(data) and not self.transport.is_closing():
                end = frame_end(data, start)
                if end - start > self.config.ws_max_size + MAX_HEAD:  # it will refuse this
                    return super().data_received(data[start:])
                if end > len(data):
                    self.rest = data[start:]
                    return
                if not self.take(data, start, end):
                    super().data_received(data[start:end])
                start = end

        def take(self, data: bytes, start: int, end: int) -> bool:
            """Queues a text in one masked frame; False for any other frame."""
            if data[start] != 0x81 or not data[start + 1] & 0x80:
                return False
            if self.frames or self.close_sent:  # between the parts of a message, or over
                return False
            payload = start + 2 + EXTRA.get(data[start + 1] & 0x7F, 0)
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

        async def run_asgi(self):
            self.scope["wire"] = self
            await super().run_asgi()

        @property
        def full(self) -> bool:
            return not self.writable.is_set()

        @property
        def unsent(self) -> int:
            return self.transport.get_write_buffer_size()

        def write(self, payload: bytes) -> None:
            if not self.close_sent and not self.transport.is_closing():
                self.transport.write(frame(payload))

        def resume_writing(self) -> None:
            super().resume_writing()
            if self.ready:
                self.ready()

        def drop(self) -> None:
            self.transport.abort()

    return Protocol


class DaphneWire:
    """Daphne's buffer takes everything, so it is never full; the outbox's window notices a
    reader that does not read, and by `unsent` one that says it did.

    A frame goes to the kernel at once when nothing waits before it: otherwise the reactor is
    asked twice, to watch the socket and to leave it alone again, for each frame.
    """

    full = False
    ready = None

    def __init__(self, protocol):
        from twisted.internet.tcp import Server

        self.protocol = protocol
        # With TLS, what is written here would reach the peer unencrypted.
        self.plain = type(protocol.transport) is Server and not protocol.transport.TLS

    def write(self, payload: bytes) -> None:
        if self.protocol.state != self.protocol.STATE_OPEN:
            return
        data, transport = frame(payload), self.protocol.transport
        if self.plain and not transport.dataBuffer and not transport._tempDataLen:
            sent = transport.writeSomeData(data)
            if sent == len(data):
                return
            if isinstance(sent, int):
                data = data[sent:]
            # Otherwise the connection is lost, and the reactor finds out by itself.
        transport.write(data)

    @property
    def unsent(self) -> int:
        transport = self.protocol.transport
        return len(transport.dataBuffer) - transport.offset + transport._tempDataLen

    def drop(self) -> None:
        """Autobahn drops a peer by itself that does not answer the close."""
