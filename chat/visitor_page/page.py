"""What the page shows of a customer beside their conversations: who they are and how that is known,
notes and files, and what was done about them."""

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit, rights
from accounts.models import Enterprise, Member, Team
from accounts.sentences import Words
from chat.channels.mail import starting
from chat.customers import links
from chat.files import storage
from chat.ledger.access import READING
from chat.models import (
    Attachment,
    ChatGroup,
    ContactBy,
    Conversation,
    GroupMessage,
    LegalHold,
    Visitor,
    theirs,
)
from chat.protocol import contacts, events
from chat.protocol.errors import Refused
from chat.protocol.notices import Notice
from chat.reading import profiles, reach
from chat.reading.search import MAX_QUERY
from chat.templatetags.inbox_rows import length

from . import happened, timeline, values
from .ends import ends

SEARCHED = 10
"""Conversations in which notes are looked for, the latest active."""
MOST_HIDDEN = 20
"""Suggestions that an address hides."""
NOTES, FILES = 5, 12
"""How many are shown, the newest."""
HOW = {
    ContactBy.UNKNOWN: _("it is not known who gave it"),
    ContactBy.VISITOR: _("given by the visitor"),
    ContactBy.PROVEN: _("proved by a code"),
    ContactBy.SITE: _("signed by your site"),
    ContactBy.MEMBER: _("written down by a colleague"),
    ContactBy.PROGRAM: _("given by a program"),
    ContactBy.IMPORT: _("from an import"),
    ContactBy.CHANNEL: _("from a channel"),
}
"""How the address in a contact, or an identity, is known."""
LINKED = _("another visitor of this customer")


class Address(NamedTuple):
    """Something to know a visitor by, how it is known, and whether that is a proof."""

    icon: str
    text: str
    how: Words
    sure: bool


class Block(NamedTuple):
    """A visitor who is blocked: until when, why and by whom (`events.block`), and how long ago, in
    words; "" where the notice of it is not found."""

    visitor: Visitor
    facts: dict
    ago: str


def note_opened(request: HttpRequest, enterprise: Enterprise, visitor: Visitor) -> None:
    """Notes in the audit that the page about this visitor was opened."""
    about = {"kind": "visitor", "object_id": visitor.uuid, "visitor": visitor.uuid}
    origin = audit.of_request(request)
    audit.note_once(READING, audit.Action.READ, enterprise.pk, origin, **about)


def context(
    member: Member, people: list[Visitor], asked: QueryDict, seated: Member | None = None
) -> dict:
    """What the template takes about the customer who has these visitors; the first one names them.
    `asked` are the parameters of the address; `seated` is as in `conversations`. Raises `Refused`
    for a cursor that no page gave out, and where there is no such enterprise."""
    visitor, code = people[0], people[0].ent_id
    enterprise = Enterprise.objects.filter(code=code).first()
    if enterprise is None:
        raise Refused("not_found", "This visitor has no enterprise.")
    facts = {one.uuid: events.visitor_facts(one, member.sees_contacts) for one in people}
    talks = list(conversations(people, seated).select_related("team"))
    now, latest = timezone.now(), talks[:SEARCHED]
    own = member.enterprise_id == enterprise.pk and not visitor.is_erased
    leads = own and member.may(rights.LEAD)
    acts = leads or (own and conversations(people, acting(member)).exists())
    team, q = asked.get("team", ""), asked.get("q", "").strip()[:MAX_QUERY].replace("\x00", "")
    given = links.attributes_of([one["attributes"] for one in facts.values()])
    line = timeline.read(code, talks, asked.get("cursor"), team, q)
    hidden = asked.getlist("not")[:MOST_HIDDEN]
    return {
        "enterprise": enterprise,
        "visitor": facts[visitor.uuid] | together(people),
        "people": people,
        "addresses": all_addresses(people, facts),
        "values": given,
        "attributes": values.shown(enterprise, given),
        "tags": list(dict.fromkeys(tag for one in talks for tag in one.tags)),
        "latest": talks[0] if talks else None,
        "ways": ways(code, talks, member.sees_contacts),
        **line,
        "lines": happened.among(people, latest, line, filtered=bool(team or q)),
        "teams": teams_of(talks),
        "team": team,
        "q": q,
        "notes": notes(visitor, latest),
        "files": files(people, talks),
        "blocks": blocks(people, latest, now),
        "holds": holds(people, talks),
        "suggested": suggested(people, hidden) if leads else [],
        "hidden": hidden,
        "now": now,
        "reads": own and member.has_workspace,
        "mails": own and member.has_workspace and starting.boxes_of(member).exists(),
        "links": leads,
        "begins": begins(enterprise, member) if acts and not visitor.is_blocked else [],
        "acts": acts,
    }


def together(people: list[Visitor]) -> dict:
    """What is known of all of them as one: online if one is, here since the first of them was."""
    return {
        **profiles.presence_of(people),
        "created_at": min(one.created_at for one in people),
        "blocked": next((found for one in people if (found := events.block(one))), None),
    }


