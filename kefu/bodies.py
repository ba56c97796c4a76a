"""Refuses request bodies that are too large before they are read, and ends those that take too
long.

Django answers a request only after its whole body was received, and daphne keeps the body on disk
and in memory before it calls Django. So Django gets such a request without its body;
kefu.limits.BodyLimit answers it by its headers. After the response the connection is closed.

It is not closed at once: a peer that is still sending when its connection is reset may lose the
response that it has not read. The rest of the body is read and discarded, up to LINGER_BYTES and
LINGER_SECONDS.

What has arrived of a body lies in memory and temporary files until it is whole or the connection
ends. So after BODY_SECONDS it is thrown away, and the connection closed.
"""

import asyncio
import time
from urllib.parse import unquote

from django.conf import settings
from django.urls import Resolver404, resolve

MAX_HEADERS = 32 * 1024
"""Bytes of a request's address and headers under uvicorn; twisted takes 16 KiB."""
LINGER_BYTES = 64 * 1024 * 1024
"""Bytes that are read and discarded after a refusal: three times the largest allowed body, so that
people who choose a file that is too large can read the reason."""
LINGER_SECONDS = 5
"""How long the connection of a refused request stays open for that."""
BODY_SECONDS = 600
"""How long a body may take to arrive: the largest message at 150 kbit/s, a telephone's worst
line."""
FILE_VIEWS = (
    *("visitor-messages", "conversation-messages", "api:conversation-files"),
    *("articles:picture", "admin-articles:picture"),
)
"""The addresses that take files with messages, and pictures of articles."""
IMPORT_VIEWS = "customer-imports", "articles:import", "admin-articles:import"
LARGE_ENDS = "/messages/", "/files/", "/import/", "/pictures/"
"""How all addresses end that take large bodies: only these are resolved."""
clock = time.monotonic


def exceeded_limit(path: str, length: str, chunked: bool) -> int | None:
    """The limit, in bytes, that a request's body exceeds; None if it is accepted.

    `path` is decoded and has no query, `length` is the Content-Length or "", `chunked` whether
    there is a Transfer-Encoding. The limit is MAX_FILE_BODY where files are sent, MAX_IMPORT_BODY
    where customers and articles are imported, elsewhere MAX_API_BODY for programs and MAX_BODY for
    people; a body of unknown length exceeds it, too.
    """
    most = limit_at(path)
    length = length or "0"
    if chunked or not length.isdecimal() or int(length) > most:
        return most
    return None


def limit_at(path: str) -> int:
    large = {
        **dict.fromkeys(FILE_VIEWS, settings.MAX_FILE_BODY),
        **dict.fromkeys(IMPORT_VIEWS, settings.MAX_IMPORT_BODY),
    }
    usual = settings.MAX_API_BODY if path.startswith("/api/") else settings.MAX_BODY
    try:
        view = resolve(path).view_name if path.endswith(LARGE_ENDS) else ""
    except Resolver404:
        view = ""
    return large.get(view, usual)


class SkipLargeBodies:
    """ASGI middleware: replaces a body that is too large by an empty one, and has the server close
    the connection after the response. Likewise after a body that took too long, which is answered
    408."""

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"").decode("latin-1")
        if exceeded_limit(scope["path"], length, b"transfer-encoding" in headers) is None:
            if length in ("", "0"):
                return await self.inner(scope, receive, send)
            body = TimedBody(receive)
            await self.inner(scope, body.receive, send)
            if body.overdue:
                headers = [(b"connection", b"close"), (b"content-length", b"0")]
                await send({"type": "http.response.start", "status": 408, "headers": headers})
                await send({"type": "http.response.body", "body": b""})
            return

        async def send_unfinished(message):
            """Sends all but the end of the response, after which the server closes the
            connection."""
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


