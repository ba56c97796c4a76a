"""Request bodies that are too large, refused before they are read.

Django answers a request only after its whole body has been put aside, and daphne keeps all of it
on the disk and in memory before it calls Django. So such a request goes to Django without its
body (kefu.limits.BodyLimit answers it by its headers), and the connection ends with the response.

The end is not abrupt: a peer that still sends when its connection is reset may lose the response
that it has not read yet. What still comes is thrown away, within LINGER_BYTES and LINGER_SECONDS.
"""

import asyncio
from urllib.parse import unquote

from django.conf import settings

LINGER_BYTES = 32 * 1024 * 1024
"""The most that is read and thrown away after a refusal: three times the largest body allowed, so
that whoever chose too large a picture or video reads why it was refused."""
LINGER_SECONDS = 5
"""How long a refused request's connection stays open for that."""


def exceeded(path: str, length: str, chunked: bool) -> int | None:
    """The limit, in bytes, that a request's body breaks; None for a body that is taken.

    `path` is decoded and has no query, `length` is the Content-Length or "", `chunked` whether
    there is a Transfer-Encoding. The limit is MAX_FILE_BODY where messages are sent and MAX_BODY
    elsewhere; a body of unknown length breaks it too.
    """
    most = settings.MAX_FILE_BODY if path.endswith("/messages/") else settings.MAX_BODY
    length = length or "0"
    if chunked or not length.isdecimal() or int(length) > most:
        return most
    return None


class SkipLargeBodies:
    """ASGI middleware: passes a request whose body is too large on with an empty body, and has the
    server close the connection after the response."""

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"").decode("latin-1")
        if exceeded(scope["path"], length, b"transfer-encoding" in headers) is None:
            return await self.inner(scope, receive, send)

        async def send_unfinished(message):
            """The server closes when the response is complete, so its end is held back."""
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), (b"connection", b"close")]
                message = {**message, "headers": headers}
            else:
                message = {**message, "more_body": True}
            await send(message)

        await self.inner(scope, empty_body(), send_unfinished)
        try:
            await asyncio.wait_for(discard(receive), LINGER_SECONDS)
        except asyncio.TimeoutError:
            pass
        await send({"type": "http.response.body", "body": b""})


def empty_body():
    """A `receive` that tells of an empty body, and then of nothing."""
    told = False

    async def receive():
        nonlocal told
        if told:
            await asyncio.Future()
        told = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


async def discard(receive) -> None:
    """Reads a body to its end, to the connection's end or up to LINGER_BYTES."""
    left, more = LINGER_BYTES, True
    while more and left > 0:
        message = await receive()
        more = message.get("more_body", False)
        left -= len(message.get("body", b""))


def daphne_channel() -> type:
    """A class for the `protocol` of daphne's HTTPFactory: twisted's HTTP/1.1 connection, which
    hands a request over as soon as its headers show that its body is too large."""
    from twisted.web.http import HTTPChannel

    class Channel(HTTPChannel):
        refused = False
        left = None
        """Bytes that are still thrown away; None before the response is complete."""

        def allHeadersReceived(self):
            headers = self.requests[-1].requestHeaders
            path = unquote(self._path.partition(b"?")[0].decode("latin-1"))
            length = headers.getRawHeaders(b"Content-Length", [b""])[-1].decode("latin-1")
            chunked = headers.hasHeader(b"Transfer-Encoding")
            self.refused = exceeded(path, length, chunked) is not None
            if self.refused:
                headers.removeHeader(b"Expect")  # or the client is told to send the body
                self.length = 0
            super().allHeadersReceived()
            if self.refused:
                self.persistent = False

        def rawDataReceived(self, data):
            """Until the response is complete twisted stops reading after 16 KiB."""
            if self.left is None:
                return super().rawDataReceived(data)
            self.left -= len(data)
            if self.left < 0:
                self.forceAbortClient()

        def loseConnection(self):
            if not self.refused or self.left is not None:
                return super().loseConnection()
            self.left = LINGER_BYTES
            self._dataBuffer = []
            self._networkProducer.unregisterProducer()
            self.transport.loseWriteConnection()
            self.transport.resumeProducing()
            # Cancelled by twisted when the connection is lost before.
            self._abortingCall = self.callLater(LINGER_SECONDS, self.forceAbortClient)

    return Channel
