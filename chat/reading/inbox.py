"""A member's inbox: rows newest first, page by page, and the unread over all of them."""

from datetime import datetime, timezone

from django.db import connection
from django.db.models import Sum
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now

from accounts.models import Member
from chat.delivery import references
from chat.delivery.threads import KINDS, NOTICES
from chat.models import ChatGroup, Conversation, GroupMessage, Reception, in_order
from chat.presence import leases
from chat.protocol.selection import ALL, AWAKE, VIEWS, Selection

PAGE = 30
MOST = 100
"""Rows of a page, and at the most."""
FEW = 300
"""Seats that are sorted without further ado."""
WINDOWS = (200, 2_000)
"""How many of an enterprise's newest conversations are looked through for those of a member."""
READ = "c.id, c.uuid, c.last_activity, c.open, c.claimed_by, c.snoozed_until, c.held_since"
"""What a selection is made by."""


def page(
    member_id: str, before: str | None = None, limit: int = PAGE, chosen: Selection = ALL
) -> tuple[list[dict], str | None]:
    """A page of a member's inbox, newest first, and the cursor for the next page or None."""
    groups = newest(member_id, before and parse_cursor(before), limit + 1, chosen)
    rows = rows_of(member_id, groups[:limit])
    return rows, rows[-1]["cursor"] if len(groups) > limit else None


def newest(
    member_id: str, before: tuple[datetime, int] | None, limit: int, chosen: Selection = ALL
) -> list[str]:
    """The groups of a member's newest conversations of a selection, older than `before`.

    Few seats are sorted all. Who has many sits in a good part of the enterprise's newest
    conversations, so these are looked through first: 10,000 seats took 13 ms on SQLite and 45 on
    MariaDB to sort, a window takes 1. Only where it holds too few of theirs all are sorted.
    """
    position, values = older_than(before)
    condition, chosen_by = chosen.condition(member_id)
    if not chosen.few and (ent_id := enterprise_of_many(member_id)):
        for window in WINDOWS:
            found = first_column(
                f"SELECT c.uuid FROM (SELECT {READ} FROM conversation c"
                f" WHERE c.ent_id = %s{position} ORDER BY c.last_activity DESC, c.id DESC"
                " LIMIT %s) c JOIN chat_group s ON s.uuid = c.uuid AND s.member_id = %s"
                f" WHERE 1 = 1{condition} ORDER BY c.last_activity DESC, c.id DESC LIMIT %s",
                [ent_id, *values, window, member_id, *chosen_by, limit],
            )
            if len(found) == limit:
                return found
        # The index of what is open and unclaimed begins with it.
        condition += " AND c.ent_id = %s"
        chosen_by = [*chosen_by, ent_id]
    tables = "chat_group s JOIN conversation c"
    if chosen.view in ("mine", "snoozed", "held"):
        tables = f"conversation c {in_order()} chat_group s"
    return first_column(
        f"SELECT c.uuid FROM {tables} ON c.uuid = s.uuid"
        f" WHERE s.member_id = %s{condition}{position}"
        " ORDER BY c.last_activity DESC, c.id DESC LIMIT %s",
        [member_id, *chosen_by, *values, limit],
    )


def enterprise_of_many(member_id: str) -> str | None:
    """The enterprise's code of who has many seats; None for few. The code is a value in the
    queries, since MariaDB finds no range behind a subquery."""
    codes = ChatGroup.objects.of(member_id).values_list("ent_id", flat=True)
    return next(iter(codes[FEW : FEW + 1]), None)


def older_than(before: tuple[datetime, int] | None) -> tuple[str, list]:
    """The condition on conversation `c` that a cursor stands for, and its values. An OR alone would
    have the index read from its top."""
    if not before:
        return "", []
    at = connection.ops.adapt_datetimefield_value(before[0])
    condition = " AND c.last_activity <= %s AND (c.last_activity < %s OR c.id < %s)"
    return condition, [at, at, before[1]]


def first_column(sql: str, values: list) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [value for (value,) in cursor.fetchall()]


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
    # Not select_related: MariaDB then begins with the few teams and reads all they ever had.
    known = Conversation.objects.filter(uuid__in=groups)
    found = {row.uuid: row for row in known.prefetch_related("team", "reception")}
    seats = {seat.uuid: seat for seat in ChatGroup.objects.of(member_id).filter(uuid__in=groups)}
    last = last_rows(list(found.values()), as_visitor=False)
    online = leases.online({conversation.visitor_id for conversation in found.values()})
    names = holders([conversation.claimed_by for conversation in found.values()])
    return [
        row_of(found[group], seats[group], last.get(group), online, names)
        for group in groups
        if group in found and group in seats
    ]


def holders(claimed_by: list[str]) -> dict[str, str]:
    """The names of those who hold claims, by uuid."""
    people = {who for who in claimed_by if who}
    if not people:
        return {}
    return {who.uuid: who.display_name for who in Member.objects.filter(uuid__in=people)}


