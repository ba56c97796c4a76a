"""Which network an address belongs to."""

import ipaddress
from functools import lru_cache


@lru_cache(1024)
def network(address: str) -> str:
    """The key of a network address: the IPv4 address, or the /64 network of an IPv6 address, which
    is the smallest that providers assign. "" for none, as behind a Unix socket without forwarded
    addresses."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if ip.version == 6 and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(ip) >> 64 << 64, 64)))
    return str(getattr(ip, "ipv4_mapped", None) or ip)
