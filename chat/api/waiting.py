"""Requests for events that wait until there are some.

Django answers a request on a thread, which must not be held for 25 s by everybody who waits. So
this stands before it: where the view has found nothing and begun a wait, its answer is kept back,
and the view is asked again when something has come. When the time is over, the kept answer goes
out.
"""

import asyncio
import time
from urllib.parse import parse_qsl, urlencode

from chat.stream.waits import Wait

PATH = "/api/v1/events/"
clock = time.monotonic


class WaitForEvents:
    """ASGI middleware, see above. The scope of a request that may wait has a `wait`, which the view
    begins."""

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        if scope["path"] != PATH or b"wait=" not in scope["query_string"]:
            return await self.inner(scope, receive, send)
        began, wait = clock(), Wait()
        line = Line(receive)
        try:
            await self.answer(scope | {"wait": wait}, line, send, began)
        finally:
            line.end()
            await wait.leave()

    async def answer(self, scope, line: "Line", send, began: float) -> None:
        wait = scope["wait"]
        while True:
            wait.begun = False
            wait.woken.clear()
            kept = KeptBack(wait, send)
            await self.inner(scope, line.receive, kept.send)
            if not kept.messages:
                return
            if not wait.name:
                await wait.enter()
                if wait.is_refused:
                    line.rewind()
                    continue
            try:
                await line.wait(wait.woken, began + wait.seconds - clock())
            except asyncio.CancelledError:
                # The server is about to end, and does not wait for this request.
                await kept.release()
                raise
            if line.is_gone:
                return
            if clock() >= began + wait.seconds:
                return await kept.release()
            scope = scope | {"query_string": continued(scope["query_string"], wait.cursor)}


def continued(query: bytes, cursor: str) -> bytes:
    """The query that goes on behind the cursor."""
    fields = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    others = [pair for pair in fields if pair[0] != "after"]
    return urlencode([*others, ("after", cursor)]).encode()


class KeptBack:
    """A `send` that keeps an answer back if its request waits."""

    def __init__(self, wait: Wait, send):
        self.wait, self.inner = wait, send
        self.messages: list[dict] = []

    async def send(self, message) -> None:
        if self.wait.begun:
            self.messages.append(message)
        else:
            await self.inner(message)

    async def release(self) -> None:
        for message in self.messages:
            await self.inner(message)


class Line:
    """What a client sends: a request, and then nothing until it goes. `receive` gives the request
    once more after each wait."""

    def __init__(self, receive):
        self.inner = receive
        self.gone: asyncio.Future | None = None
        self.again = False

    async def receive(self):
        if self.gone is None:
            return await self.inner()
        if self.again:
            self.again = False
            return {"type": "http.request", "body": b"", "more_body": False}
        return await asyncio.shield(self.gone)

    async def wait(self, woken: asyncio.Event, seconds: float) -> None:
        """Waits until it is woken, the client has gone, or the time is over."""
        gone = self.rewind()
        waking = asyncio.ensure_future(woken.wait())
        try:
            await asyncio.wait({gone, waking}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waking.cancel()

    def rewind(self) -> asyncio.Future:
        """The request is read once more. Returns what is done when the client goes."""
        self.gone = self.gone or asyncio.ensure_future(self.inner())
        self.again = True
        return self.gone

    @property
    def is_gone(self) -> bool:
        return self.gone is not None and self.gone.done()

    def end(self) -> None:
        if self.gone is not None:
            self.gone.cancel()
