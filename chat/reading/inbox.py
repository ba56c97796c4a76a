"""A member's inbox: its rows, in the order of the view and page by page, and the numbers of unread
messages."""

from datetime import datetime, timezone

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.dateparse import parse_datetime

from accounts import rights
from accounts.kept import Kept, refer
from accounts.models import Member, Team
from chat.database import aware_datetime, select
from chat.models import (
    ChatGroup,
    Conversation,
    GroupMessage,
    Reception,
    Visitor,
    ordered_join,
    theirs,
)
from chat.presence import leases
from chat.protocol.selection import (
    BY_ACTIVITY,
    BY_TARGET,
    BY_WAIT,
    NEWEST,
    Order,
    Selection,
)

from .faces import is_numbered
from .last_rows import excerpt, is_left, last_rows, mark_undelivered, said_before
from .standing import Standing

PAGE_SIZE = 30
MAX_PAGE_SIZE = 100
"""Rows of a page, and the most that a request can ask for."""
FEW_SEATS = 300
"""With at most this many seats all of a member's conversations are sorted."""
SCAN_WINDOWS = (200, 2_000)
"""How many of an enterprise's newest conversations are scanned for those of a member with more
seats, first the smaller number."""
INDEXES = {BY_WAIT: "conversation_waiting", BY_TARGET: "conversation_due"}
SCANNED_COLUMNS = (
    "c.id, c.uuid, c.ent_id, c.team_id, c.last_activity, c.open, c.claimed_by, c.waiting_since,"
    " c.due_at, c.snoozed_until, c.quarantined_since, c.channel"
)
"""The columns that a selection's condition uses."""

OWN_SEAT = " AND +s.ent_id = +c.ent_id"
"""That a seat is of its conversation's enterprise; without an index, as both are found already."""


def page(
    member: Member,
    before: str | None = None,
    limit: int = PAGE_SIZE,
    chosen: Selection = NEWEST,
    teams: tuple[Team, ...] = (),
) -> tuple[list[dict], str | None]:
    """Up to `limit` inbox rows of a member in the selection's order, and the cursor of the
    next page, None at the end. `before` is such a cursor of the same view. Those who may read the
    whole enterprise see in `waiting` who waits in any team. `teams` are known already."""
    at, code = before and parse_cursor(before), member.enterprise.code
    whole = chosen.view == "waiting" and member.may(rights.READ_ALL)
    if whole:
        found = waiting_in(code, at, limit + 1, chosen)
    else:
        found = groups_of(member.uuid, at, limit + 1, chosen)
    rows = rows_of(member.uuid, code, [group for group, _at in found[:limit]], whole, teams)
    return rows, found[limit - 1][1] if len(found) > limit else None


def waiting_in(
    ent_id: str, before: tuple[datetime, int] | None, limit: int, chosen: Selection
) -> list[tuple[str, str]]:
    """As `groups_of`, of the view `waiting`, for who sees the queues of all teams of an enterprise
    (its code)."""
    order = chosen.order
    position, values = cursor_condition(chosen, before)
    condition, chosen_by = chosen.condition("")
    return with_cursors(
        f"SELECT c.uuid, {order.column}, c.id FROM {by_index(order)}"
        f" WHERE c.ent_id = %s{condition}{position}{order.sql} LIMIT %s",
        [ent_id, *chosen_by, *values, limit],
    )


def groups_of(
    member_id: str, before: tuple[datetime, int] | None, limit: int, chosen: Selection
) -> list[tuple[str, str]]:
    """The first groups of a member's conversations in a selection that come after `before`, each
    with its cursor.

    A member with many seats has one in most of the enterprise's conversations. So these are read in
    their order until there are enough of the member's: who waits by an index that holds nobody else
    (`in_order`), the newest in SCAN_WINDOWS. If a window has too few of the member's
    conversations, all are sorted. Sorting 10,000 seats took 13 ms on SQLite and 45 ms on MariaDB, a
    window takes 1 ms.
    """
    order = chosen.order
    position, values = cursor_condition(chosen, before)
    condition, chosen_by = chosen.condition(member_id)
    columns = f"c.uuid, {order.column}, c.id"
    if not chosen.is_indexed and (ent_id := enterprise_of_many(member_id)):
        # The indexes begin with ent_id.
        condition += " AND c.ent_id = %s"
        chosen_by = [*chosen_by, ent_id]
        if order != BY_ACTIVITY:
            return with_cursors(
                f"SELECT {columns} FROM {in_order(order)}{OWN_SEAT}"
                f" WHERE s.member_id = %s{condition}{position}{order.sql} LIMIT %s",
                [member_id, *chosen_by, *values, limit],
            )
        for window in SCAN_WINDOWS:
            found = with_cursors(
                f"SELECT {columns} FROM (SELECT {SCANNED_COLUMNS} FROM conversation c"
                f" WHERE c.ent_id = %s{position}{order.sql}"
                " LIMIT %s) c JOIN chat_group s ON s.uuid = c.uuid AND s.member_id = %s"
                f"{OWN_SEAT}"
                f" WHERE 1 = 1{condition}{order.sql} LIMIT %s",
                [ent_id, *values, window, member_id, *chosen_by, limit],
            )
            if len(found) == limit:
                return found
    tables = "chat_group s JOIN conversation c"
    if chosen.view in ("mine", "snoozed", "quarantined"):
        tables = f"conversation c {ordered_join()} chat_group s"
    return with_cursors(
        f"SELECT {columns} FROM {tables} ON c.uuid = s.uuid{OWN_SEAT}"
        f" WHERE s.member_id = %s{condition}{position}{order.sql} LIMIT %s",
        [member_id, *chosen_by, *values, limit],
    )


