"""By which ways a customer is reached: the page and the channels by which they have written, how
each is known to be theirs, and whether they can be written to by it now."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone

from accounts.models import Member
from chat.ledger.threads import MESSAGE
from chat.models import (
    Channel,
    ChannelContact,
    ChannelDelivery,
    ContactBy,
    Conversation,
    GroupMessage,
    Visitor,
    theirs,
)
from chat.protocol import channels, events
from chat.protocol.selection import PAGE

from . import conversation_page

WHOLE = {channels.WEIXIN: 5, channels.WEIXIN_KF: 5}
"""Messages of a window in which nothing was sent yet, as WeChat documents them for both (公众号:
since 2023-06-12)."""
OPEN, CLOSED, OFF, GONE, BROKEN, LOST = "open", "closed", "off", "gone", "broken", "lost"
"""They can be written to; not before they write again; the channel is switched off, so that what is
sent waits; nobody is there any more; the channel does not work now; the last message did not
arrive, and they have not written since."""
SIGNED, PROVEN, PLATFORM, WROTE = "signed", "proven", "platform", "wrote"
"""How a way is known to be theirs: the site has signed it, they have proved the address, the other
platform's own id says so; they wrote from that address, which is no proof. "" is not known."""


class Talk(NamedTuple):
    """A conversation of the customer."""

    group: str
    kind: str
    visitor: str


def kinds_of(code: str, chosen: str) -> list[str]:
    """The ways by which people write to an enterprise (its code), and the chosen one."""
    kinds = set(Channel.objects.filter(theirs(code)).values_list("kind", flat=True))
    return [PAGE, *(kind for kind in channels.KINDS if kind in kinds or kind == chosen)]


def page(
    member: Member,
    conversation: Conversation,
    at: int | None = None,
    states: dict[str, str] | None = None,
    contacts: bool = False,
) -> dict:
    """What the workspace shows of a conversation (conversation_page.agent_page), with the ways by
    which its customer is reached under `reach`, where one of them is a channel."""
    shown = conversation_page.agent_page(member, conversation, at, states, contacts)
    own = conversation.visitor_id
    talks = [Talk(conversation.uuid, conversation.channel or PAGE, own)]
    for one in shown["visitor"]["others"]:
        kind = one.get("channel", PAGE)
        talks.append(Talk(one["group"], kind, one.get("visitor", own)))
    found = ways(conversation.ent_id, talks, contacts or member.sees_contacts)
    return shown | ({"reach": found} if found else {})


def ways(code: str, talks: list[Talk], sees_contacts: bool) -> list[dict]:
    """The ways of these conversations of one customer of an enterprise, the one by which they wrote
    last first, each once; [] where none is a channel. The first conversation stands for its way,
    whichever of the same they wrote in last.

    Of each `kind` (of a channel, or PAGE), `address`, `how` and whether that is a proof (`sure`),
    the `group`, the `window` and of how many messages a `whole` one is, `state`, and `wrote_at`;
    of mails also who reads along (`copies`).
    """
    if all(talk.kind == PAGE for talk in talks):
        return []
    visitors = Visitor.objects.filter(theirs(code), uuid__in={talk.visitor for talk in talks})
    people, wrote = {one.uuid: one for one in visitors}, last_written(code, talks)
    found = ChannelContact.objects.select_related("channel")
    rows = found.filter(theirs(code), conversation_id__in=[talk.group for talk in talks])
    rows = rows.annotate(said=last_sent("state"), said_at=last_sent("created_at"))
    known, now = {row.conversation_id: row for row in rows}, timezone.now()
    shown = [
        {
            **address_of(talk.kind, people[talk.visitor], sees_contacts),
            **standing(talk.kind, known.get(talk.group), wrote.get(talk.group), now),
            **copies(known.get(talk.group), sees_contacts),
            "group": talk.group,
            "wrote_at": wrote.get(talk.group),
        }
        for talk in talks
        if talk.visitor in people
    ]
    once: dict[tuple, dict] = {}
    for way in [*shown[:1], *sorted(shown[1:], key=latest, reverse=True)]:
        once.setdefault((way["kind"], way["address"]), way)
    return sorted(once.values(), key=latest, reverse=True)


def latest(way: dict) -> float:
    return way["wrote_at"].timestamp() if way["wrote_at"] else 0.0


def last_written(code: str, talks: list[Talk]) -> dict[str, datetime]:
    """When the customer wrote last, by conversation."""
    groups, people = {talk.group for talk in talks}, {talk.visitor for talk in talks}
    said = GroupMessage.objects.filter(theirs(code), group_id__in=groups, sender__in=people)
    said = said.filter(message_type=MESSAGE).order_by()
    return dict(said.values_list("group_id").annotate(Max("created_at")))


def last_sent(column: str) -> Subquery:
    """What the delivery of the last message to a contact has in this column."""
    own = ChannelDelivery.objects.filter(
        conversation=OuterRef("conversation"), ent_id=OuterRef("ent_id")
    )
    return Subquery(own.order_by("-seq").values(column)[:1])


def address_of(kind: str, visitor: Visitor, sees: bool) -> dict:
    """What a visitor is known by there, and how."""
    facts = events.visitor_facts(visitor, sees)
    by = ContactBy(visitor.contact_by)
    if kind == channels.MAIL:
        how = PROVEN if visitor.is_proven else WROTE
        address = facts["contact"] or facts["name"]
    elif kind == PAGE:
        proven = PROVEN if by == ContactBy.PROVEN else ""
        how, address = SIGNED if visitor.identity_key else proven, facts["name"]
    else:
        how, address = PLATFORM, facts["name"]
    return {"kind": kind, "address": address, "how": how, "sure": how not in ("", WROTE)}


def standing(kind: str, contact: Any, wrote_at: datetime | None, now: datetime) -> dict:
    """Whether they can be written to, and what is left of the window. `contact` is a ChannelContact
    with the state and time of the last message to them (`last_sent`), or None."""
    window = contact.window if contact else None
    if kind == PAGE:
        state = OPEN
    elif contact is None:
        state = GONE
    elif not contact.is_open(now):
        state = CLOSED
    elif not contact.channel.active:
        state = OFF
    elif contact.channel.failure:
        state = BROKEN
    else:
        state = LOST if window is None and is_lost(contact, wrote_at) else OPEN
    return {"state": state, "window": window, "whole": WHOLE.get(kind)}


def is_lost(contact: Any, wrote_at: datetime | None) -> bool:
    """Whether the last message to them did not arrive, and they have not written since."""
    if contact.said != ChannelDelivery.State.FAILED:
        return False
    return wrote_at is None or wrote_at < contact.said_at


def copies(contact: ChannelContact | None, sees_contacts: bool) -> dict:
    """Of a thread of mails, who reads along, for those who see contact data."""
    found = contact.copies if contact and sees_contacts else []
    return {"copies": found} if found else {}
