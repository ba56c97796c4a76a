"""Locks conversations and stores what was changed in them: the SQL of the chat path.

conversations/changes.py opens a transaction, locks the conversations (`lock`), has rows appended
and cursors moved in memory, and stores everything with few statements (`write`). Every seq, unread
count and read cursor changes under the lock of its conversation. So the numbers of rows have no
gap, and no reader sees a number before all lower ones.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import connection
from django.db.backends.utils import CursorWrapper

from chat.models import Conversation, GroupMessage, Visitor, found_by, ordered_join

from .team_settings import TeamSettings
from .threads import COLUMNS, MESSAGE, NOTE, NOTICES, Row, Seat, Thread


def stored_rows(keys: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[Row, str]]:
    """The rows stored under these (client_id, sender), with their group."""
    if not keys:
        return {}
    one = "(client_id = %s AND sender = %s)"
    rows = GroupMessage.objects.raw(
        f"SELECT * FROM group_message WHERE {' OR '.join([one] * len(keys))}",
        [value for key in keys for value in key],
    )
    return {
        (row.client_id, row.sender): (Row.stored(row), row.group_id)
        for row in rows
        if (row.client_id, row.sender) in keys
    }


def lock(groups: set[str]) -> dict[str, Thread]:
    """The conversations of `groups` with their seats, locked until the transaction ends.

    Unknown ids are missing in the answer, and conversations with the visitor or the team of another
    enterprise, so nothing changes in them. Locks are taken in uuid order, so two writers
    that share several conversations do not wait for each other in a circle.

    The locking statement reads no other table. A subquery in it would open a snapshot before the
    last lock is there: what others commit meanwhile is then unknown to it, and MariaDB refuses to
    lock what has changed since (error 1020).
    """
    if not groups:
        return {}
    marks = ",".join(["%s"] * len(groups))
    ids = sorted(groups)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(COLUMNS)} FROM conversation{found_by('uuid')}"
            f" WHERE uuid IN ({marks}) ORDER BY uuid{for_update()}",
            ids,
        )
        settings = TeamSettings()
        rows = [dict(zip(COLUMNS, values, strict=True)) for values in cursor.fetchall()]
        if not rows:
            return {}
        threads = {row["uuid"]: Thread.stored(row, settings) for row in rows}
        whole: dict[str, Thread] = {}
        marks, keys = listed([row["id"] for row in rows])
        cursor.execute(f"{seats_sql()}({marks})", keys)
        for group, reception, blocked, *seat in cursor.fetchall():
            thread = whole.get(group)
            if thread is None:
                thread = whole[group] = threads[group]
                thread.reception_id, thread.blocked = reception, bool(blocked)
            if seat[0] is not None:
                thread.seats[seat[1]] = Seat(*seat)
    settings.wanted = {thread.team_id for thread in whole.values()}
    return {group: whole[group] for group in threads if group in whole}


def seats_sql() -> str:
    """The seats of conversations (by id) that are whole (ConversationQuerySet.whole), each with the
    reception, if that is the enterprise's, whether the visitor is blocked, and one row without a
    seat where there is none.

    Joins in this order, so that no planner begins from another table. MariaDB keeps a temporary
    table for each subquery that depends on a row: a tenth of its work for a message. Without the
    indexes it reads small tables whole, and compares each conversation with each seat.
    """
    join, reception = ordered_join(), found_by("PRIMARY")
    return (
        "SELECT c.uuid, r.id, v.blocked,"
        " s.id, s.member_id, s.member_type, s.unread, s.read_seq, s.joined_seq"
        f" FROM conversation c{found_by('PRIMARY')}"
        f" {join} visitor v{found_by('uuid')} ON v.uuid = c.visitor_id AND v.ent_id = c.ent_id"
        f" {join} team t{found_by('PRIMARY')} ON t.id = c.team_id"
        f" {join} enterprise e{found_by('PRIMARY')} ON e.id = t.enterprise_id AND e.code = c.ent_id"
        f" LEFT JOIN reception r{reception} ON r.id = c.reception_id AND r.ent_id = c.ent_id"
        f" LEFT JOIN chat_group s{found_by('chat_group_uuid')}"
        " ON s.uuid = c.uuid AND s.ent_id = c.ent_id"
        " WHERE c.id IN "
    )


def listed(keys: list[int]) -> tuple[str, list[int]]:
    """What stands in IN (...) for these ids, and its parameters. MySQLdb's Python writes each
    parameter into the statement; SQLite keeps statements that have none of the ids in them."""
    if connection.vendor == "mysql":
        return ",".join(map(str, keys)), []
    return ",".join(["%s"] * len(keys)), keys


def lock_all_of(visitor: Visitor) -> list[Thread]:
    """All conversations of a visitor whose row is locked, so that none begins meanwhile."""
    rows = Conversation.objects.filter(visitor=visitor, ent_id=visitor.ent_id)
    return list(lock(set(rows.values_list("uuid", flat=True))).values())


def for_update() -> str:
    """Row locks where the database has them; SQLite's BEGIN IMMEDIATE locks it all."""
    return " FOR UPDATE" if connection.features.has_select_for_update else ""


