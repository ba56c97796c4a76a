"""Checks the header Origin of WebSocket handshakes.

A socket may be opened by pages of this site, and by sites that the enterprise allows. The validator
of Channels raises for some malformed origins, and accepts the last of two. So this module requires
exactly one valid header, and compares scheme, host and port.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

PORTS = {"http": 80, "https": 443}
BOTS_PATH = "/ws/agent/"


class CheckOrigin:
    """ASGI middleware: refuses a handshake without exactly one valid Origin with 403. It sets
    `origin` and `origin_is_ours` in the scope; the consumer checks the enterprise's sites.

    A bot's handshake needs no Origin: it has an access token, the header Authorization in `bearer`,
    which no page of another site can send.
    """

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        bearer = single_header(scope, b"authorization")
        # Browsers send another scheme by themselves, where a proxy asks for a password.
        if scope["path"] == BOTS_PATH and bearer.lower().startswith("bearer "):
            scope = {**scope, "bearer": bearer, "origin": "", "origin_is_ours": True}
            return await self.inner(scope, receive, send)
        origin = single_header(scope, b"origin")
        parsed = parse_origin(origin)
        if parsed is None:
            await receive()
            return await send({"type": "websocket.close"})
        ours = parsed in own_origins(scope)
        scope = {**scope, "origin": origin.lower(), "origin_is_ours": ours}
        return await self.inner(scope, receive, send)


def align_refusals(protocol: type) -> None:
    """Makes daphne answer 403, as CheckOrigin does, to origins that it refuses itself, and refuse
    malformed handshakes without an error in the log.

    Autobahn reads Origin before the application, and answers 400 to two headers or an invalid one.
    `protocol` is daphne's class for WebSocket connections.
    """
    from autobahn.websocket.types import ConnectionDeny

    fail, connect, close = protocol.failHandshake, protocol.onConnect, protocol.onClose

    def fail_handshake(self, reason, code=400, responseHeaders=None):
        return fail(self, reason, 403 if "Origin" in reason else code, responseHeaders)

    def on_connect(self, request):
        if not request.headers.get("sec-websocket-protocol", "").isascii():
            raise ConnectionDeny(400, "Sec-WebSocket-Protocol is not ASCII")
        return connect(self, request)

    def on_close(self, *how):
        # What was refused before onConnect never became a connection that daphne knows.
        if hasattr(self, "server"):
            close(self, *how)

    protocol.failHandshake = fail_handshake
    protocol.onConnect, protocol.onClose = on_connect, on_close


def single_header(scope: dict, name: bytes) -> str:
    """The value of a header; "" if it is missing or occurs more than once."""
    values = [value for key, value in scope["headers"] if key.lower() == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def parse_origin(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin as browsers send it; None for anything else."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    # urlsplit drops an empty query or fragment.
    if parts.path or any(letter in "?#" or letter.isspace() for letter in origin):
        return None
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme]


def own_origins(scope: dict) -> set[tuple[str, str, int] | None]:
    """The origins of this site: the host of the request, if it is allowed, and PUBLIC_URL."""
    origins = {parse_origin(settings.PUBLIC_URL)} if settings.PUBLIC_URL else set()
    host = single_header(scope, b"host")
    domain, _port = split_domain_port(host)
    if domain and validate_host(domain, settings.ALLOWED_HOSTS):
        secure = scope.get("scheme") in ("wss", "https")
        origins.add(parse_origin(f"{'https' if secure else 'http'}://{host}"))
    return origins - {None}
