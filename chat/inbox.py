"""A member's inbox: rows newest first, page by page, and the unread over all of them."""

from datetime import datetime, timezone

from django.db import connection
from django.db.models import Sum
from django.utils.dateparse import parse_datetime

from . import presence
from .announce import KINDS
from .models import ChatGroup, Conversation, GroupMessage

PAGE = 30
EXCERPT = 80
"""Characters of a message shown in a row."""


def page(
    member_id: str, before: str | None = None, limit: int = PAGE
) -> tuple[list[dict], str | None]:
    """A page of a member's inbox, newest first, and the cursor for the next page or None.

    The seats are sorted in narrow rows first and only the page's rows are then filled:
    MariaDB took 0.5 ms instead of 34 ms for 10,000 conversations.
    """
    position, values = "", [member_id]
    if before and (cursor_at := parse_cursor(before)):
        at = connection.ops.adapt_datetimefield_value(cursor_at[0])
        position = " AND (c.last_activity < %s OR (c.last_activity = %s AND c.id < %s))"
        values += [at, at, cursor_at[1]]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.uuid FROM chat_group s JOIN conversation c ON c.uuid = s.uuid"
            f" WHERE s.member_id = %s{position}"
            " ORDER BY c.last_activity DESC, c.id DESC LIMIT %s",
            [*values, limit + 1],
        )
        groups = [uuid for (uuid,) in cursor.fetchall()]
    rows = rows_of(member_id, groups[:limit])
    return rows, rows[-1]["cursor"] if len(groups) > limit else None


def parse_cursor(text: str) -> tuple[datetime, int] | None:
    """A page's end as `page` gave it out; None for anything else."""
    at, _, number = text.partition("_")
    if not number.isdecimal() or len(number) > 18:
        return None
    try:
        moment = parse_datetime(at)
        return (moment.astimezone(timezone.utc), int(number)) if moment else None
    except (ValueError, OverflowError):
        return None


def rows_of(member_id: str, groups: list[str]) -> list[dict]:
    """The inbox rows of a member's groups, in the order given; unseated groups are left out."""
    found = {
        conversation.uuid: conversation
        for conversation in Conversation.objects.filter(uuid__in=groups).select_related("team")
    }
    seats = {seat.uuid: seat for seat in ChatGroup.objects.of(member_id).filter(uuid__in=groups)}
    last = last_rows(list(found.values()), as_visitor=False)
    online = presence.online({conversation.visitor_id for conversation in found.values()})
    return [
        row_of(found[group], seats[group], last.get(group), found[group].visitor_id in online)
        for group in groups
        if group in found and group in seats
    ]


def row_of(
    conversation: Conversation, seat: ChatGroup, last: GroupMessage | None, online: bool
) -> dict:
    return {
        "group": conversation.uuid,
        "group_name": seat.group_name,
        "last_seq": conversation.last_seq,
        "unread": seat.unread,
        "open": conversation.open,
        "claimed_by": conversation.claimed_by or None,
        "team": conversation.team.slug,
        "team_name": conversation.team.name,
        "waiting_since": conversation.waiting_since,
        "visitor": conversation.visitor_id,
        "online": online,
        "last": last and excerpt(last),
        "cursor": f"{conversation.last_activity.isoformat()}_{conversation.id}",
    }


def excerpt(row: GroupMessage) -> dict:
    text = (row.message_content or "")[: EXCERPT + 20]
    return {
        "seq": row.seq,
        "kind": KINDS[row.message_type],
        "sender": row.sender,
        "sender_name": row.sender_name,
        "excerpt": " ".join(text.split())[:EXCERPT],
        "created_at": row.created_at,
        "data": row.data,
    }


def last_rows(conversations: list[Conversation], as_visitor: bool) -> dict[str, GroupMessage]:
    """The last message of each conversation (a visitor's: the last row that it may see)."""
    if not conversations:
        return {}
    column = "public_seq" if as_visitor else "message_seq"
    marks = ",".join(["%s"] * len(conversations))
    rows = GroupMessage.objects.raw(
        "SELECT m.* FROM group_message m JOIN conversation c"
        f" ON m.group_id = c.uuid AND m.seq = c.{column} WHERE c.id IN ({marks})",
        [conversation.id for conversation in conversations],
    )
    return {row.group_id: row for row in rows}


def total_unread(member_id: str) -> int:
    return ChatGroup.objects.of(member_id).aggregate(sum=Sum("unread"))["sum"] or 0


def unread_versions(member_id: str, groups: list[str] = ()) -> list[tuple[str, str, int, int]]:
    """A member's unread where there is any, and in `groups`, as Announcement.unread has them."""
    known = f" OR s.uuid IN ({','.join(['%s'] * len(groups))})" if groups else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.member_id, s.uuid, s.unread, c.last_seq + s.read_seq FROM chat_group s"
            " JOIN conversation c ON c.uuid = s.uuid"
            f" WHERE s.member_id = %s AND (s.unread > 0{known})",
            [member_id, *groups],
        )
        return list(cursor.fetchall())
