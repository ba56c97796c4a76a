"""A socket opens only from a page of ours, or from a site that the enterprise allows.

Channels' own validator raises on some malformed origins and takes the last of two, so the
header is read here: exactly one, well formed, and compared whole (scheme, host, port).
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

PORTS = {"http": 80, "https": 443}


class CheckOrigin:
    """ASGI middleware: refuses a handshake (HTTP 403) without one sound Origin, and tells the
    consumer by `origin` and `origin_is_ours` whose page it is."""

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        origin = sole_header(scope, b"origin")
        parsed = parse(origin)
        if parsed is None:
            await receive()
            return await send({"type": "websocket.close"})
        ours = parsed in own_origins(scope)
        scope = {**scope, "origin": origin.lower().rstrip("/"), "origin_is_ours": ours}
        return await self.inner(scope, receive, send)


def refuse_like_us(protocol: type) -> None:
    """Makes daphne answer 403, as CheckOrigin does, to the origins that it refuses itself.

    Autobahn reads Origin before the application does, and answers 400 to two of them or to
    one that it cannot parse; whoever tries them on should learn nothing from the difference.
    """
    fail = protocol.failHandshake

    def fail_handshake(self, reason, code=400, responseHeaders=None):
        return fail(self, reason, 403 if "Origin" in reason else code, responseHeaders)

    protocol.failHandshake = fail_handshake


def sole_header(scope: dict, name: bytes) -> str:
    """A header's value; "" when it is missing or there more than once."""
    values = [value for key, value in scope["headers"] if key.lower() == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def parse(origin: str) -> tuple[str, str, int] | None:
    """(scheme, host, port) of an origin as browsers send it; None for anything else."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    # An empty query or fragment leaves no trace in the parts.
    if parts.path or any(letter in "?#" or letter.isspace() for letter in origin):
        return None
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme]


def own_origins(scope: dict) -> set[tuple[str, str, int] | None]:
    """The origins that are this site's: of the address that was called, and PUBLIC_URL."""
    origins = {parse(settings.PUBLIC_URL)} if settings.PUBLIC_URL else set()
    host = sole_header(scope, b"host")
    domain, _port = split_domain_port(host)
    if domain and validate_host(domain, settings.ALLOWED_HOSTS):
        secure = scope.get("scheme") in ("wss", "https")
        origins.add(parse(f"{'https' if secure else 'http'}://{host}"))
    return origins - {None}
