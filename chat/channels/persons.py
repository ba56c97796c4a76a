"""Who writes by two channels of a kind: the platform's own id says that it is one person, so they
become one customer (chat/customers/links.py), until somebody parts them."""

from accounts import audit
from chat.customers import links
from chat.models import ChannelContact, CustomerLink, theirs
from chat.protocol import channels

GLOBAL = {channels.TELEGRAM, channels.WEIXIN_KF}
"""The kinds whose ids are a person's in each of an enterprise's channels: those of Telegram, and of
微信客服 within one corporation. 公众号 gives each account others."""


def link(contact: ChannelContact) -> None:
    """Links a new contact with the one who has the same id in another channel of the enterprise."""
    kind, code = contact.channel.kind, contact.ent_id
    if kind not in GLOBAL:
        return
    known = ChannelContact.objects.filter(theirs(code), their_id=contact.their_id)
    others = known.filter(channel__kind=kind, channel__ent_id=code).exclude(pk=contact.pk)
    if other := others.order_by("pk").first():
        facts = {"why": CustomerLink.Why.PROOF}
        origin = audit.Origin(source="channel")
        links.link_once(code, other.visitor_id, contact.visitor_id, facts=facts, origin=origin)