def conversations(people: list[Visitor], seated: Member | None = None) -> QuerySet[Conversation]:
    """The conversations of these visitors, the latest active first; only those in which a member
    sits, who is `seated`."""
    found = Conversation.objects.whole().filter(visitor__in=people)
    if seated:
        found = found.filter(uuid__in=ChatGroup.objects.held_by(seated).values("uuid"))
    return found.order_by("-last_activity")


def acting(member: Member) -> Member | None:
    """Who has to sit in a conversation (`conversations`) to do anything there."""
    return None if member.may(rights.LEAD) else member


def latest_groups(people: list[Visitor], member: Member) -> dict[str, str]:
    """The latest conversation of each of these visitors who has one in which the member may act,
    both by their uuids."""
    found = conversations(people, acting(member))
    return {one.visitor_id: one.uuid for one in reversed(list(found))}


def begins(enterprise: Enterprise, member: Member) -> list[Team]:
    """The teams for which the member may write first."""
    found = enterprise.teams.all()
    return list(found if member.may(rights.LEAD) else found.filter(members=member))


def ways(code: str, talks: list[Conversation], sees_contacts: bool) -> list[dict]:
    """By which ways the customer who has these conversations is reached."""
    known = [reach.Talk(one.uuid, one.channel or reach.PAGE, one.visitor_id) for one in talks]
    return reach.ways(code, known, sees_contacts)


def teams_of(talks: list[Conversation]) -> list[tuple[str, str, int]]:
    """The teams of these conversations by slug and name, with their numbers; [] for one team."""
    found = Counter((one.team.slug, one.team.name) for one in talks)
    return [(*team, n) for team, n in found.items()] if len(found) > 1 else []


def suggested(people: list[Visitor], others: list[str]) -> list[Visitor]:
    """Who may be the same person; `others` (uuids) were said not to be."""
    return [one for one in links.suggestions(people) if one.uuid not in others]


def all_addresses(people: list[Visitor], facts: dict[str, dict]) -> list[Address]:
    """Those of all of them, each once, the proved ones first; and the names of the others."""
    found = [one for who in people for one in addresses(who, facts[who.uuid])]
    once = {one.text: one for one in sorted(found, key=lambda one: one.sure)}
    others = [Address("panel", one.label, LINKED, False) for one in people[1:]]
    return [one for one in found if once[one.text] is one] + others


def addresses(visitor: Visitor, facts: dict) -> list[Address]:
    """`facts` have as much of the contact data as the reader may see."""
    found = []
    # That of a channel stands among the ways.
    signed = {} if contacts.is_of_channel(facts["identity"]) else facts["identity"] or {}
    by = ContactBy(visitor.identity.get("by", ContactBy.SITE))
    for icon, name in (("at", "email"), ("panel", "name"), ("key", "id")):
        if signed.get(name) not in (None, "", visitor.label):
            found.append(Address(icon, signed[name], HOW[by], by == ContactBy.SITE))
    if facts["contact"] not in ("", signed.get("email")):
        by = ContactBy(visitor.contact_by)
        found.append(Address("at", facts["contact"], HOW[by], visitor.is_proven))
    return found


def notes(visitor: Visitor, talks: list[Conversation]) -> list[GroupMessage]:
    """The newest notes at the end of these conversations."""
    rows = ends(visitor, talks).filter(message_type=GroupMessage.Type.NOTE)
    return list(rows.exclude(message_content="").order_by("-created_at", "-seq")[:NOTES])


def files(people: list[Visitor], talks: list[Conversation]) -> list[Attachment]:
    """The newest files that these visitors sent to these conversations."""
    own = theirs(people[0].ent_id)
    message = GroupMessage.objects.filter(
        own,
        sender=OuterRef("sender"),
        client_id=OuterRef("client_id"),
        group_id__in=[one.uuid for one in talks],
    )
    sent = Attachment.objects.filter(own, sender__in=[one.uuid for one in people])
    sent = sent.exclude(mime=storage.MAIL)
    rows = sent.filter(Exists(message))
    return list(rows.order_by("-pk")[:FILES])


def blocks(people: list[Visitor], talks: list[Conversation], now: datetime) -> list[Block]:
    """Those of them who are blocked. When that was stands in the notices of it."""
    barred = [(one, found) for one in people if (found := events.block(one))]
    if not barred:
        return []
    whose = {one.uuid: one.visitor_id for one in talks}
    rows = ends(people[0], talks).filter(data__event=Notice.BLOCKED).order_by("created_at")
    at = {whose[group]: at for group, at in rows.values_list("group_id", "created_at") if at}
    return [
        Block(one, found, length(now - at[one.uuid]) if one.uuid in at else "")
        for one, found in barred
    ]


def holds(people: list[Visitor], talks: list[Conversation]) -> list[tuple[LegalHold, str]]:
    """The legal holds on these visitors and conversations, each with the name of the team whose
    conversation it keeps; "" where it keeps everything of a visitor."""
    own = LegalHold.objects.filter(theirs(people[0].ent_id), visitor__in=people)
    found = list(own.order_by("pk"))
    teams = {(one.visitor_id, one.uuid): one.team.name for one in talks}
    teams |= {(one.uuid, ""): "" for one in people}
    keys = [(one.visitor_id, one.group_id) for one in found]
    return [(one, teams[key]) for one, key in zip(found, keys, strict=True) if key in teams]
