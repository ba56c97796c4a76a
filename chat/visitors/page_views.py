"""The pages that a visitor views, and their browser and address, as their agents see them.

URLs are stored without query, the network address as far as the enterprise keeps it, and of the
User-Agent header only the names. Nothing is stored before the first message.
"""

import ipaddress
from datetime import datetime, timezone
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.timezone import now

from accounts.models import Enterprise
from accounts.sign_ins.user_agents import parse_user_agent
from chat.delivery import announce
from chat.models import Visitor
from chat.protocol.forms import PageForm

Addresses = Enterprise.Addresses
MAX_PAGES = 10
"""Pages that are kept of a visitor, the newest."""


def connection_columns(user_agent: str, address: str, kept: Addresses) -> dict[str, str]:
    """The columns of a visitor that come from the connection. `kept` is how much of the network
    address is stored."""
    browser, device = parse_user_agent(user_agent)
    return {"browser": browser, "device": device, "address": stored_address(address, kept)}


def stored_address(address: str, kept: Addresses) -> str:
    """What is stored of a network address: all, nothing (""), or its network, which identifies a
    country and a provider, but no household: a /24 for IPv4, a /48 for IPv6. "" for an invalid
    address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if kept == Addresses.NONE:
        return ""
    if kept == Addresses.FULL:
        return str(ip)
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


def page_columns(page: PageForm | None, at: datetime) -> dict:
    """The columns of a new visitor for their current page."""
    if page is None:
        return {}
    return {"path": [path_entry(page.url, at)], "referrer": external_referrer(page)}


def path_entry(url: str, at: datetime) -> dict[str, str]:
    return {"url": url, "at": at.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")}


def external_referrer(page: PageForm) -> str:
    """The referrer; "" if it is a page of the same site."""
    here, there = urlsplit(page.url), urlsplit(page.referrer)
    return "" if here.netloc == there.netloc else page.referrer


def record_page(who: str, seen: dict[str, str], page: PageForm) -> None:
    """Stores the page and the connection columns `seen` of the visitor `who` (uuid), and announces
    changes to their agents. The referrer is that of the first page."""
    with transaction.atomic():
        visitor = Visitor.objects.select_for_update().filter(uuid=who).first()
        if visitor is None or visitor.is_erased:
            return
        columns = dict(seen)
        if not visitor.path or visitor.path[-1]["url"] != page.url:
            columns["path"] = [*visitor.path, path_entry(page.url, now())][-MAX_PAGES:]
        if not visitor.path and not visitor.referrer:
            columns["referrer"] = external_referrer(page)
        changed = [name for name, value in columns.items() if getattr(visitor, name) != value]
        if not changed:
            return
        for name in changed:
            setattr(visitor, name, columns[name])
        visitor.save(update_fields=changed)
    announce.send_visitor(visitor)
