"""Runs the command, and tells what stands there and here without the code that imports it."""

import hashlib
import io
from collections import defaultdict
from datetime import timezone

from django.core.management import call_command
from django.db import connection

from chat.models import AdoptedGroup, AdoptedMember, ChatGroup, Conversation, GroupMessage
from crash.book import Book
from crash.check import check

from .seed_database import SeedDatabase

KINDS = {1: 1, 2: 2}


def digest(rows: list[tuple]) -> str:
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def digests_there(there: SeedDatabase) -> dict[str, str]:
    """By group: what was said, by whom and when, in the order of the ids."""
    found: dict[str, list] = {
        uuid: [] for (uuid,) in there.rows("SELECT DISTINCT uuid FROM chat_group WHERE uuid > ''")
    }
    for group, *row, at in there.rows(
        "SELECT group_id, id, sender, sender_name, message_type, message_content, created_at"
        " FROM group_message ORDER BY id"
    ):
        if group in found:
            id, sender, name, kind, content = row
            moment = at.replace(tzinfo=timezone.utc).isoformat() if at else None
            found[group].append((id, sender, name, KINDS.get(kind, 1), content or "", moment))
    return {group: digest(rows) for group, rows in found.items()}


def digests_here(there: SeedDatabase) -> dict[str, str]:
    """The same of what was imported; where there was no time, none is told here either."""
    timeless = {
        id for id, at in there.rows("SELECT id, created_at FROM group_message") if at is None
    }
    uuids = {str(id): uuid for id, uuid in there.rows("SELECT id, uuid FROM member")}
    people = {row.member: uuids[row.theirs] for row in AdoptedMember.objects.all()}
    groups, visitors = {}, {}
    for row in AdoptedGroup.objects.all():
        groups[row.group], visitors[row.group] = row.theirs, row.visitor
    owners = dict(Conversation.objects.values_list("uuid", "visitor_id"))
    found: dict[str, list] = {theirs: [] for theirs in groups.values()}
    strangers: dict[str, set] = defaultdict(set)
    for row in GroupMessage.objects.filter(client_id__startswith="adopted:"):
        id = int(row.client_id.rpartition(":")[2])
        sender = row.sender
        if sender == owners[row.group_id]:
            sender = visitors[row.group_id]
        elif sender in people:
            sender = people[sender]
        else:
            # A name of its own for each, the same in all rows.
            sender = "gone-1" if sender else ""
            strangers[sender].add(row.sender)
        moment = None if id in timeless else row.created_at.isoformat()
        fact = (id, sender, row.sender_name, row.message_type, row.message_content, moment)
        found[groups[row.group_id]].append(fact)
    assert all(len(one) == 1 for one in strangers.values())
    return {theirs: digest(sorted(rows)) for theirs, rows in found.items()}


def unread_there(there: SeedDatabase) -> dict[tuple[str, str], int]:
    """By group and person (their uuid, or the visitor's id); the last of doubled seats."""
    rows = there.rows("SELECT uuid, member_id, unread FROM chat_group WHERE uuid > '' ORDER BY id")
    return {(group, who): n for group, who, n in rows}


def unread_here(there: SeedDatabase) -> dict[tuple[str, str], int]:
    uuids = {str(id): uuid for id, uuid in there.rows("SELECT id, uuid FROM member")}
    people = {row.member: uuids[row.theirs] for row in AdoptedMember.objects.all()}
    groups = {row.group: row for row in AdoptedGroup.objects.all()}
    return {
        (groups[seat.uuid].theirs, people.get(seat.member_id, groups[seat.uuid].visitor)): (
            seat.unread
        )
        for seat in ChatGroup.objects.all()
    }


def adopt(there, *options: str, enterprise: str = "acme") -> str:
    out = io.StringIO()
    options = options or ("--yes",)
    call_command("adopt", there.url, "--enterprise", enterprise, *options, stdout=out)
    return out.getvalue()


def everything() -> dict[str, list]:
    """All rows of all tables."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def assert_consistent() -> None:
    """By the check that follows a crash."""

    def select(sql, values=()):
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()

    found = check(select, list(Conversation.objects.values_list("uuid", flat=True)), Book(), [])
    assert [found.gaps, found.unread, found.facts, found.lost] == [[], [], [], []]
