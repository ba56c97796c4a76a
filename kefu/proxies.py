"""Who is really calling: X-Forwarded-* count only when they come from a listed proxy."""

import ipaddress
import logging

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

log = logging.getLogger("kefu.proxies")

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


class TrustProxies:
    """ASGI middleware: takes the client's address and scheme from a trusted proxy's headers.

    TRUSTED_PROXIES lists addresses or networks. Of X-Forwarded-For the last address that is
    no trusted proxy counts: those before it are what the client itself claims. `address_told`
    in the scope says that there was one.
    """

    def __init__(self, inner):
        self.inner = inner
        try:
            self.networks = [ipaddress.ip_network(entry) for entry in settings.TRUSTED_PROXIES]
        except ValueError as error:
            raise ImproperlyConfigured(f"TRUSTED_PROXIES: {error}") from error
        self.warned = False

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
        chain = [plain(part.strip()) for part in headers.get(b"x-forwarded-for", "").split(",")]
        for address in reversed([part for part in chain if part]):
            if not self.trusted(address):
                scope["client"] = [address, 0]
                scope["address_told"] = True
                break
        scheme = SCHEMES[scope["type"]].get(headers.get(b"x-forwarded-proto", "").strip())
        if scheme:
            scope["scheme"] = scheme
        return scope
