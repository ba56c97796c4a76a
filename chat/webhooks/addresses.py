"""Where the server may send: to public addresses by https, and to the networks that the operator
lists for the purpose (WEBHOOK_ALLOW, AI_ALLOW).

A name is resolved once for each try, every address that it has is checked, and the connection goes
to one of those (sender.py). So a name that means something else a moment later leads nowhere.
"""

import ipaddress
import re
import socket
from collections.abc import Sequence
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from chat.protocol.errors import Refused

MAX_URL = 500
"""Characters."""
NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")
GLOBAL_6 = ipaddress.ip_network("2000::/3")
"""The only IPv6 addresses that are given out; NAT64, mapped and local ones are outside."""
WITHIN = [
    ipaddress.ip_network(network)
    for network in (
        "2001::/23",  # Teredo, and others that are no hosts
        "2001:db8::/32",
        "3fff::/20",  # Documentation, which Python does not know in every version
        "2002::/16",  # 6to4: an IPv4 address, public or not
        "192.0.0.0/24",  # Protocols' own addresses; Python's versions differ in which are public
        "192.88.99.0/24",
        "168.63.129.16/32",  # Azure's virtual machines reach their host by it
    )
]
"""What lies among public addresses and is none, or is not what it seems."""
NOT_PUBLIC = "its address is not public"
"""Not which: members would learn what names mean within the operator's network."""


class Forbidden(Exception):
    """The URL leads where it must not. The text says what is wrong, for members."""


class Unknown(Forbidden):
    """Its host has no address now."""


class Target(NamedTuple):
    """What a URL says: `path` with its query."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def check(url, allowed: Sequence[str]) -> str:
    """The URL, if it may be sent to where `allowed` networks need not be public. Raises Refused
    (bad_field)."""
    try:
        target = parse(url)
        if literal := as_address(target.host):
            judge(literal, target.secure, allowed)
        elif target.host.rstrip(".").endswith("localhost") and not allowed:
            raise Forbidden("it leads to this machine")
        if not target.secure and not allowed:
            raise Forbidden("it must begin with https://")
    except Forbidden as error:
        raise Refused("bad_field", f"url: {error}.", field="url") from None
    return url


def parse(url, most: int = MAX_URL) -> Target:
    """Raises Forbidden where it is no URL that can be sent to, of up to so many characters."""
    if not isinstance(url, str) or not 0 < len(url) <= most:
        raise Forbidden(f"it is a text of up to {most} characters")
    if re.search(r"[\s\\\x00-\x20\x7f-\xa0]", url):
        raise Forbidden("it contains spaces or backslashes")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Forbidden("it is no URL") from None
    if parts.scheme not in ("https", "http") or not host or port == 0:
        raise Forbidden("it must begin with https:// and a host")
    if "@" in parts.netloc or "#" in url:
        raise Forbidden("it must have no password and no fragment")
    secure = parts.scheme == "https"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/?%:@!$&'()*+,;=~-._[]")
    return Target(secure, host_of(host), port or (443 if secure else 80), path)


def host_of(host: str) -> str:
    if as_address(host):
        return host
    try:
        name = host.encode("idna").decode()
    except UnicodeError:
        name = ""
    if len(name) > 253 or not NAME.fullmatch(name):
        raise Forbidden("its host is no name")
    return name


def as_address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return None if "%" in host else ipaddress.ip_address(host)
    except ValueError:
        return None


def resolve(target: Target, allowed: Sequence[str]) -> list[str]:
    """The addresses of the host, all of which are permitted. Raises Forbidden where one is not, or
    where there is none."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unknown("its host is not known") from None
    addresses = list(dict.fromkeys(entry[4][0] for entry in found))
    for address in addresses:
        parsed = as_address(address)
        if parsed is None:  # With a zone: it is of this link.
            raise Forbidden(NOT_PUBLIC)
        judge(parsed, target.secure, allowed)
    return addresses


def judge(address: IPv4Address | IPv6Address, secure: bool, allowed: Sequence[str]) -> None:
    """Raises Forbidden unless a connection may lead to this address."""
    address = getattr(address, "ipv4_mapped", None) or address
    if any(address in network for network in networks(tuple(allowed))):
        return
    if not is_public(address):
        raise Forbidden(NOT_PUBLIC)
    if not secure:
        raise Forbidden("it must begin with https://")


@cache
def networks(entries: tuple[str, ...]) -> list:
    return [ipaddress.ip_network(entry) for entry in entries]


def is_public(address: IPv4Address | IPv6Address) -> bool:
    if any(address in network for network in WITHIN):
        return False
    if address.version == 6 and address not in GLOBAL_6:
        return False
    special = address.is_multicast or address.is_reserved or address.is_private
    return address.is_global and not special and not address.is_unspecified
