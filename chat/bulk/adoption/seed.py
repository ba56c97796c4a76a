"""Reads a database with the four tables of the original schema.

`chat_group` has a row for each seat, of which those with the same `uuid` are one group; who sits
there is shown by `group_member`, what was said stands in `group_message`. None of them says who the
visitor is: whoever takes part and is in no row of `member` (`seed_visitors.py`).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import tzinfo

from . import records, seed_tables, seed_visitors, spelling
from .database import Database
from .texts import folded, in_utc, repaired

PAGE = 500
"""Seats looked at in one snapshot."""
LEADER = 1
TYPES = {1: records.MESSAGE, 2: records.NOTICE}
CLOSED, OFFLINE = 1, 2


class SeedReader:
    """See the module. `tally` counts what is wrong there; `zone` is that of their clock."""

    kind = "seed"

    def __init__(self, database: Database, zone: tzinfo, theirs: str | None):
        self.database, self.zone = database, zone
        self.tally = records.Tally()
        self.latin1 = seed_tables.latin1_of(database)
        self.group_key = spelling.rule(database, *seed_tables.GROUP_IDS)
        self.person_key = spelling.rule(database, *seed_tables.PERSON_IDS)
        self.size, self.met = seed_tables.size(database), 0
        """How many messages there are, and how many of them groups on pages so far have."""
        found = [row[0] for row in database.rows("SELECT DISTINCT ent_id FROM chat_group")]
        self.theirs = seed_tables.chosen(found, theirs)
        self.is_only = len(found) == 1
        self.reference, self.people_by_reference = self.find_references()

    @property
    def name(self) -> str:
        return f"{self.database.name}/{self.theirs}"

    def describe(self) -> list[str]:
        return [
            f"their enterprise {self.theirs!r} in the database {self.database.name}",
            f"times are read by the clock of {self.zone}",
            f"groups refer to members by their {self.reference}",
        ]

    def find_references(self) -> tuple[str, dict[str, str]]:
        """By which column of `member` groups refer to members, and the ids by it: the one that most
        seats agree with. A visitor's id may happen to be a member's in another column."""
        rows = self.database.rows("SELECT id, uuid, name FROM member ORDER BY id")
        known: dict[str, dict[str, str]] = {"uuid": {}, "id": {}, "name": {}}
        for id, *texts in rows:
            for column, text in zip(known, (texts[0], str(id), texts[1]), strict=True):
                if text:
                    if known[column].setdefault(self.person_key(text), str(id)) != str(id):
                        self.tally.add(f"doubled_{column}", f"member {id}")
        seats = dict.fromkeys(known, 0)
        self.seated: dict[str, set[str]] = defaultdict(set)
        for who, n in self.database.stream(
            "SELECT member_id, COUNT(*) FROM chat_group WHERE ent_id = %s"
            " GROUP BY CAST(member_id AS BINARY)",
            self.theirs,
        ):
            for column, ids in known.items():
                if id := ids.get(self.person_key(who)):
                    seats[column] += n
                    self.seated[column].add(id)
        best = max(known, key=lambda column: seats[column])
        return best, known[best]

    def text(self, table: str, value: str | None) -> str:
        if not value or table not in self.latin1:
            return value or ""
        fixed = repaired(value)
        if fixed != value:
            self.tally.add("repaired_texts", table)
        return fixed

    def people(self) -> Iterator[records.Person]:
        """Those who sit in the enterprise's groups; everybody, if there is no other enterprise."""
        columns = ", ".join(seed_tables.COLUMNS["member"])
        after = 0
        while rows := self.database.rows(
            f"SELECT {columns} FROM member WHERE id > %s ORDER BY id LIMIT %s", after, PAGE
        ):
            after = rows[-1][0]
            for row in rows:
                if self.is_only or str(row[0]) in self.seated[self.reference]:
                    yield self.person(row)
                else:
                    self.tally.add("members_elsewhere", f"member {row[0]}")

    def person(self, row: tuple) -> records.Person:
        id, name, password, nickname, created_at, avatar, online, status, email, tel, _uuid = row
        if avatar:
            self.tally.add("avatars", f"member {id}")
        return records.Person(
            theirs=str(id),
            account=self.text("member", name),
            nickname=self.text("member", nickname),
            email=email or "",
            tel=tel or "",
            password=password or "",
            disabled=status == CLOSED,
            offline=online == OFFLINE,
            created_at=in_utc(created_at, self.zone),
        )

    def pages(self) -> Iterator[list[records.Group]]:
        """All groups, in the order of their ids, some at a time. Each page is of one snapshot,
        which lasts until the next one is asked for: `messages` reads from it, too."""
        after = 0
        while True:
            with self.database.snapshot():
                heads = self.database.rows(
                    "SELECT id, uuid FROM chat_group WHERE id > %s ORDER BY id LIMIT %s",
                    after,
                    PAGE,
                )
                if not heads:
                    return
                yield self.groups(after, heads)
                after = heads[-1][0]

    def groups(self, after: int, heads: list[tuple]) -> list[records.Group]:
        """The groups whose first seat is one of `heads`, with all of their seats."""
        nameless = [id for id, uuid in heads if not self.group_key(uuid)]
        for id in nameless:
            self.tally.add("seats_of_no_group", f"chat_group {id}")
        asked = sorted({uuid for _id, uuid in heads if self.group_key(uuid)})
        if not asked:
            return []
        seats = self.by_group(
            "chat_group",
            "uuid",
            f"SELECT uuid, {', '.join(seed_tables.COLUMNS['chat_group'])}",
            asked,
        )
        # A group with an earlier seat was on an earlier page.
        seats = {key: rows for key, rows in seats.items() if rows[0][0] > after}
        totals = seed_tables.totals(self.database, self.group_key, asked)
        self.met += sum(totals[key][0] for key in seats if key in totals)
        others = [key for key, rows in seats.items() if rows[0][1] != self.theirs]
        for key in others:
            del seats[key]
        self.tally.add("groups_elsewhere", n=len(others))
        asked = sorted({row[4] for rows in seats.values() for row in rows})
        if not asked:
            return []
        shown = self.by_group(
            "group_member",
            "group_id",
            f"SELECT group_id, {', '.join(seed_tables.COLUMNS['group_member'])}",
            asked,
        )
        found = seed_visitors.find(self, seats, shown, asked)
        self.visitors = {key: who for key, (who, _how) in found.items()}
        return [
            self.group(key, rows, shown.get(key, []), totals.get(key, (0, 0, 0, 0)), found[key])
            for key, rows in seats.items()
        ]

    def by_group(self, table: str, column: str, select: str, asked: list[str]) -> dict:
        """Rows by group, each group's in the order of their ids. The first column is the group."""
        found = defaultdict(list)
        for uuid, *row in self.database.rows(
            f"{select} FROM {table} WHERE {column} IN %s ORDER BY id", asked
        ):
            found[self.group_key(uuid)].append(tuple(row))
        return found

    def group(
        self, key: str, seats: list, shown: list, totals: tuple, found: tuple
    ) -> records.Group:
        visitor, how = found
        self.tally.add(how, f"group {seats[0][4]}", how != "")
        key_of, text = self.person_key, self.text
        names = {key_of(row[1]): text("group_member", row[2]) for row in reversed(shown)}
        first = seats[0]
        group = records.Group(
            theirs=first[4],
            name=self.text("chat_group", next((row[3] for row in seats if row[3]), "")),
            created_at=next((at for row in seats if (at := in_utc(row[7], self.zone))), None),
            visitor=visitor,
            visitor_name=names.get(visitor, ""),
            visitor_unread=0,
            key=key,
        )
        group.messages, group.id_sum, group.id_xor, group.last_id = totals
        if group.created_at is None:
            self.tally.add("no_time", f"chat_group {first[0]}")
        self.seat_people(group, seats, names)
        for row in shown:
            who = key_of(row[1])
            if who != visitor and not any(key_of(seat[2]) == who for seat in seats):
                self.tally.add("shown_without_seat", f"group_member {row[0]}")
        return group

    def seat_people(self, group: records.Group, seats: list, names: dict[str, str]) -> None:
        taken: dict[str, records.Place] = {}
        for id, _ent_id, who, _name, _uuid, member_type, unread, created_at in seats:
            key = self.person_key(who)
            if unread < 0:
                self.tally.add("negative_unread", f"chat_group {id}")
            unread = max(unread, 0)
            if key == group.visitor:
                group.visitor_unread = unread
                continue
            person = self.people_by_reference.get(key)
            if person is None:
                self.tally.add("seats_of_no_member", f"chat_group {id}")
                continue
            if person in taken:
                self.tally.add("doubled_seats", f"chat_group {id}")
            at = in_utc(created_at, self.zone)
            leads = member_type == LEADER
            taken[person] = records.Place(person, names.get(key, ""), leads, unread, at)
        group.places = list(taken.values())

    def messages(
        self, groups: list[records.Group], after: int = 0, limit: int = 0
    ) -> list[records.Message]:
        """The messages of groups of the present page with ids above `after`, at most `limit`, if
        that is not 0; in the order of their ids."""
        columns = ", ".join(seed_tables.COLUMNS["group_message"])
        bound = f" LIMIT {limit:d}" if limit else ""
        rows = self.database.rows(
            f"SELECT {columns} FROM group_message WHERE group_id IN %s AND id > %s"
            f" ORDER BY id{bound}",
            [group.theirs for group in groups],
            after,
        )
        keys = {group.key for group in groups}
        return [self.message(row) for row in rows if self.group_key(row[1]) in keys]

    def message(self, row: tuple) -> records.Message:
        id, group, sender, name, message_type, content, created_at = row
        key = self.group_key(group)
        if content is None:
            self.tally.add("null_contents", f"group_message {id}")
        at = in_utc(created_at, self.zone)
        if at is None:
            self.tally.add("no_time", f"group_message {id}")
        known = message_type in TYPES
        if not known:
            self.tally.add("unknown_types", f"group_message {id} ({message_type})")
        return records.Message(
            id=id,
            group=key,
            sender=self.sender(key, sender, id),
            name=self.text("group_message", name),
            kind=TYPES.get(message_type, records.MESSAGE),
            content=self.text("group_message", content),
            at=at,
            unknown_type=None if known else message_type,
        )

    def sender(self, group: str, sender: str, id: int) -> str:
        who = self.person_key(sender)
        if not who:
            return records.NOBODY
        if who == self.visitors[group]:
            return records.VISITOR
        if person := self.people_by_reference.get(who):
            return records.of_member(person)
        self.tally.add("messages_of_strangers", f"group_message {id}")
        return records.of_stranger(who)

    def keep_visitor(self, group: records.Group, visitor: str) -> None:
        """Whoever was the visitor of a group of the present page before is it still."""
        # As an earlier version stored it, without capitals.
        if visitor != folded(group.visitor):
            group.visitor = self.visitors[group.key] = self.person_key(visitor)

    def look_for_orphans(self) -> None:
        seed_tables.look_for_orphans(self.database, self.tally, self.group_key)
        # What has been written there meanwhile may have been met or not.
        if self.size == seed_tables.size(self.database):
            orphans = self.tally.counts.get("orphan_messages", 0)
            self.tally.add("messages_apart", n=max(self.size[0] - self.met - orphans, 0))
