"""The links of mails to visitors, and the cookie that one of them sets.

Each names one conversation. `back` leads a visitor into it in another browser, which keeps the
cookie `opened`; `stop` ends the mails about it, and opens nothing.

`back` and `opened` count only as long as the address to which the link was mailed is the visitor's
own (`Visitor.own_email`): otherwise whoever writes down an address could open a stranger's
conversation. They open no other conversation of the visitor, since others may read a mailbox, too.
"""

from datetime import timedelta

from django.core import signing
from django.db.models import Q
from django.urls import reverse

from accounts.models import Enterprise
from chat.models import Conversation, Visitor

from . import keys

LIFE = timedelta(days=14)
"""How long a link back to the conversation is valid."""
COOKIE_AGE = timedelta(days=730)
"""How long a browser keeps the conversation after it was opened last."""
BACK, STOP, OPENED = "back", "stop", "opened"


def address(what: str, conversation: Conversation, enterprise: Enterprise) -> str:
    """The path of a link, `back` or `stop`."""
    return reverse(f"visitor-{what}", args=[enterprise.code, token(what, conversation, enterprise)])


def token(what: str, conversation: Conversation, enterprise: Enterprise) -> str:
    """The token of a link, or the value of the cookie `opened`."""
    facts = [conversation.uuid, conversation.visitor_id]
    if what != STOP:
        facts.append(address_marks(conversation.visitor)[0])
    return signing.dumps(facts, salt=salt(what, enterprise))


def salt(what: str, enterprise: Enterprise) -> str:
    """What one kind of link of one enterprise says is worth nothing to any other."""
    return f"kefu.answers.{what}:{enterprise.code}"


def address_marks(visitor: Visitor) -> list[str]:
    """Identifies the visitor's own address without naming it. The first is given out, the others
    were made with former keys."""
    words = f"{visitor.uuid}.{visitor.own_email}"
    return [mac.hexdigest() for mac in keys.macs("kefu.visitors.links", words)]


def conversation_of(what: str, token: str, enterprise: Enterprise) -> Conversation | None:
    """The conversation that a token names; None for one that is forged, too old, or leads to a
    visitor who was erased, is another one by now, or has another address."""
    age = {BACK: LIFE, OPENED: COOKIE_AGE}.get(what)
    try:
        group, who, *marks = signing.loads(token, salt=salt(what, enterprise), max_age=age)
    except signing.BadSignature:
        return None
    found = Conversation.objects.whole().filter(uuid=group, visitor_id=who, ent_id=enterprise.code)
    conversation = found.select_related("visitor", "team", "door").first()
    if conversation is None or conversation.visitor.is_erased:
        return None
    if what == STOP:
        return conversation
    known = any(marks == [mark] for mark in address_marks(conversation.visitor))
    return conversation if known and may_open(conversation.visitor) else None


def may_open(visitor: Visitor) -> bool:
    """Whether a link may be mailed that opens a conversation of the visitor. Whom the enterprise's
    site knows signs in there."""
    return bool(visitor.own_email) and not visitor.identity_key


def cookie_name(enterprise: Enterprise) -> str:
    return f"kefu_opened_{enterprise.code}"


def met_at(conversation: Conversation, team_id: int) -> bool:
    """Whether the visitor meets the conversation on this team's page (seating.choose)."""
    begun = Q(door_id=team_id) | Q(door_id=None, team_id=team_id)
    rows = Conversation.objects.filter(begun, visitor_id=conversation.visitor_id)
    return list(rows.values_list("uuid", flat=True)) == [conversation.uuid]
