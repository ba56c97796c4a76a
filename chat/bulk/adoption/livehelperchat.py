"""Reads the database of a Live Helper Chat.

`lh_chat` has a row for each chat, `lh_msg` what was said there: by operators (`user_id` above 0),
by the visitor (0), by the system (-1), by a bot (-2). Times are seconds since 1970.
"""

from collections.abc import Iterator
from datetime import datetime, timezone

from . import records
from .database import CannotAdopt, Database

COLUMNS = {
    "lh_chat": ("id", "nick", "status", "time", "user_id", "dep_id", "email", "phone"),
    "lh_msg": ("id", "msg", "time", "chat_id", "user_id", "name_support"),
    "lh_users": ("id", "username", "password", "email", "name", "surname", "disabled"),
    "lh_departament": ("id", "name"),
}
PAGE = 200
"""Chats looked at in one snapshot."""
CLOSED = 2
OPERATORS = 4
"""The status of a chat between operators, which has no visitor."""
SYSTEM = -1


class LiveHelperChatReader:
    kind = "livehelperchat"
    group_key = staticmethod(str)

    def __init__(self, database: Database):
        self.database, self.tally = database, records.Tally()
        self.name = database.name
        for table, wanted in COLUMNS.items():
            there = database.columns(table)
            if missing := [name for name in wanted if name not in there]:
                raise CannotAdopt(f"Their table {table} has no {', '.join(missing)}.")
        self.departments = dict(database.rows("SELECT id, name FROM lh_departament"))
        self.names = dict(self.operators())

    def operators(self) -> Iterator[tuple[int, str]]:
        for id, name, surname in self.database.rows("SELECT id, name, surname FROM lh_users"):
            yield id, f"{name or ''} {surname or ''}".strip()

    def describe(self) -> list[str]:
        return [f"the Live Helper Chat in the database {self.database.name}"]

    def people(self) -> Iterator[records.Person]:
        columns = ", ".join(COLUMNS["lh_users"])
        for row in self.database.rows(f"SELECT {columns} FROM lh_users ORDER BY id"):
            id, account, password, email, _name, _surname, disabled = row
            yield records.Person(
                theirs=str(id),
                account=account or "",
                nickname=self.names[id],
                email=email or "",
                tel="",
                password=password or "",
                disabled=bool(disabled),
                offline=False,
                created_at=None,
            )

    def pages(self) -> Iterator[list[records.Group]]:
        after, columns = 0, ", ".join(COLUMNS["lh_chat"])
        while True:
            with self.database.snapshot():
                rows = self.database.rows(
                    f"SELECT {columns} FROM lh_chat WHERE id > %s ORDER BY id LIMIT %s", after, PAGE
                )
                if not rows:
                    return
                yield self.groups(rows)
                after = rows[-1][0]

    def groups(self, rows: list[tuple]) -> list[records.Group]:
        ids = [row[0] for row in rows]
        facts = "COUNT(*), SUM(id), BIT_XOR(id), MAX(id)"
        totals = {
            chat: tuple(map(int, values))
            for chat, *values in self.database.rows(
                f"SELECT chat_id, {facts} FROM lh_msg WHERE chat_id IN %s GROUP BY chat_id", ids
            )
        }
        wrote: dict[int, list[int]] = {}
        for chat, who in self.database.rows(
            "SELECT DISTINCT chat_id, user_id FROM lh_msg WHERE chat_id IN %s AND user_id > 0", ids
        ):
            wrote.setdefault(chat, []).append(who)
        return [self.group(row, totals, wrote.get(row[0], [])) for row in rows]

    def group(self, row: tuple, totals: dict, wrote: list[int]) -> records.Group:
        id, nick, status, time, owner, department, email, phone = row
        if status == OPERATORS:
            self.tally.add("no_visitor", f"lh_chat {id}")
        group = records.Group(
            theirs=str(id),
            name=nick or "",
            created_at=moment(time),
            visitor=str(id),
            visitor_name=nick or "",
            visitor_unread=0,
            contact=" ".join(filter(None, (email, phone))),
            topic=self.departments.get(department) or "",
            closed=status == CLOSED,
        )
        for who in sorted({owner, *wrote} - {0}):
            if who in self.names:
                place = records.Place(str(who), self.names[who], who == owner, 0, group.created_at)
                group.places.append(place)
            else:
                self.tally.add("seats_of_no_member", f"lh_chat {id}")
        group.messages, group.id_sum, group.id_xor, group.last_id = totals.get(id, (0, 0, 0, 0))
        return group

    def keep_visitor(self, group: records.Group, visitor: str) -> None:
        """A chat has one visitor, who is known by its id."""

    def messages(
        self, groups: list[records.Group], after: int = 0, limit: int = 0
    ) -> list[records.Message]:
        columns = ", ".join(COLUMNS["lh_msg"])
        bound = f" LIMIT {limit:d}" if limit else ""
        rows = self.database.rows(
            f"SELECT {columns} FROM lh_msg WHERE chat_id IN %s AND id > %s ORDER BY id{bound}",
            [int(group.theirs) for group in groups],
            after,
        )
        nicks = {int(group.theirs): group.visitor_name for group in groups}
        return [self.message(row, nicks) for row in rows]

    def message(self, row: tuple, nicks: dict[int, str]) -> records.Message:
        id, content, time, chat, who, name = row
        if not moment(time):
            self.tally.add("no_time", f"lh_msg {id}")
        if content is None:
            self.tally.add("null_contents", f"lh_msg {id}")
        return records.Message(
            id=id,
            group=str(chat),
            sender=self.sender(who, id),
            name=nicks[chat] if who == 0 else name or self.names.get(who, ""),
            kind=records.NOTICE if who == SYSTEM else records.MESSAGE,
            content=content or "",
            at=moment(time),
        )

    def sender(self, who: int, id: int) -> str:
        if who == 0:
            return records.VISITOR
        if who < 0:
            return records.NOBODY
        if who in self.names:
            return records.of_member(str(who))
        self.tally.add("messages_of_strangers", f"lh_msg {id}")
        return records.of_stranger(str(who))

    def look_for_orphans(self) -> None:
        found = self.database.rows(
            "SELECT COUNT(*), MIN(m.id) FROM lh_msg m LEFT JOIN lh_chat c ON c.id = m.chat_id"
            " WHERE c.id IS NULL"
        )
        ((n, first),) = found
        self.tally.add("orphan_messages", f"lh_msg {first}", n)


def moment(seconds: int | None) -> datetime | None:
    """0 is no time."""
    return datetime.fromtimestamp(seconds, timezone.utc) if seconds else None
