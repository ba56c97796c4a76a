"""A database that has grown: filled fast, then asked for pages. Runs with Django's settings.

`python -m bench.growth fill CONVERSATIONS EACH` fills an empty database and writes how far it is
to standard output, one number (messages) a line. CONVERSATIONS is that of each of 20 agents, of
whom 5 share one; EACH is the messages in a conversation. `python -m bench.growth ask NUMBER`
asks each page so often and writes {page: {"ms": median, "p90_ms", "queries", "bytes"}}.

Messages are made inside the database, in blocks of conversations, newest last in each, so that
the rows of one conversation lie apart as they do in life.
"""

import json
import statistics
import sys
import time
from datetime import datetime, timedelta, timezone

from . import data

AGENTS = 20
ENTERPRISE = "growth"
BLOCK = 500
"""Conversations whose messages take turns."""
TEXT = "您好，我昨天下的订单 20260731-4471 还没有发货，能帮我看一下吗？谢谢！"
START = datetime(2025, 1, 1, tzinfo=timezone.utc)
UNREAD_EVERY = 11
"""One conversation in so many is unread. Prime to AGENTS, so that each has some."""


def fill(conversations: int, each: int) -> None:
    data.start_django()
    from django.core.management import call_command
    from django.db import connection

    call_command("collectstatic", interactive=False, verbosity=0)
    speed_up(connection)
    enterprise, team = data.new_enterprise(ENTERPRISE)
    team.members.add(*data.new_members(enterprise, AGENTS))
    groups = new_conversations(team, conversations * AGENTS // data.SEATS, each)
    with connection.cursor() as cursor:
        seat(cursor, each)
        cursor.execute("CREATE TABLE bench_number (n INTEGER PRIMARY KEY)")
        numbers = ",".join(f"({number})" for number in range(1, each + 1))
        cursor.execute(f"INSERT INTO bench_number VALUES {numbers}")
        done, first = 0, groups[0]
        while first <= groups[1]:
            last = min(first + BLOCK - 1, groups[1])
            write_messages(cursor, first, last, done)
            done += (last - first + 1) * each
            print(done, flush=True)
            first = last + 1
        cursor.execute("DROP TABLE bench_number")


def speed_up(connection) -> None:
    """What is made here may be lost: no waiting for the disk, for this connection only."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA cache_size=-400000")
        else:
            cursor.execute("SET unique_checks=0, foreign_key_checks=0")


def new_conversations(team, number: int, each: int) -> tuple[int, int]:
    """Visitors with one conversation each; the first and the last id of the conversations."""
    from chat.models import Conversation, Visitor

    code = team.enterprise.code
    for start in range(0, number, 2_000):
        guests = [
            Visitor(uuid=uuid_of(1, one), ent_id=code, secret_hash="0" * 64, label=f"Visitor {one}")
            for one in range(start, min(start + 2_000, number))
        ]
        Visitor.objects.bulk_create(guests)
        Conversation.objects.bulk_create(
            Conversation(
                uuid=uuid_of(2, start + place),
                ent_id=code,
                visitor_id=guest.uuid,
                team=team,
                last_seq=each,
                public_seq=each,
                message_seq=each,
                # In the order in which the messages are made: who wrote last is at the end.
                last_activity=START + timedelta(seconds=start + place),
            )
            for place, guest in enumerate(guests)
        )
    ids = Conversation.objects.order_by("id").values_list("id", flat=True)
    return ids.first(), ids.last()


def uuid_of(kind: int, number: int) -> str:
    return f"0000000{kind}-0000-4000-8000-{number:012x}"


def seat(cursor, each: int) -> None:
    """Five agents and the visitor in each conversation, some of them with unread messages."""
    near = f"((m.id + c.id * 7) %% {AGENTS}) < {data.SEATS}"
    people = (
        ("m.uuid", "m.nickname", f"JOIN member m ON m.nickname <> '' AND {near}"),
        ("c.visitor_id", "v.label", ""),
    )
    for uuid, name, join in people:
        tables = f"FROM conversation c JOIN visitor v ON v.uuid = c.visitor_id {join}"
        cursor.execute(
            "INSERT INTO chat_group (ent_id, member_id, group_name, uuid, unread, read_seq)"
            f" SELECT c.ent_id, {uuid}, v.label, c.uuid,"
            f" CASE WHEN c.id %% {UNREAD_EVERY} = 0 THEN 3 ELSE 0 END,"
            f" CASE WHEN c.id %% {UNREAD_EVERY} = 0 THEN %s ELSE %s END {tables}",
            [each - 3, each],
        )
        cursor.execute(
            "INSERT INTO group_member (ent_id, member_id, member_name, group_id)"
            f" SELECT c.ent_id, {uuid}, {name}, c.uuid {tables}",
            [],
        )


def write_messages(cursor, first: int, last: int, done: int) -> None:
    """The messages of the conversations with these ids, each one's first, each one's second …"""
    from django.db import connection

    number = f"{done} + (n.n - 1) * {last - first + 1} + c.id - {first}"
    if connection.vendor == "sqlite":
        client_id = f"printf('00000000-0000-4000-8000-%%012x', {number})"
        moment = "strftime('%%Y-%%m-%%d %%H:%%M:%%S', %s, '+' || n.n || ' minutes')"
    else:
        client_id = f"CONCAT('00000000-0000-4000-8000-', LPAD(HEX({number}), 12, '0'))"
        moment = "DATE_ADD(%s, INTERVAL n.n MINUTE)"
    cursor.execute(
        "INSERT INTO group_message (ent_id, sender, sender_name, sender_avatar, group_id,"
        " message_type, message_content, created_at, seq, client_id)"
        f" SELECT c.ent_id, c.visitor_id, 'Visitor', '', c.uuid, 1, %s, {moment}, n.n, {client_id}"
        " FROM bench_number n CROSS JOIN conversation c WHERE c.id BETWEEN %s AND %s"
        " ORDER BY n.n, c.id",
        [TEXT, START.strftime("%Y-%m-%d %H:%M:%S"), first, last],
    )


def ask(number: int) -> dict:
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    pages, found = pages_of(number), {}
    for name, calls in pages.items():
        calls[0]()  # what is loaded once
        sizes, times = [], []
        for call in calls:
            start = time.perf_counter()
            sizes.append(call())
            times.append((time.perf_counter() - start) * 1000)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            calls[-1]()
        found[name] = {
            "ms": statistics.median(times),
            "p90_ms": statistics.quantiles(times, n=10)[8],
            "queries": len(captured),
            "bytes": statistics.median(sizes),
        }
    return found


def pages_of(number: int) -> dict[str, list]:
    """The calls of each page, each for another agent and conversation in turn."""
    from django.test import Client

    from accounts.models import Member
    from chat.models import ChatGroup, Conversation
    from chat.reading import inbox
    from chat.sockets.hello import agent_hello

    members = list(Member.objects.filter(enterprise__code=ENTERPRISE))
    turns = []
    for turn in range(number):
        member = members[turn % len(members)]
        name, _, value = data.session_cookie(member).partition("=")
        client = Client(headers={"host": "127.0.0.1"})
        client.cookies[name] = value
        seats = (
            ChatGroup.objects.for_member(member.uuid).order_by("id").values_list("uuid", flat=True)
        )
        group = seats[turn * 7919 % len(seats)]
        theirs = Conversation.objects.filter(uuid__in=seats.order_by()).order_by("-last_activity")
        middle = theirs[len(seats) // 2]
        turns.append((client, member, group, f"{middle.last_activity.isoformat()}_{middle.id}"))

    def get(path: str, query: dict | None = None) -> list:
        def call_of(client, group, cursor):
            def call():
                filled = {key: value.format(cursor=cursor) for key, value in (query or {}).items()}
                answer = client.get(path.format(group=group), filled)
                assert answer.status_code == 200, answer.status_code
                return len(answer.content)

            return call

        return [call_of(client, group, cursor) for client, _member, group, cursor in turns]

    def hello(member):
        return lambda: len(str(agent_hello(member))) + len(inbox.unread_versions(member.uuid))

    return {
        "workspace": get("/agent/"),
        "conversation": get("/agent/c/{group}/"),
        "inbox": get("/agent/inbox/"),
        "inbox, further down": get("/agent/inbox/", {"before": "{cursor}"}),
        "history": get("/agent/c/{group}/messages/"),
        "history, older": get("/agent/c/{group}/messages/", {"before": "61"}),
        "greeting of a socket": [hello(member) for _client, member, _group, _cursor in turns],
    }


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill(int(sys.argv[2]), int(sys.argv[3]))
    else:
        import os

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
        json.dump(ask(int(sys.argv[2])), sys.stdout)
