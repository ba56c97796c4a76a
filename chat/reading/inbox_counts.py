"""How many conversations are in the views of a member's inbox, and how many messages are unread."""

from django.db import connection
from django.utils.timezone import now

from accounts import rights
from accounts.models import Member
from chat.database import select
from chat.models import ChatGroup, ordered_join
from chat.protocol.selection import BY_WAIT, NOT_SNOOZED, VIEWS

from .inbox import OWN_SEAT, by_index, in_order

COUNTED = ("waiting", "mine", "unclaimed", "mentioned", "quarantined")
MAX_COUNT = 100
"""Conversations of a view are counted up to this number."""
MAX_UNCLAIMED_SCANNED = 2_000
"""How many of an enterprise's unclaimed conversations are scanned for those of a member."""


def view_counts(member: Member) -> dict[str, int]:
    """The numbers of conversations in the views `waiting`, `mine`, `unclaimed`, `mentioned` (unread
    only) and `quarantined`, MAX_COUNT at the most. The cost does not depend on the number of
    conversations, but on that of those who wait. `unclaimed` may be too low if the enterprise has
    more than MAX_UNCLAIMED_SCANNED."""
    return dict(zip(COUNTED, first_column(*counting(member)), strict=True))


def numbers(member: Member) -> tuple[int, dict[str, int]]:
    """How many messages are unread, and `view_counts`, by one statement."""
    sql, values = counting(member)
    sql += " UNION ALL SELECT SUM(unread) FROM chat_group s WHERE s.member_id = %s"
    sql += " AND +s.ent_id = %s AND s.has_unread = 1"
    *found, total = first_column(sql, [*values, member.uuid, member.enterprise.code])
    # MariaDB makes them all decimals.
    return int(total or 0), dict(zip(COUNTED, map(int, found), strict=True))


def counting(member: Member) -> tuple[str, list]:
    """SQL for the numbers of view_counts, and its values."""
    moment = connection.ops.adapt_datetimefield_value(now())
    code = member.enterprise.code
    if member.may(rights.READ_ALL):
        waiting, whose = by_index(BY_WAIT), []
    else:
        waiting = f"{in_order(BY_WAIT)}{OWN_SEAT} AND s.member_id = %s"
        whose = [member.uuid]
    return (
        f"SELECT COUNT(*) FROM (SELECT 1 FROM {waiting}"
        f" WHERE c.ent_id = %s{VIEWS['waiting']}{NOT_SNOOZED} LIMIT %s) c"
        " UNION ALL SELECT COUNT(*) FROM (SELECT 1 FROM conversation c WHERE c.claimed_by = %s"
        f" AND +c.ent_id = %s{NOT_SNOOZED} LIMIT %s) c"
        " UNION ALL SELECT COUNT(*) FROM (SELECT 1 FROM"
        " (SELECT c.uuid, c.ent_id FROM conversation c"
        f" WHERE c.ent_id = %s{VIEWS['unclaimed']}{NOT_SNOOZED} LIMIT %s) c"
        f" JOIN chat_group s ON s.uuid = c.uuid AND s.member_id = %s{OWN_SEAT} LIMIT %s) c"
        " UNION ALL SELECT COUNT(*) FROM (SELECT 1 FROM chat_group s WHERE s.member_id = %s"
        f" AND +s.ent_id = %s{VIEWS['mentioned']} AND s.mentioned_seq > s.read_seq LIMIT %s) c"
        " UNION ALL SELECT COUNT(*) FROM (SELECT 1 FROM conversation c"
        f" {ordered_join()} chat_group s ON s.uuid = c.uuid AND s.member_id = %s{OWN_SEAT}"
        f" WHERE c.ent_id = %s{VIEWS['quarantined']} LIMIT %s) c",
        [
            *(*whose, code, moment, MAX_COUNT),
            *(member.uuid, code, moment, MAX_COUNT),
            *(code, moment, MAX_UNCLAIMED_SCANNED, member.uuid, MAX_COUNT),
            *(member.uuid, code, MAX_COUNT),
            *(member.uuid, code, MAX_COUNT),
        ],
    )


def first_column(sql: str, values: list) -> list:
    return [value for (value,) in select(sql, values)]


def has_any(member: Member) -> bool:
    """Whether the member has a seat in any conversation."""
    return ChatGroup.objects.held_by(member).exists()
