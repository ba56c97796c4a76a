"""What agents see of a visitor beside the messages: facts, receptions, other conversations."""

from datetime import datetime

from django.db.models import Case, Max, OuterRef, Subquery, When
from django.utils import timezone

from accounts.models import Member
from chat.models import ChatGroup, Conversation, Presence, Reception, Visitor
from chat.protocol import events

MAX_RECEPTIONS = 10
"""Earlier receptions that are shown, the newest."""
DISPLAY_NAME = Case(When(nickname="", then="name"), default="nickname")
"""Member.display_name, for the database."""


def profile(member: Member, visitor: Visitor, group: str) -> dict:
    """All that a member who may see the conversation `group` is shown of its visitor."""
    others = readable_conversations(member, visitor)
    return {
        **events.visitor_facts(visitor),
        **presence_of(visitor),
        "topic": others[group]["topic"] if group in others else "",
        "receptions": receptions(others, visitor),
        "others": [other for key, other in others.items() if key != group],
    }


def presence_of(visitor: Visitor) -> dict:
    """Whether they are here, and when they were last: their lease tells it for some minutes, then
    their row (presence.forget)."""
    leases = Presence.objects.filter(who=visitor.uuid)
    until = leases.aggregate(until=Max("expires_at"))["until"]
    now = timezone.now()
    moments = [moment for moment in (until, visitor.last_seen_at) if moment]
    last: datetime | None = min(max(moments), now) if moments else None
    return {"online": bool(until and until > now), "last_seen_at": last}


def readable_conversations(member: Member, visitor: Visitor) -> dict[str, dict]:
    """The visitor's conversations that the member may see, by group, the latest first."""
    found = Conversation.objects.filter(visitor=visitor).order_by("-last_activity")
    if not member.is_manager:
        found = found.filter(uuid__in=ChatGroup.objects.of(member.uuid).values("uuid"))
    names = ("uuid", "team__name", "topic", "open", "last_activity")
    return {
        row["uuid"]: {"group": row.pop("uuid"), "team_name": row.pop("team__name"), **row}
        for row in found.values(*names)
    }


def receptions(conversations: dict[str, dict], visitor: Visitor) -> list[dict]:
    """The receptions of these conversations that have ended, the latest first."""
    rows = Reception.objects.filter(group_id__in=conversations, closed_at__isnull=False)
    closer = Member.objects.filter(uuid=OuterRef("closed_by")).annotate(shown=DISPLAY_NAME)
    rows = rows.annotate(closed_name=Subquery(closer.values("shown")))
    latest = rows.order_by("-closed_at")[:MAX_RECEPTIONS]
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
        for row in latest
    ]