class TimedBody:
    """A body that must arrive within BODY_SECONDS. For the application one that doesn't ends as if
    its sender had gone: it answers nothing, and deletes what it has."""

    def __init__(self, receive):
        self.inner = receive
        self.end = clock() + BODY_SECONDS
        self.more = True
        self.overdue = False

    async def receive(self):
        if not self.more:
            return await self.inner()
        try:
            message = await asyncio.wait_for(self.inner(), max(0, self.end - clock()))
        except asyncio.TimeoutError:
            message = {}
        if not message or clock() >= self.end:
            self.more, self.overdue = False, True
            return {"type": "http.disconnect"}
        self.more = message.get("more_body", False)
        return message


def empty_body():
    """A `receive` that returns an empty body once, and then waits for ever."""
    sent = False

    async def receive():
        nonlocal sent
        if sent:
            await asyncio.Future()
        sent = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


async def discard(receive) -> None:
    """Reads until the body or the connection ends, or LINGER_BYTES are read."""
    left, more = LINGER_BYTES, True
    while more and left > 0:
        message = await receive()
        more = message.get("more_body", False)
        left -= len(message.get("body", b""))


def daphne_channel() -> type:
    """A class for `protocol` of daphne's HTTPFactory: twisted's HTTP/1.1 connection, which passes a
    request on as soon as its headers show that its body is too large, and is closed where a body
    takes too long."""
    from twisted.web.http import HTTPChannel

    class Channel(HTTPChannel):
        refused = False
        left = None
        """Bytes that may still be discarded; None before the response is complete."""
        deadline = None
        """The call that ends a body that takes too long."""

        def allHeadersReceived(self):
            # Twisted would parse forms in the event loop, for seconds; daphne needs nothing of it.
            self.requests[-1]._parsePOSTFormSubmission = False
            headers = self.requests[-1].requestHeaders
            # No client says where Kefu is (kefu/proxies.py), and daphne fails if it is not ASCII.
            headers.removeHeader(b"Daphne-Root-Path")
            path = unquote(self._path.partition(b"?")[0].decode("latin-1"))
            length = headers.getRawHeaders(b"Content-Length", [b""])[-1].decode("latin-1")
            chunked = headers.hasHeader(b"Transfer-Encoding")
            self.refused = exceeded_limit(path, length, chunked) is not None
            if self.refused:
                headers.removeHeader(b"Expect")  # Otherwise twisted asks the client for the body.
                self.length = 0
            super().allHeadersReceived()
            if self.refused:
                self.persistent = False
            elif self.length:
                self.deadline = self.callLater(BODY_SECONDS, self.end_body)

        def end_body(self):
            self.deadline = None
            self.transport.write(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")
            self.timeoutConnection()

        def keep_body(self):
            if self.deadline is not None:
                self.deadline.cancel()
                self.deadline = None

        def allContentReceived(self):
            self.keep_body()
            super().allContentReceived()

        def connectionLost(self, reason):
            self.keep_body()
            super().connectionLost(reason)

        def rawDataReceived(self, data):
            """Discards data after the response. Before, twisted itself stops reading after 16
            KiB."""
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
            # twisted cancels this call if the connection is lost before.
            self._abortingCall = self.callLater(LINGER_SECONDS, self.forceAbortClient)

    return Channel


def uvicorn_http() -> type:
    """A class for uvicorn's option `http`: its protocol on the `httptools` package, which has no
    limit of its own, with MAX_HEADERS."""
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    class Protocol(HttpToolsProtocol):
        arrived = None
        """Bytes of headers that are not complete yet, but for those that came with their start;
        None between."""

        def on_message_begin(self):
            super().on_message_begin()
            self.arrived = 0

        def on_headers_complete(self):
            self.arrived = None
            size = sum(len(name) + len(value) for name, value in self.headers)
            if len(self.url) + size > MAX_HEADERS:
                raise ValueError("The headers are too large")  # Answered 400.
            super().on_headers_complete()

        def on_chunk_header(self):
            self.arrived = 0  # Behind the last chunk there may be headers again.

        def on_body(self, body):
            self.arrived = None
            super().on_body(body)

        def on_message_complete(self):
            self.arrived = None
            super().on_message_complete()

        def data_received(self, data):
            if self.arrived is not None:
                self.arrived += len(data)
            super().data_received(data)
            if self.arrived is not None and self.arrived > MAX_HEADERS:
                self.send_400_response("The headers are too large")

    return Protocol
