"""Forms are UTF-8, whatever their header says."""

import re

CHARSET = re.compile(rb"""\s*;\s*charset\s*=\s*("[^"]*"|[^;]*)""", re.IGNORECASE)


class Utf8Forms:
    """ASGI middleware: takes the charset out of a request's Content-Type.

    Django would decode by any codec that Python has, and some of those (`undefined`, `idna`)
    raise before any of our code runs: an error of ours, with a traceback, for a wrong header.
    """

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        headers = [
            (name, utf8_only(value) if name.lower() == b"content-type" else value)
            for name, value in scope["headers"]
        ]
        await self.inner({**scope, "headers": headers}, receive, send)


def utf8_only(content_type: bytes) -> bytes:
    return CHARSET.sub(b"", content_type)