def in_order(order: Order) -> str:
    """The tables that are read in the order of the index on those who wait: no planner chooses it
    for as few rows as a page has, and sorts all of the enterprise's open conversations instead."""
    return f"{by_index(order)} {ordered_join()} chat_group s ON s.uuid = c.uuid"


def by_index(order: Order) -> str:
    """The conversations, by the index on those who wait that has this order, if one does."""
    name = INDEXES.get(order, INDEXES[BY_WAIT])
    index = f"INDEXED BY {name}" if connection.vendor == "sqlite" else f"FORCE INDEX ({name})"
    return f"conversation c {index}"


def enterprise_of_many(member_id: str) -> str | None:
    """The enterprise's code of a member with more than FEW_SEATS seats, else None. It is a value in
    the queries, because MariaDB uses no index range with a subquery."""
    sql = "SELECT ent_id FROM chat_group WHERE member_id = %s LIMIT 1 OFFSET %s"
    found = select(sql, [member_id, FEW_SEATS])
    return found[0][0] if found else None


def cursor_condition(chosen: Selection, before: tuple[datetime, int] | None) -> tuple[str, list]:
    """The SQL condition of a cursor on the conversation `c`, and its parameters."""
    if not before:
        return "", []
    return chosen.order.after(connection.ops.adapt_datetimefield_value(before[0]), before[1])


def with_cursors(sql: str, values: list) -> list[tuple[str, str]]:
    """For rows of (uuid, the value that they are sorted by, id), the uuid and the cursor."""
    return [(group, cursor_text(at, number)) for group, at, number in select(sql, values)]


def cursor_text(at: datetime | str, number: int) -> str:
    """A cursor; a time in UTC comes from the database without its zone, from SQLite as a text."""
    return f"{aware_datetime(at).isoformat()}_{number}"


def parse_cursor(text: str) -> tuple[datetime, int] | None:
    """The time and the id in a cursor of `page`; None for an invalid one."""
    at, _, number = text.partition("_")
    if not number.isdecimal() or len(number) > 18:
        return None
    try:
        moment = parse_datetime(at)
        return (moment.astimezone(timezone.utc), int(number)) if moment else None
    except (ValueError, OverflowError):
        return None


def rows_of(
    member_id: str, ent_id: str, groups: list[str], whole: bool = False, teams: tuple = ()
) -> list[dict]:
    """The inbox rows of a member's groups, in the given order. Groups of another enterprise are
    left out, and those without a seat unless the member sees the `whole` enterprise: then the row
    of a visitor who waits is without text, as the audit has who reads it."""
    known = among(ent_id, groups)
    others = {row.team_id for row in known} - {team.pk for team in teams}
    refer(known, "team", [*teams, *teams_among(ent_id, others)])
    receptions = {row.reception_id for row in known} - {None}
    refer(known, "reception", receptions_among(ent_id, receptions))
    found = {row.uuid: row for row in known}
    seats = {seat.uuid: seat for seat in held_among(member_id, ent_id, groups)}
    if whole:
        waiting = {row.uuid for row in found.values() if row.open and row.waiting_since}
        missing = waiting - set(seats)
        seats |= {one: ChatGroup(uuid=one, group_name=found[one].label) for one in missing}
    seated = [row for row in found.values() if row.uuid in seats and seats[row.uuid].pk]
    last = last_rows(seated, as_visitor=False)
    last |= said_before([row for row in seated if is_left(last.get(row.uuid))])
    mark_undelivered(seated, last)
    online = leases.online({conversation.visitor_id for conversation in found.values()})
    standing = Standing(known, ent_id)
    return [
        standing.of(found[group]) | own_facts(found[group], seats[group], last.get(group), online)
        for group in groups
        if group in found and group in seats
    ]


@Kept
def among(code, groups) -> QuerySet:
    found = Conversation.objects.whole().filter(theirs(code), uuid__in=groups)
    return found.annotate(device=of_visitor("device"), label=of_visitor("label"))


@Kept
def teams_among(code, keys) -> QuerySet[Team]:
    # Not select_related: MariaDB would begin with the teams and read all their conversations.
    return Team.objects.filter(pk__in=keys, enterprise__code=code)


@Kept
def receptions_among(code, keys) -> QuerySet[Reception]:
    return Reception.objects.filter(theirs(code), pk__in=keys)


@Kept
def held_among(who, code, groups) -> QuerySet[ChatGroup]:
    return ChatGroup.objects.for_member(who).filter(theirs(code), uuid__in=groups)


def of_visitor(column: str) -> Subquery:
    """What a conversation's visitor has in this column. With a join, MariaDB would begin there."""
    rows = Visitor.objects.filter(uuid=OuterRef("visitor_id"), ent_id=OuterRef("ent_id"))
    return Subquery(rows.values(column)[:1])


def own_facts(
    conversation: Conversation, seat: ChatGroup, last: GroupMessage | None, online: set[str]
) -> dict:
    """What only the inbox tells of a conversation."""
    return {
        "group_name": seat.group_name,
        "unread": seat.unread,
        "seated": seat.pk is not None,
        "routing": conversation.team.routing,
        "visitor": conversation.visitor_id,
        "online": conversation.visitor_id in online,
        "device": device_of(conversation, seat),
        "last": last and excerpt(last),
        "topic": conversation.topic,
        "mentioned": seat.mentioned_seq if seat.mentioned_seq > seat.read_seq else 0,
        "mentioned_seq": seat.mentioned_seq,
        "cursor": cursor_text(conversation.last_activity, conversation.id),
    }


def device_of(conversation: Conversation, seat: ChatGroup) -> str:
    """The device, without its system's version, of a visitor whom only a number tells apart from
    others; "" for others."""
    numbered = is_numbered(seat.group_name)
    return (conversation.device or "").partition(" · ")[0] if numbered else ""