def move_cursor(thread: Thread, seat: Seat, seq: int) -> bool:
    """Moves a read cursor forward to `seq` (at most what is there); False if it didn't move."""
    visible = thread.public_seq if seat.member_id == thread.visitor else thread.last_seq
    seq = min(seq, visible)
    if seq <= seat.read_seq:
        return False
    seat.read_seq = seq
    seat.moved = True
    seat.unread = 0 if seq == visible else count_unread(thread, seat)
    return True


def count_unread(thread: Thread, seat: Seat) -> int:
    """How many rows above the seat's cursor are unread: messages of others, for agents also their
    notes; silent rows (Thread.is_silent) are not counted."""
    kinds = [MESSAGE] if seat.member_id == thread.visitor else [MESSAGE, NOTE]
    silent = [seat.member_id, thread.visitor, ""] if thread.quarantine_reason else [seat.member_id]
    stored: int = (
        GroupMessage.objects.of(thread)
        .filter(seq__gt=seat.read_seq, message_type__in=kinds)
        .exclude(sender__in=silent)
        .count()
    )
    return stored + sum(
        row.seq > seat.read_seq and row.kind in kinds and row.sender not in silent
        for row in thread.rows
    )


def write(threads: list[Thread], now: datetime) -> None:
    """Stores what was appended and moved, inside the caller's transaction. Rows get their id."""
    changed = [thread for thread in threads if thread.rows]
    with connection.cursor() as cursor:
        if changed:
            insert_rows(cursor, changed, now)
            update_conversations(cursor, changed, now)
            note_first_replies(cursor, changed, now)
        update_seats(cursor, threads)
        update_mentions(cursor, threads)
    for thread in threads:
        if thread.columns:
            Conversation.objects.filter(pk=thread.id).update(**thread.columns)


INSERT = (
    "INSERT INTO group_message (ent_id, sender, sender_name, sender_avatar, group_id,"
    " message_type, message_content, created_at, seq, client_id, data) VALUES "
)
VALUES = "(" + ",".join(["%s"] * 11) + ")"


def insert_rows(cursor: CursorWrapper, threads: list[Thread], now: datetime) -> None:
    """Stores all rows, and tells them their ids, which follow one another in even steps.

    InnoDB promises that for one statement whose row count is known, and reports the first id;
    MySQL has no RETURNING. SQLite has one writer and reports the last id; there a short statement
    that is run for each row took 5 % less of all CPU than a long one, which has to be parsed anew
    for each length.
    """
    stamp = connection.ops.adapt_datetimefield_value(now)
    rows = [row for thread in threads for row in thread.rows]
    values = [
        (
            thread.ent_id, row.sender, row.sender_name, row.sender_avatar, thread.uuid,
            row.kind, row.content, stamp, row.seq, row.client_id,
            orjson.dumps(row.data).decode() if row.data else None,
        )
        for thread in threads
        for row in thread.rows
    ]  # fmt: skip
    if connection.vendor == "sqlite":
        cursor.executemany(INSERT + VALUES, values)
        cursor.execute("SELECT last_insert_rowid()")
        (last,) = cursor.fetchone()
        ids: Sequence[int] = range(last - len(rows) + 1, last + 1)
    else:
        ids = insert_at_once(cursor, values)
    for row, number in zip(rows, ids, strict=True):
        row.id = number


def insert_at_once(cursor: CursorWrapper, values: list[tuple]) -> list[int]:
    """Stores the rows by one statement of MariaDB or MySQL, and returns their ids."""
    insert = INSERT + ",".join([VALUES] * len(values))
    flat = [value for row in values for value in row]
    step = id_step() if len(values) > 1 else 1
    if step:
        cursor.execute(insert, flat)
        first = cursor.lastrowid
        return [first + number * step for number in range(len(values))]
    cursor.execute(insert + " RETURNING id", flat)
    return [number for (number,) in cursor.fetchall()]


def id_step() -> int | None:
    """How far apart new ids are, asked once for each connection. MySQL's multi-primary replication
    sets more than 1. None in a Galera cluster: there it changes with each node that comes or goes,
    also for connections that are open."""
    session = connection.connection
    if not hasattr(session, "id_step"):
        with connection.cursor() as cursor:
            cursor.execute(
                "SHOW VARIABLES WHERE Variable_name IN ('auto_increment_increment', 'wsrep_on')"
            )
            known = dict(cursor.fetchall())
        is_cluster = known.get("wsrep_on") == "ON"
        session.id_step = None if is_cluster else int(known["auto_increment_increment"])
    step: int | None = session.id_step
    return step


