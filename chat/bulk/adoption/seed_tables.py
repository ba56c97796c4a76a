"""The four tables of the original schema as a whole: whether they are there, whose, and which rows
belong to nothing."""

from collections.abc import Callable

from .database import CannotAdopt, Database
from .records import Tally

COLUMNS = {
    "member": (
        *("id", "name", "password", "nickname", "created_at", "avator", "online_status"),
        *("status", "email", "tel", "uuid"),
    ),
    "chat_group": (
        *("id", "ent_id", "member_id", "group_name", "uuid", "member_type", "unread"),
        "created_at",
    ),
    "group_member": ("id", "member_id", "member_name", "group_id", "member_type"),
    "group_message": (
        *("id", "group_id", "sender", "sender_name", "message_type", "message_content"),
        "created_at",
    ),
}
"""What is read of each table."""
GROUP_IDS = ("chat_group", "uuid"), ("group_member", "group_id"), ("group_message", "group_id")
PERSON_IDS = (
    *(("member", "uuid"), ("chat_group", "member_id"), ("group_member", "member_id")),
    ("group_message", "sender"),
)
"""The columns with the ids of groups, and of people."""


def latin1_of(database: Database) -> set[str]:
    """Refuses what has other tables; returns those whose texts are latin1."""
    latin1 = set()
    for table, wanted in COLUMNS.items():
        there = database.columns(table)
        if missing := [name for name in wanted if name not in there]:
            what = f"has no {', '.join(missing)}" if there else "is not there"
            raise CannotAdopt(f"Their table {table} {what}.")
        if "latin1" in there.values():
            latin1.add(table)
    if "seq" in database.columns("group_message"):
        raise CannotAdopt("These are Kefu's own tables; bin/backup and restore move them.")
    return latin1


def chosen(found: list[str], wish: str | None) -> str:
    """Which of their enterprises is imported."""
    if not found:
        raise CannotAdopt("Their chat_group is empty: there is nothing to import.")
    there = ", ".join(repr(one) for one in sorted(found))
    if wish is None:
        if len(found) > 1:
            raise CannotAdopt(f"Say whose, with --their-enterprise; there are {there}.")
        return found[0]
    if wish not in found:
        raise CannotAdopt(f"There is no enterprise {wish!r} in their database, only {there}.")
    return wish


def size(database: Database) -> tuple[int, int | None]:
    """How many messages there are, and the greatest id."""
    return database.rows("SELECT COUNT(*), MAX(id) FROM group_message")[0]


def totals(
    database: Database, group_key: Callable[[str], str], asked: list[str]
) -> dict[str, tuple[int, int, int, int]]:
    """By group how many messages there are, the sum and the XOR of their ids, and the last id."""
    found: dict[str, tuple[int, int, int, int]] = {}
    for uuid, *values in database.rows(
        "SELECT group_id, COUNT(*), SUM(id), BIT_XOR(id), MAX(id) FROM group_message"
        " WHERE group_id IN %s GROUP BY CAST(group_id AS BINARY)",
        asked,
    ):
        n, total, xor, last = map(int, values)
        before = found.get(group_key(uuid), (0, 0, 0, 0))
        both = n + before[0], total + before[1], xor ^ before[2], max(last, before[3])
        found[group_key(uuid)] = both
    return found


def look_for_orphans(database: Database, tally: Tally, group_key: Callable[[str], str]) -> None:
    """Counts messages and shown members of groups in which nobody sits."""
    for table, what in (
        ("group_message", "orphan_messages"),
        ("group_member", "orphan_members"),
    ):
        after: str | None = None
        while rows := database.rows(
            f"SELECT group_id, COUNT(*), MIN(id) FROM {table} WHERE %s OR group_id > %s"
            " GROUP BY group_id ORDER BY group_id LIMIT 1000",
            after is None,
            after or "",
        ):
            after = rows[-1][0]
            there = {
                group_key(uuid)
                for (uuid,) in database.rows(
                    "SELECT DISTINCT uuid FROM chat_group WHERE uuid IN %s",
                    [row[0] for row in rows],
                )
            }
            for group, n, first in rows:
                if not group_key(group) or group_key(group) not in there:
                    tally.add(what, f"{table} {first}", n)
