"""A database with the four tables of the original schema, filled at random, with every defect that
years leave in one. The same numbers come from the same `random.Random`."""

import hashlib
import random
from datetime import datetime, timedelta
from pathlib import Path

import MySQLdb

SCHEMA = Path(__file__).parent.parent / "seed_schema.sql"
BEGIN = datetime(2023, 3, 1, 9)
WORDS = (
    *("你好", "请问", "订单", "退款", "什么时候", "发货", "😀", "é"),
    *("thank", "you", "hello", "where", "is", "my", "order"),
)
ROWS = 2_000
"""Rows of one statement."""


class SeedDatabase:
    """An own connection to the server of `url`, on the database `name`, which is made anew."""

    def __init__(self, host: str, port: int, name: str, charset: str = "utf8mb4"):
        self.url = f"mysql://root@{host}:{port}/{name}"
        self.connection = MySQLdb.connect(host=host, port=port, user="root", charset="utf8mb4")
        self.connection.autocommit(True)
        self.run("SET SESSION sql_mode = ''")
        self.run(f"DROP DATABASE IF EXISTS {name}")
        self.run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        self.run(f"USE {name}")
        lines = SCHEMA.read_text().splitlines()
        text = "\n".join(line for line in lines if not line.startswith("--"))
        for statement in text.replace("CHARSET=utf8mb4", f"CHARSET={charset}").split(";\n"):
            if statement.strip():
                self.run(statement)
        self.name = name

    def run(self, sql: str, *values) -> int:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.lastrowid

    def rows(self, sql: str, *values) -> list[tuple]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    def insert(self, table: str, rows: list[dict]) -> None:
        """Rows with the same columns."""
        names = list(rows[0])
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})"
        with self.connection.cursor() as cursor:
            for start in range(0, len(rows), ROWS):
                part = rows[start : start + ROWS]
                cursor.executemany(sql, [tuple(row.values()) for row in part])

    def close(self, drop: bool = True) -> None:
        if drop:
            self.run(f"DROP DATABASE IF EXISTS {self.name}")
        self.connection.close()

    # Single rows, as a test names them.

    def member(self, id: int, name: str, **columns) -> str:
        """Returns the uuid."""
        uuid = columns.setdefault("uuid", f"agent-{id}")
        columns.setdefault("password", md5(f"secret of {name}"))
        self.insert("member", [{"id": id, "name": name, **columns}])
        return uuid

    def group(self, uuid: str, visitor: str | None, *agents: str, ent: str = "1", **unread) -> None:
        """`unread` of the visitor, or of everybody."""
        people = [(who, 1 if n == 0 else 2) for n, who in enumerate(agents)]
        people += [(visitor, 2)] if visitor else []
        n = unread.get("unread", 0)
        common = {"ent_id": ent, "created_at": BEGIN}
        self.insert(
            "chat_group",
            [
                {"uuid": uuid, "member_id": who, "group_name": f"访客 {uuid}", "unread": n}
                | {"member_type": kind}
                | common
                for who, kind in people
            ],
        )
        self.insert(
            "group_member",
            [
                {"group_id": uuid, "member_id": who, "member_name": f"name of {who}"}
                | {"member_type": kind}
                | common
                for who, kind in people
            ],
        )

    def say(self, group: str, sender: str, content: str | None, after: float = 0, **columns) -> int:
        """`after`: minutes since BEGIN."""
        row = {"ent_id": "1", "group_id": group, "sender": sender, "message_content": content}
        row |= {"sender_name": f"name of {sender}", "message_type": 1}
        row |= {"created_at": BEGIN + timedelta(minutes=after), **columns}
        names = ", ".join(row)
        marks = ", ".join(["%s"] * len(row))
        return self.run(f"INSERT INTO group_message ({names}) VALUES ({marks})", *row.values())


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def fill(
    there: SeedDatabase,
    chance: random.Random,
    members: int,
    groups: int,
    messages: int,
    defects: bool = True,
) -> None:
    """Members who sit in groups, each with a visitor, and what they say: about `messages`."""
    there.insert("member", [a_member(n, chance, defects) for n in range(1, members + 1)])
    people = [f"m-{n:04}" for n in range(1, members + 1)]
    for start in range(0, groups, 500):
        seats, shown, said = [], [], []
        for n in range(start, min(start + 500, groups)):
            one = Talk(n, chance, people, messages / groups, defects)
            seats += one.seats
            shown += one.shown
            said += one.said
        if defects:
            # As many people write at once.
            said.sort(key=lambda row: str(row["created_at"]))
        there.insert("chat_group", seats)
        there.insert("group_member", shown)
        there.insert("group_message", said)
    if defects:
        spoil(there, chance, groups)


