"""Where a visitor is and came from, and with what: told to the agents of their conversations.

Addresses of pages come without what follows a "?", the visitor's own as far as the enterprise keeps
it, and of the browser only its name is kept. Before the first message nothing is stored.
"""

import ipaddress
from datetime import datetime, timezone
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.timezone import now

from accounts.models import Enterprise
from chat.delivery import announce
from chat.models import ChatGroup, Conversation, Visitor
from chat.protocol import events
from chat.protocol.forms import PageForm

from . import user_agents

Addresses = Enterprise.Addresses
MAX_PAGES = 10
"""Pages that are kept, the newest."""


def connection_columns(user_agent: str, address: str, kept: Addresses) -> dict[str, str]:
    """The columns of a visitor that their connection tells; of the address what is `kept`."""
    browser, device = user_agents.parse_user_agent(user_agent)
    return {"browser": browser, "device": device, "address": stored_address(address, kept)}


def stored_address(address: str, kept: Addresses) -> str:
    """Of an address what the enterprise keeps: all of it, nothing, or the network that it is in:
    enough to tell a country or a provider, but no household. Then it is an IPv4 address without its
    last number, or of an IPv6 one the first 48 of its 128 bits."""
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
    """The columns of a visitor whose row is about to be made."""
    if page is None:
        return {}
    return {"path": [path_entry(page.url, at)], "referrer": external_referrer(page)}


def path_entry(url: str, at: datetime) -> dict[str, str]:
    return {"url": url, "at": at.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")}


def external_referrer(page: PageForm) -> str:
    """Where they came from; another page of the same site is no origin."""
    here, there = urlsplit(page.url), urlsplit(page.referrer)
    return "" if here.netloc == there.netloc else page.referrer


def record_page(who: str, seen: dict[str, str], page: PageForm) -> None:
    """Stores what has changed of a visitor, and tells the agents of their conversations. The
    referrer is that of the first page."""
    with transaction.atomic():
        visitor = Visitor.objects.select_for_update().filter(uuid=who).first()
        if visitor is None or visitor.is_erased:
            return
        told = dict(seen)
        if not visitor.path or visitor.path[-1]["url"] != page.url:
            told["path"] = [*visitor.path, path_entry(page.url, now())][-MAX_PAGES:]
        if not visitor.path and not visitor.referrer:
            told["referrer"] = external_referrer(page)
        changed = [name for name, value in told.items() if getattr(visitor, name) != value]
        if not changed:
            return
        for name in changed:
            setattr(visitor, name, told[name])
        visitor.save(update_fields=changed)
    announce.send_event(visitor.ent_id, agents_of(who), events.visitor(visitor))


def agents_of(who: str) -> list[str]:
    """The agents who sit in any of a visitor's conversations that are not held as spam."""
    found = Conversation.objects.filter(visitor_id=who, held_for="")
    groups = list(found.values_list("uuid", flat=True))
    seats = ChatGroup.objects.filter(uuid__in=groups).exclude(member_id=who)
    return sorted(set(seats.values_list("member_id", flat=True)))
