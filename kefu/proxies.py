"""Finds the address of the client: X-Forwarded-* is only used if a trusted proxy sent it, and
Daphne-Root-Path never."""

import ipaddress
import logging
import re
import time

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

log = logging.getLogger("kefu.proxies")

WARNING_INTERVAL = 600
"""Seconds between two warnings about a proxy that sends no address."""
RECORD = "proxy_without_address"
"""The file in DATA_DIR with the address of such a proxy. Its modification time is that of the last
warning. `manage.py doctor`, which is another process, reads it."""
WITH_PORT = re.compile(r"\[([^\]]*:[^\]]*)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}")
SCHEMES = {"http": {"https": "https", "http": "http"}, "websocket": {"https": "wss", "http": "ws"}}


def unmap_ipv4(address: str) -> str:
    """An IPv4 address in its usual form: a socket that listens on `::` reports `::ffff:10.0.0.1`,
    which no list of networks contains. Other addresses are returned unchanged."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.IPv6Address(address).ipv4_mapped or address)
    except ValueError:
        return address


def parse_address(entry: str) -> str | None:
    """The IP address in an entry of X-Forwarded-For, without port, brackets and zone, such as
    `1.2.3.4:5678`, `[2001:db8::1]:5678` or `[2001:db8::1]`; None if there is none."""
    entry = entry.strip()
    found = WITH_PORT.fullmatch(entry)
    try:
        ip = ipaddress.ip_address((found[1] or found[2]) if found else entry)
    except ValueError:
        return None
    return unmap_ipv4(str(ip).partition("%")[0])


class TrustProxies:
    """ASGI middleware: takes the client's address and scheme from a trusted proxy's headers.

    TRUSTED_PROXIES lists addresses and networks. The client's address is the last one in
    X-Forwarded-For that is no trusted proxy; those before it are only claims of the client.
    `address_told` in the scope is set if there was one. If an entry on the way is no address, the
    client's address is that of the proxy that sent it, so that limits and lockouts still apply.
    """

    def __init__(self, inner):
        self.inner = inner
        try:
            self.networks = [ipaddress.ip_network(entry) for entry in settings.TRUSTED_PROXIES]
        except ValueError as error:
            raise ImproperlyConfigured(f"TRUSTED_PROXIES: {error}") from error
        self.warned = False
        self.warn_again_at = 0.0

    async def __call__(self, scope, receive, send):
        peer = (scope.get("client") or [""])[0]
        caller = unmap_ipv4(peer)
        # daphne takes this from a header of any client, and all addresses that are made begin with
        # it, those in mails that set a password too. Kefu is never below a path.
        scope = {**scope, "root_path": ""}
        if caller != peer:
            scope["client"] = [caller, *scope["client"][1:]]
        if scope["type"] in SCHEMES and self.is_trusted(caller):
            scope = self.apply_headers(scope)
        elif not self.warned:
            self.warn_of_unlisted(scope, caller)
        return await self.inner(scope, receive, send)

    def is_trusted(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self.networks)

    def warn_of_unlisted(self, scope: dict, caller: str) -> None:
        """Warns once about a proxy with a private address that is not listed, because all its
        clients share the limits of one address. A public address is a client with a forged
        header."""
        if any(key.lower() == b"x-forwarded-for" for key, _ in scope.get("headers", ())):
            try:
                near = ipaddress.ip_address(caller).is_private
            except ValueError:
                return
            if near:
                self.warned = True
                log.warning(
                    "a proxy at %s is not in TRUSTED_PROXIES: all its visitors share the"
                    " limits of one address",
                    caller,
                )

    def apply_headers(self, scope: dict) -> dict:
        """A copy of `scope` with the address and the scheme from the proxy's headers."""
        scope = dict(scope)
        headers = {key.lower(): value.decode("latin-1") for key, value in scope["headers"]}
        # Some proxies append a line of their own; all lines are one list.
        lines = [line for key, line in scope["headers"] if key.lower() == b"x-forwarded-for"]
        self.set_address(scope, b",".join(lines).decode("latin-1") if lines else None)
        scheme = SCHEMES[scope["type"]].get(headers.get(b"x-forwarded-proto", "").strip())
        if scheme:
            scope["scheme"] = scheme
        return scope

    def set_address(self, scope: dict, chain: str | None) -> None:
        """Sets the client's address in `scope` from the value of X-Forwarded-For. A request
        without that header is the proxy's own, as a health check is."""
        if chain is None:
            return
        proxy = scope["client"][0]
        for entry in reversed(chain.split(",")):
            address = parse_address(entry)
            if address is None:
                scope["client"] = [proxy, 0]
                self.warn_of_no_address(proxy)
                return
            if not self.is_trusted(address):
                scope["client"] = [address, 0]
                scope["address_told"] = True
                return
            proxy = address

    def warn_of_no_address(self, proxy: str) -> None:
        """Writes a warning to the log, and RECORD for the doctor, at most once in
        WARNING_INTERVAL."""
        now = time.monotonic()
        if now < self.warn_again_at:
            return
        self.warn_again_at = now + WARNING_INTERVAL
        log.warning(
            "the trusted proxy at %s sends an X-Forwarded-For that is no address: all its visitors"
            " share the limits of one address",
            proxy,
        )
        try:
            (settings.DATA_DIR / RECORD).write_text(proxy)
        except OSError as error:
            log.warning("%s could not be written for the doctor: %s", RECORD, error.strerror)