def row_of(
    conversation: Conversation,
    seat: ChatGroup,
    last: GroupMessage | None,
    online: set[str],
    names: dict[str, str],
) -> dict:
    return {
        "group": conversation.uuid,
        "group_name": seat.group_name,
        "last_seq": conversation.last_seq,
        "unread": seat.unread,
        "open": conversation.open,
        "claimed_by": conversation.claimed_by or None,
        "claimed_name": names.get(conversation.claimed_by),
        "team": conversation.team.slug,
        "team_name": conversation.team.name,
        "waiting_since": conversation.waiting_since,
        "target": conversation.team.answer_seconds,
        "rating": rating_of(conversation.reception),
        "visitor": conversation.visitor_id,
        "online": conversation.visitor_id in online,
        "last": last and excerpt(last),
        "snoozed_until": asleep(conversation),
        "topic": conversation.topic,
        "tags": conversation.tags,
        "held": held_for(conversation),
        "mentioned": seat.mentioned_seq if seat.mentioned_seq > seat.read_seq else 0,
        "mentioned_seq": seat.mentioned_seq,
        "cursor": f"{conversation.last_activity.isoformat()}_{conversation.id}",
    }


def asleep(conversation: Conversation) -> datetime | None:
    """Until when it is put off; None once that has passed, though no beat has woken it yet."""
    until = conversation.snoozed_until
    return until if until and until > now() else None


def held_for(conversation: Conversation) -> str | None:
    """What looks like spam in it; None for what is not held."""
    return conversation.held_for if conversation.held_since else None


def rating_of(reception: Reception | None) -> dict | None:
    """What the visitor thought of this reception, if they said it."""
    if reception is None or reception.score is None:
        return None
    return {"score": reception.score, "comment": reception.comment}


def excerpt(row: GroupMessage) -> dict:
    return {
        "seq": row.seq,
        "kind": KINDS[row.message_type],
        "sender": row.sender,
        "sender_name": row.sender_name,
        "excerpt": references.excerpt(row.message_content, row.data),
        "created_at": row.created_at,
        "attachment": references.file_word(row.data),
        "data": row.data if row.message_type in NOTICES else None,
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


COUNTED = 100
"""Up to here a view's count is told exactly."""
LOOKED_AT = 2_000
"""How many of an enterprise's unclaimed conversations are looked at for those of a member."""


def counts(member: Member) -> dict[str, int]:
    """How many the views hold that somebody ought to empty, COUNTED at the most; of mentions those
    that were not read. Cheap however many conversations there are: `unclaimed` may leave some out
    where the enterprise has more than LOOKED_AT of them."""
    moment = connection.ops.adapt_datetimefield_value(now())
    found = first_column(
        "SELECT COUNT(*) FROM (SELECT 1 FROM conversation c WHERE c.claimed_by = %s"
        f"{AWAKE} LIMIT %s) c"
        " UNION ALL SELECT COUNT(*) FROM (SELECT 1 FROM (SELECT c.uuid FROM conversation c"
        f" WHERE c.ent_id = %s{VIEWS['unclaimed']}{AWAKE} LIMIT %s) c"
        " JOIN chat_group s ON s.uuid = c.uuid AND s.member_id = %s LIMIT %s) c"
        " UNION ALL SELECT COUNT(*) FROM (SELECT 1 FROM chat_group s WHERE s.member_id = %s"
        f"{VIEWS['mentioned']} AND s.mentioned_seq > s.read_seq LIMIT %s) c"
        " UNION ALL SELECT COUNT(*) FROM (SELECT 1 FROM conversation c"
        f" {in_order()} chat_group s ON s.uuid = c.uuid AND s.member_id = %s"
        f" WHERE c.ent_id = %s{VIEWS['held']} LIMIT %s) c",
        [
            *(member.uuid, moment, COUNTED),
            *(member.enterprise.code, moment, LOOKED_AT, member.uuid, COUNTED),
            *(member.uuid, COUNTED),
            *(member.uuid, member.enterprise.code, COUNTED),
        ],
    )
    return dict(zip(("mine", "unclaimed", "mentioned", "held"), found, strict=True))


def total_unread(member_id: str) -> int:
    return ChatGroup.objects.of(member_id).unread().aggregate(sum=Sum("unread"))["sum"] or 0


def unread_versions(member_id: str, groups: list[str] = ()) -> list[tuple[str, str, int, int]]:
    """A member's unread where there is any, and in `groups`, as Announcement.unread has them.

    last_seq comes by a subquery: MariaDB would join from all conversations, 140 ms of 40,000.
    """
    conditions, values = ["s.has_unread = 1"], [[member_id]]
    if groups:
        conditions.append(f"s.uuid IN ({','.join(['%s'] * len(groups))})")
        values.append([member_id, *groups])
    found = []
    with connection.cursor() as cursor:
        for condition, params in zip(conditions, values, strict=True):
            cursor.execute(
                "SELECT s.member_id, s.uuid, s.unread, s.read_seq + (SELECT c.last_seq"
                " FROM conversation c WHERE c.uuid = s.uuid) FROM chat_group s"
                f" WHERE s.member_id = %s AND {condition}",
                params,
            )
            found += cursor.fetchall()
    return found
