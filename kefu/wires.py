"""Short ways out of a socket, one for each server that bin/serve starts.

ASGI's `send` is a coroutine that takes a dict and text, and the servers make a frame of it by
many steps: a third of all time in the event loop. A wire takes a text frame's bytes at once
(see chat.outbox.Outbox) and is found in the scope as `wire`. What it writes stands in order
with what goes the usual way: the handshake, pings and the close. Behind another server there
is none, and chat.outbox.AsgiWire does it.
"""


def frame(payload: bytes) -> bytes:
    """A whole text frame as a server sends it: unmasked, uncompressed (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return b"\x81%c%b" % (size, payload)
    if size < 65_536:
        return b"\x81\x7e%b%b" % (size.to_bytes(2, "big"), payload)
    return b"\x81\x7f%b%b" % (size.to_bytes(8, "big"), payload)


def uvicorn_protocol() -> type:
    """A class for uvicorn's `ws`: its own protocol on the `websockets` package, and a wire."""
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    class Protocol(WebSocketsSansIOProtocol):
        ready = None

        async def run_asgi(self):
            self.scope["wire"] = self
            await super().run_asgi()

        @property
        def full(self) -> bool:
            return not self.writable.is_set()

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
    reader that does not read.

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

    def drop(self) -> None:
        """Autobahn drops a peer by itself that does not answer the close."""