def update_conversations(cursor: CursorWrapper, threads: list[Thread], now: datetime) -> None:
    """The numbers, the wait and last_activity of all. Mostly each got one message that everybody
    sees: a statement without values for each took 7 % less of all CPU."""
    stamp = connection.ops.adapt_datetimefield_value(now)
    usual, others = [], []
    for thread in threads:
        same = thread.last_seq == thread.public_seq == thread.message_seq
        if same and len(thread.rows) == 1 and not thread.facts:
            usual.append(thread.id)
        else:
            others.append(thread)
    if usual:
        marks, keys = listed(usual)
        # last_seq at the end: MySQL assigns one after the other.
        cursor.execute(
            f"UPDATE conversation{found_by('PRIMARY')} SET public_seq = last_seq + 1, message_seq ="
            " last_seq + 1, last_activity = %s, last_seq = last_seq + 1"
            f" WHERE id IN ({marks})",
            [stamp, *keys],
        )
    if others:
        update_each(cursor, others, stamp)


def update_each(cursor: CursorWrapper, threads: list[Thread], stamp: str | None) -> None:
    """The same for those that were changed in different ways, in one UPDATE. A notice alone is no
    activity: it must not move a conversation to the top of an inbox."""
    columns: dict[str, list[tuple[int, Any]]] = {
        "last_seq": [(thread.id, thread.last_seq) for thread in threads],
        "public_seq": [(thread.id, thread.public_seq) for thread in threads],
        "message_seq": [(thread.id, thread.message_seq) for thread in threads],
        "last_activity": [
            (thread.id, stamp)
            for thread in threads
            if any(row.kind not in NOTICES for row in thread.rows)
        ],
        **{
            name: [
                (thread.id, at and connection.ops.adapt_datetimefield_value(at))
                for thread in threads
                if (at := thread.facts.get(name, ...)) is not ...
            ]
            for name in ("waiting_since", "due_at")
        },
    }
    clauses, values = [], []
    for column, pairs in columns.items():
        if pairs:
            cases = " ".join(["WHEN %s THEN %s"] * len(pairs))
            clauses.append(f"{column} = CASE id {cases} ELSE {column} END")
            values += [value for pair in pairs for value in pair]
    ids = [thread.id for thread in threads]
    cursor.execute(
        f"UPDATE conversation{found_by('PRIMARY')} SET {', '.join(clauses)}"
        f" WHERE id IN ({','.join(['%s'] * len(ids))})",
        [*values, *ids],
    )


def note_first_replies(cursor: CursorWrapper, threads: list[Thread], now: datetime) -> None:
    """The reception's first reply, where an agent answered somebody who waited."""
    receptions = [thread.reception_id for thread in threads if thread.replied]
    if receptions:
        cursor.execute(
            "UPDATE reception SET first_reply_at = %s WHERE first_reply_at IS NULL"
            f" AND id IN ({','.join(['%s'] * len(receptions))})",
            [connection.ops.adapt_datetimefield_value(now), *receptions],
        )


def update_seats(cursor: CursorWrapper, threads: list[Thread]) -> None:
    """Unread and cursors: one UPDATE for each distinct increment or pair of values."""
    increments, positions = defaultdict(list), defaultdict(list)
    for thread in threads:
        for seat in thread.seats.values():
            if seat.moved or seat.recounted:
                positions[seat.read_seq, seat.unread].append(seat.id)
            elif seat.added:
                increments[seat.added].append(seat.id)
    for added, ids in increments.items():
        marks, keys = listed(ids)
        cursor.execute(
            f"UPDATE chat_group{found_by('PRIMARY')} SET unread = unread + %s"
            f" WHERE id IN ({marks})",
            [added, *keys],
        )
    for (read_seq, unread), ids in positions.items():
        marks, keys = listed(ids)
        cursor.execute(
            f"UPDATE chat_group{found_by('PRIMARY')} SET read_seq = %s, unread = %s"
            f" WHERE id IN ({marks})",
            [read_seq, unread, *keys],
        )


def update_mentions(cursor: CursorWrapper, threads: list[Thread]) -> None:
    """Stores the last note that mentions each of these members."""
    for thread in threads:
        for who, seq in thread.mentioned.items():
            cursor.execute(
                "UPDATE chat_group SET mentioned_seq = %s WHERE id = %s",
                [seq, thread.seats[who].id],
            )