def a_member(n: int, chance: random.Random, defects: bool) -> dict:
    odd = defects and chance.random() < 0.3
    password = md5(f"secret {n}")
    return {
        "id": n * 3 if defects else n,
        "name": f"Agent {n}!" if odd else f"agent{n}",
        "password": chance.choice(["", "plain", password.upper()]) if odd else password,
        "nickname": "" if odd else f"客服{n}",
        "created_at": "0000-00-00 00:00:00" if odd else BEGIN,
        "avator": "https://example.com/face.png" if odd else "",
        "online_status": chance.choice((1, 2)),
        "status": 1 if defects and n % 17 == 0 else 0,
        "email": "no address" if odd else f"agent{n}@example.com",
        "uuid": f"m-{n:04}",
    }


class Talk:
    """The rows of one group."""

    def __init__(self, n: int, chance: random.Random, people: list[str], mean: float, defects):
        self.uuid, self.visitor = f"g-{n:07}", f"v-{n:07}"
        self.chance, self.defects = chance, defects
        self.begin = BEGIN + timedelta(minutes=chance.randrange(60 * 24 * 900))
        agents = chance.sample(people, min(len(people), chance.randint(1, 4)))
        alone = defects and n % 97 == 0
        self.sitting = agents if alone else [*agents, self.visitor]
        count = int(chance.expovariate(1 / mean)) if mean else 0
        self.said = [self.message(k) for k in range(count)]
        self.seats = [self.seat(who, who == agents[0]) for who in self.sitting]
        self.shown = [self.shown_as(who, who == agents[0]) for who in self.sitting]
        if defects:
            self.spoil(n)

    def message(self, k: int) -> dict:
        chance = self.chance
        self.begin += timedelta(seconds=chance.expovariate(1 / 300))
        if chance.random() < 0.02:
            self.begin += timedelta(days=chance.randint(1, 20))
        who = chance.choice([self.sitting[-1], self.sitting[0], *self.sitting])
        row = {
            "ent_id": "1",
            "sender": who,
            "sender_name": f"名字 {who}",
            "group_id": self.uuid,
            "message_type": 2 if chance.random() < 0.03 else 1,
            "message_content": " ".join(chance.choices(WORDS, k=chance.randint(1, 12))),
            "created_at": self.begin.replace(microsecond=0),
        }
        if self.defects:
            odd = chance.random()
            if odd < 0.002:
                row["message_content"] = None
            elif odd < 0.004:
                row["created_at"] = chance.choice([None, "0000-00-00 00:00:00"])
            elif odd < 0.006:
                row["message_type"] = chance.choice([0, 3, 9])
            elif odd < 0.008:
                row["sender"] = "gone-1"
        return row

    def seat(self, who: str, leads: bool) -> dict:
        return {
            "ent_id": "1",
            "member_id": who,
            "group_name": f"访客 {self.uuid}",
            "uuid": self.uuid,
            "member_type": 1 if leads else 2,
            "unread": self.unread(who),
            "created_at": self.begin.replace(microsecond=0),
        }

    def unread(self, who: str) -> int:
        if self.chance.random() < 0.6:
            return 0
        others = sum(row["sender"] != who and row["message_type"] != 2 for row in self.said)
        return self.chance.randint(0, others)

    def shown_as(self, who: str, leads: bool) -> dict:
        row = self.seat(who, leads)
        return {
            "ent_id": "1",
            "member_id": who,
            "member_name": f"名字 {who}",
            "group_id": self.uuid,
            "member_type": row["member_type"],
            "created_at": row["created_at"],
        }

    def spoil(self, n: int) -> None:
        if n % 11 == 0:  # A colleague whose row was deleted.
            self.seats.append(self.seat("gone-1", False))
        if n % 13 == 0:
            self.seats.append({**self.seats[0], "unread": 0})
        if n % 19 == 0:
            self.seats[-1]["unread"] = 10_000
        if n % 23 == 0:
            self.seats[0]["unread"] = -2
        if n % 29 == 0:
            self.shown = []


def spoil(there: SeedDatabase, chance: random.Random, groups: int) -> None:
    """Rows that belong to nothing, and gaps in the ids."""
    for n in range(5):
        there.say(f"nothing-{n}", "m-0001", "of no group", n)
    there.insert("group_member", [{"group_id": "nothing-9", "member_id": "m-0001"}])
    there.insert("chat_group", [{"uuid": "", "member_id": "m-0001", "ent_id": "1"}])
    for table in ("group_message", "chat_group"):
        there.run(f"DELETE FROM {table} WHERE id %% 101 = 0")
