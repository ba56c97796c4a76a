"""A visitor's profile as agents see it: facts, earlier receptions, other conversations."""

from datetime import datetime

from django.db.models import Case, Exists, OuterRef, QuerySet, Subquery, When
from django.utils import timezone

from accounts import rights
from accounts.kept import Kept
from accounts.models import Enterprise, Member
from chat.customers import links
from chat.models import ChatGroup, Conversation, LegalHold, Presence, Reception, Visitor, theirs
from chat.protocol import events

MAX_RECEPTIONS = 10
"""Earlier receptions in a profile, the newest."""
DISPLAY_NAME = Case(When(nickname="", then="name"), default="nickname")
"""Member.display_name as a database expression."""


def profile(member: Member, visitor: Visitor, group: str, contacts: bool = False) -> dict:
    """The profile of the visitor of `group`, which the member may read; with `contacts` also what
    is hidden from them otherwise."""
    others = readable_conversations(member, visitor)
    until, linked, held = standing_of(visitor.uuid, visitor.ent_id)[0]
    return {
        **events.visitor_facts(visitor, contacts or member.sees_contacts),
        **presence([visitor], until),
        "topic": others[group]["topic"] if group in others else "",
        "receptions": receptions(others, visitor),
        "legal_holds": legal_holds(others, visitor) if held else [],
        "others": [other for key, other in others.items() if key != group]
        + (of_linked(member, visitor) if linked else []),
    }


@Kept
def standing_of(who, code) -> QuerySet:
    """Until when a visitor is or was connected, and whether they are linked and held."""
    until = ends_of.build([who]).order_by("-expires_at")[:1]
    linked, held = links.linked_with.build(code, who), LegalHold.objects.of(who, code)
    found = Enterprise.objects.filter(code=code)
    return found.values_list(Subquery(until), Exists(linked), Exists(held))


def of_all(member: Member, visitor: Visitor, conversations: dict[str, dict]) -> dict:
    """The profile of a visitor by themselves, for the member; `conversations` are those of
    `readable_conversations`."""
    return {
        **events.visitor_facts(visitor, member.sees_contacts),
        **presence_of([visitor]),
        "conversations": list(conversations.values()),
        "receptions": receptions(conversations, visitor),
    }


def presence_of(people: list[Visitor]) -> dict:
    """Whether any of these visitors is online, and when the last of them was: by their leases, and
    once those were deleted by their rows (leases.delete_expired)."""
    return presence(people, max(ends_of([one.uuid for one in people]), default=None))


def presence(people: list[Visitor], until: datetime | None) -> dict:
    """Likewise, if their leases end, or ended, at `until`."""
    now = timezone.now()
    moments = [at for at in (until, *(one.last_seen_at for one in people)) if at]
    last: datetime | None = min(max(moments), now) if moments else None
    return {"online": bool(until and until > now), "last_seen_at": last}


@Kept
def ends_of(people) -> QuerySet:
    return Presence.objects.filter(who__in=people).values_list("expires_at", flat=True)


def readable_conversations(member: Member, visitor: Visitor) -> dict[str, dict]:
    """The visitor's conversations that the member may read, by group, the latest active first."""
    return {row["group"]: row for row in readable_of(member, [visitor])[visitor.uuid]}


def of_linked(member: Member, visitor: Visitor) -> list[dict]:
    """Likewise of the other visitors of the customer, each with the `visitor` and their name."""
    others = [one for one in links.visitors_of(visitor) if one.pk != visitor.pk]
    known = readable_of(member, others)
    return [
        row | {"visitor": one.uuid, "visitor_name": one.label}
        for one in others
        for row in known[one.uuid]
    ]


def readable_of(member: Member, visitors: list[Visitor]) -> dict[str, list[dict]]:
    """The conversations of each visitor (by uuid) of an enterprise that the member may read: one
    statement. Those of the page have no `channel`."""
    rows: dict[str, list[dict]] = {one.uuid: [] for one in visitors}
    if not visitors:
        return {}
    if member.may(rights.READ_ALL):
        found = all_of(rows, visitors[0].ent_id)
    else:
        code = member.enterprise.code if member.enterprise else ""
        found = held_of(rows, member.uuid, code)
    for row in found:
        own = rows[row.pop("visitor_id")]
        if not row["channel"]:
            del row["channel"]
        own.append({"group": row.pop("uuid"), "team_name": row.pop("team__name"), **row})
    return rows


@Kept
def all_of(people, code) -> QuerySet:
    found = Conversation.objects.whole().filter(theirs(code), visitor__uuid__in=people)
    names = ("visitor_id", "uuid", "team__name", "topic", "open", "last_activity", "channel")
    return found.order_by("-last_activity").values(*names)


@Kept
def held_of(people, who, code) -> QuerySet:
    held = ChatGroup.objects.for_member(who).filter(theirs(code), uuid=OuterRef("uuid"))
    return all_of.build(people, code).filter(Exists(held))


def legal_holds(conversations: dict[str, dict], visitor: Visitor) -> list[dict]:
    """What keeps the visitor or any of these conversations from being deleted. `team_name` is that
    of the one conversation that is kept; None for everything of the visitor."""
    return [
        {
            "hold": row.pk,
            "reason": row.reason,
            "by_name": row.placed_by_name,
            "placed_at": row.placed_at,
            "team_name": conversations[row.group_id]["team_name"] if row.group_id else None,
        }
        for row in holds_of(visitor.uuid, visitor.ent_id, ("", *conversations))
    ]


@Kept
def holds_of(visitor, code, groups) -> QuerySet[LegalHold]:
    return LegalHold.objects.of(visitor, code).filter(group_id__in=groups).order_by("pk")


def receptions(conversations: dict[str, dict], visitor: Visitor) -> list[dict]:
    """The closed receptions of these conversations, the latest first, MAX_RECEPTIONS at the
    most."""
    return [
        {
            "group": row.group_id,
            "team_name": conversations[row.group_id]["team_name"],
            "opened_at": row.opened_at,
            "closed_at": row.closed_at,
            "closed_name": visitor.label if row.closed_by == visitor.uuid else row.closed_name,
            "reason": row.reason,
            "summary": row.summary,
            "score": row.score,
            "comment": row.comment,
        }
        for row in closed_among(visitor.ent_id, conversations)
    ]


@Kept
def closed_among(code, groups) -> QuerySet:
    rows = Reception.objects.filter(theirs(code), group_id__in=groups, closed_at__isnull=False)
    closer = Member.objects.filter(uuid=OuterRef("closed_by"), enterprise__code=code)
    closer = closer.annotate(shown=DISPLAY_NAME)
    rows = rows.annotate(closed_name=Subquery(closer.values("shown")))
    return rows.order_by("-closed_at")[:MAX_RECEPTIONS]
