"""Reads all forms as UTF-8, whatever charset their header names."""


class Utf8Forms:
    """ASGI middleware: keeps of a request's Content-Type only the type and the boundary.

    Django would use any codec of Python, also for what parameters say in the form of RFC 2231. Some
    of them (`undefined`, `idna`) raise before a view runs, as does such a parameter that is
    malformed: a wrong header would cause an error 500 and a traceback in the log.
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
    """The value of a Content-Type header without all parameters but the first boundary. This runs
    in the event loop, on headers of any length: a regular expression could block it."""
    kind, *parameters = content_type.split(b";")
    for parameter in parameters:
        name, _equals, value = parameter.partition(b"=")
        if name.strip().lower() == b"boundary":
            return b"%b; boundary=%b" % (kind.strip(), value.strip())
    return kind.strip()
