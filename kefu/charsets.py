"""Reads all forms as UTF-8, whatever charset their header names."""

import re

CHARSET = re.compile(rb"""\s*;\s*charset\s*=\s*("[^"]*"|[^;]*)""", re.IGNORECASE)


class Utf8Forms:
    """ASGI middleware: removes the charset from a request's Content-Type.

    Django would use any codec of Python. Some of them (`undefined`, `idna`) raise before a view
    runs, so a wrong header would cause an error 500 and a traceback in the log.
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
    """The value of a Content-Type header without its charset."""
    return CHARSET.sub(b"", content_type)
