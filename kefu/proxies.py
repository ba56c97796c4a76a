"""Who is really calling: X-Forwarded-* count only when they come from a listed proxy."""

import ipaddress
import logging
import re
import time

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

log = logging.getLogger("kefu.proxies")

REPEAT = 600
"""Seconds between two warnings of a proxy that tells no address."""
RECORD = "proxy_without_address"
"""The file in DATA_DIR whose text is the address of such a proxy, and whose time of change is when
it was last warned of: `manage.py doctor` is another process and reads it there."""
WITH_PORT = re.compile(r"\[([^\]]*:[^\]]*)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}")
SCHEMES = {"http": {"https": "https", "http": "http"}, "websocket": {"https": "wss", "http": "ws"}}


def plain(address: str) -> str:
    """The address by which an IPv4 caller is known everywhere: a socket that listens on `::`
    has it as `::ffff:10.0.0.1`, which no list of networks has."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.IPv6Address(address).ipv4_mapped or address)
    except ValueError:
        return address


def read_address(entry: str) -> str | None:
    """The IP address in one entry of X-Forwarded-For, without port, brackets and zone; None where
    there is none. `1.2.3.4:5678`, `[2001:db8::1]:5678` and `[2001:db8::1]` are read."""
    entry = entry.strip()
    found = WITH_PORT.fullmatch(entry)
    try:
        ip = ipaddress.ip_address((found[1] or found[2]) if found else entry)
    except ValueError:
        return None
    return plain(str(ip).partition("%")[0])


class TrustProxies:
    """ASGI middleware: takes the client's address and scheme from a trusted proxy's headers.

    TRUSTED_PROXIES lists addresses or networks. Of X-Forwarded-For the last address that is
    no trusted proxy counts: those before it are what the client itself claims. `address_told`
    in the scope says that there was one. Where an entry that counts is no address, the client's
    address is that of the proxy that sent it, so that limits and lock-outs still apply.
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
        told = (scope.get("client") or [""])[0]
        caller = plain(told)
        if caller != told:
            scope = {**scope, "client": [caller, *scope["client"][1:]]}
        if scope["type"] in SCHEMES and self.trusted(caller):
            scope = self.forwarded(scope)
        elif not self.warned:
            self.warn(scope, caller)
        return await self.inner(scope, receive, send)

    def trusted(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self.networks)

    def warn(self, scope: dict, caller: str) -> None:
        """Says once that a proxy nearby is not listed: all that comes through it has its address,
        and shares the limits of one. Far away, it is a client that makes up a header."""
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

    def forwarded(self, scope: dict) -> dict:
        scope = dict(scope)
        headers = {key.lower(): value.decode("latin-1") for key, value in scope["headers"]}
        self.take_address(scope, headers.get(b"x-forwarded-for"))
        scheme = SCHEMES[scope["type"]].get(headers.get(b"x-forwarded-proto", "").strip())
        if scheme:
            scope["scheme"] = scheme
        return scope

    def take_address(self, scope: dict, chain: str | None) -> None:
        """Sets the client's address in `scope` from the value of X-Forwarded-For. A request
        without that header is the proxy's own, as a health check is."""
        if chain is None:
            return
        proxy = scope["client"][0]
        for entry in reversed(chain.split(",")):
            address = read_address(entry)
            if address is None:
                scope["client"] = [proxy, 0]
                self.warn_of_no_address(proxy)
                return
            if not self.trusted(address):
                scope["client"] = [address, 0]
                scope["address_told"] = True
                return
            proxy = address

    def warn_of_no_address(self, proxy: str) -> None:
        """Writes a warning to the log, and RECORD for the doctor, at most once in REPEAT."""
        now = time.monotonic()
        if now < self.warn_again_at:
            return
        self.warn_again_at = now + REPEAT
        log.warning(
            "the trusted proxy at %s sends an X-Forwarded-For that is no address: all its visitors"
            " share the limits of one address",
            proxy,
        )
        try:
            (settings.DATA_DIR / RECORD).write_text(proxy)
        except OSError as error:
            log.warning("%s could not be written for the doctor: %s", RECORD, error.strerror)
