"""The data that is stored about a visitor, for the visitor: to see, to download, and to erase.

Not included is what colleagues say among themselves: notes, tags, summaries, the reason of a block.
"""

from collections.abc import Iterator

from django.utils import timezone

from accounts.models import Enterprise
from chat.conversations import changes
from chat.ledger import visible_names
from chat.ledger.threads import MESSAGE
from chat.models import (
    ArticleUse,
    ChannelContact,
    Conversation,
    GroupMessage,
    LegalHold,
    Reception,
    SiteVisit,
    Visitor,
    theirs,
)
from chat.protocol import contacts
from chat.protocol.errors import Refused
from chat.protocol.notices import Notice
from chat.reading import history

from . import erasure

PAGE = 500
"""Messages read at a time."""


def facts(visitor: Visitor) -> dict:
    """What the row tells, by the names of docs/protocol.md."""
    return {
        "visitor": visitor.uuid,
        "name": visitor.label,
        "contact": visitor.contact,
        "contact_by": visitor.contact_by,
        "identity": contacts.identity(visitor),
        "attributes": visitor.attributes,
        "created_at": visitor.created_at,
        "last_seen_at": visitor.last_seen_at,
        "consented_at": visitor.consented_at,
        "language": visitor.language,
        "device": visitor.device,
        "browser": visitor.browser,
        "address": visitor.address,
        "referrer": visitor.referrer,
        "path": visitor.path,
        "blocked": visitor.is_blocked,
    }


def conversations_of(visitor: Visitor) -> list[Conversation]:
    found = Conversation.objects.whole().filter(visitor=visitor).select_related("team", "door")
    return list(found.order_by("-last_activity"))


def summary(conversation: Conversation) -> dict:
    """A conversation in a line; `slug` is the team on whose page the visitor meets it, `days`
    for how many its team keeps it, where that differs from the enterprise."""
    said = GroupMessage.objects.of(conversation).filter(message_type=MESSAGE)
    return {
        "team": conversation.team.translated("name"),
        "slug": (conversation.door or conversation.team).slug,
        "topic": conversation.topic,
        "open": conversation.open,
        "last_activity": conversation.last_activity,
        "days": conversation.team.retention_days,
        "messages": said.count(),
    }


def export(enterprise: Enterprise, visitor: Visitor) -> dict:
    """All of it, to be written as JSON. Of one without a row that is what they read."""
    head = {"enterprise": enterprise.name, "exported_at": timezone.now()}
    if visitor.pk is None:
        return {**head, "visitor": visitor.uuid, "articles": list(articles_of(visitor))}
    return {
        **head,
        **facts(visitor),
        "site_visits": list(visits_of(visitor)),
        "articles": list(articles_of(visitor)),
        "channels": list(channels_of(visitor)),
        "conversations": [whole(conversation) for conversation in conversations_of(visitor)],
    }


def visits_of(visitor: Visitor):
    """Where they are on the enterprise's sites, and what they were told there (site_visits.py)."""
    names = ("url", "title", "referrer", "visits", "began_at", "seen_at")
    said = ("invitation", "invited_at", "dismissed_at")
    return SiteVisit.objects.filter(visitor=visitor).order_by("id").values(*names, *said)


def articles_of(visitor: Visitor):
    """What they searched and opened of the articles, and which ones helped them."""
    done = ArticleUse.objects.by(visitor).order_by("id")
    return done.values("kind", "slug", "lang", "words", "at")


def channels_of(visitor: Visitor):
    """By which channel they write, and their id there."""
    known = ChannelContact.objects.filter(theirs(visitor.ent_id), visitor=visitor)
    return known.order_by("id").values("channel__kind", "their_id")


def whole(conversation: Conversation) -> dict:
    names = ("opened_at", "first_reply_at", "closed_at", "score", "comment")
    own = Reception.objects.filter(theirs(conversation.ent_id), group_id=conversation.uuid)
    receptions = own.order_by("id")
    return {
        "group": conversation.uuid,
        "team": conversation.team.name,
        "topic": conversation.topic,
        "page": conversation.page,
        "open": conversation.open,
        "receptions": list(receptions.values(*names)),
        "messages": list(messages(conversation)),
    }


def messages(conversation: Conversation) -> Iterator[dict]:
    """Those that the visitor may see; where one was erased there is nothing to be given."""
    after, more = 0, True
    while more:
        rows, more = history.messages(conversation, True, after=after, limit=PAGE)
        for row in rows:
            after = row["seq"]
            if (row["data"] or {}).get("event") != Notice.ERASED:
                yield visible_names.worded(row)


def erase(who: str) -> None:
    """Erases a visitor (uuid) at their own wish; does nothing where they are erased already.
    Refuses with conflict while a legal hold keeps any of it."""
    with changes.begin() as change:
        visitor = Visitor.objects.select_for_update().filter(uuid=who).first()
        if visitor is None or visitor.is_erased:
            return
        if LegalHold.objects.of(who, visitor.ent_id).exists():
            # Why and by whom is said to colleagues only.
            raise Refused("conflict", "It has to be kept for now and cannot be erased.")
        erasure.by_visitor(visitor, change.lock_all_of(visitor), change.now)
