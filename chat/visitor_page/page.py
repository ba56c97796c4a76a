"""What the page shows of a visitor beside their conversations: who they are and how that is known,
notes and files, and what was done about them."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.models import Enterprise, Member
from chat.customers import attributes
from chat.models import (
    Attachment,
    ContactBy,
    Conversation,
    GroupMessage,
    LegalHold,
    Visitor,
    theirs,
)
from chat.protocol import events
from chat.protocol.errors import Refused
from chat.protocol.notices import Notice
from chat.reading import profiles
from chat.templatetags.inbox_rows import length

from . import timeline

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SEARCHED = 10
"""Conversations in which notes are looked for, the latest active."""
ROWS = 200
"""Rows at the end of each in which they are looked for: none has an index on notes."""
NOTES, FILES = 5, 12
"""How many are shown, the newest."""
HOW = {
    ContactBy.UNKNOWN: _("it is not known who gave it"),
    ContactBy.VISITOR: _("given by the visitor"),
    ContactBy.PROVEN: _("given by the visitor, and proved by a link"),
    ContactBy.SITE: _("signed by your site"),
    ContactBy.MEMBER: _("written down by a colleague"),
    ContactBy.PROGRAM: _("set by a program"),
    ContactBy.IMPORT: _("from the former system"),
}
"""How the address in a contact is known."""
SURE = {ContactBy.PROVEN, ContactBy.SITE}
"""Whose addresses were proved."""


class Address(NamedTuple):
    """Something to know a visitor by, how it is known, and whether that is a proof."""

    icon: str
    text: str
    how: "StrOrPromise"
    sure: bool


def context(member: Member, visitor: Visitor, cursor: str | None) -> dict:
    """What the template takes. Raises `Refused` for a cursor that no page gave out, and where there
    is no such enterprise."""
    enterprise = Enterprise.objects.filter(code=visitor.ent_id).first()
    if enterprise is None:
        raise Refused("not_found", "This visitor has no enterprise.")
    facts = events.visitor_facts(visitor, member.sees_contacts)
    talks = list(conversations(visitor)[:SEARCHED])
    now = timezone.now()
    own = member.enterprise_id == enterprise.pk and not visitor.is_erased
    return {
        "enterprise": enterprise,
        "visitor": facts | profiles.presence_of(visitor),
        "addresses": addresses(visitor, facts),
        "attributes": attributes.rows(visitor.ent_id, facts["attributes"]),
        "latest": talks[0] if talks else None,
        **timeline.read(visitor, cursor),
        "notes": notes(visitor, talks),
        "files": files(visitor),
        "blocked_ago": blocked_ago(visitor, talks, now),
        "holds": holds(visitor),
        "now": now,
        "reads": own and member.has_workspace,
        "acts": own and bool(talks) and member.may(rights.LEAD),
    }


def conversations(visitor: Visitor) -> QuerySet[Conversation]:
    found = Conversation.objects.whole().filter(visitor=visitor).order_by("-last_activity")
    return found.only("uuid", "ent_id", "last_seq", "last_activity")


def addresses(visitor: Visitor, facts: dict) -> list[Address]:
    """`facts` have as much of the contact data as the reader may see."""
    found = []
    signed = facts["identity"] or {}
    for icon, name in (("at", "email"), ("panel", "name"), ("key", "id")):
        if signed.get(name) not in (None, "", visitor.label):
            found.append(Address(icon, signed[name], HOW[ContactBy.SITE], True))
    if facts["contact"] not in ("", signed.get("email")):
        by = ContactBy(visitor.contact_by)
        found.append(Address("at", facts["contact"], HOW[by], by in SURE))
    return found


def notes(visitor: Visitor, talks: list[Conversation]) -> list[GroupMessage]:
    """The newest notes at the end of these conversations."""
    rows = ends(visitor, talks).filter(message_type=GroupMessage.Type.NOTE)
    return list(rows.exclude(message_content="").order_by("-created_at", "-seq")[:NOTES])


def ends(visitor: Visitor, talks: list[Conversation]) -> QuerySet[GroupMessage]:
    """The last rows of these conversations."""
    parts = [Q(group_id=one.uuid, seq__gt=one.last_seq - ROWS) for one in talks]
    rows = GroupMessage.objects.filter(theirs(visitor.ent_id))
    return rows.filter(reduce(or_, parts)) if parts else rows.none()


def files(visitor: Visitor) -> list[Attachment]:
    """The newest files that the visitor sent."""
    own = theirs(visitor.ent_id)
    message = GroupMessage.objects.filter(
        own, sender=OuterRef("sender"), client_id=OuterRef("client_id")
    )
    rows = Attachment.objects.filter(own, Exists(message), sender=visitor.uuid)
    return list(rows.order_by("-pk")[:FILES])


def blocked_ago(visitor: Visitor, talks: list[Conversation], now: datetime) -> str:
    """How long ago they were blocked, in words, by the notice of it; "" where it is not found."""
    if not visitor.is_blocked:
        return ""
    rows = ends(visitor, talks).filter(data__event=Notice.BLOCKED)
    at = rows.order_by("-created_at").values_list("created_at", flat=True).first()
    return length(now - at) if at else ""


def holds(visitor: Visitor) -> list[tuple[LegalHold, str]]:
    """The legal holds, each with the name of the team whose conversation it keeps; "" where it
    keeps everything of the visitor."""
    found = list(LegalHold.objects.of(visitor.uuid, visitor.ent_id).order_by("pk"))
    kept = Conversation.objects.whole().filter(visitor=visitor)
    kept = kept.filter(uuid__in=[one.group_id for one in found])
    teams = {"": "", **dict(kept.values_list("uuid", "team__name"))}
    return [(one, teams[one.group_id]) for one in found if one.group_id in teams]
