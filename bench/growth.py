"""Fills a large database quickly, and measures pages on it.

`python -m bench.growth fill CONVERSATIONS EACH` fills an empty database, and writes its progress as
one number of messages a line. CONVERSATIONS is the number for each of 20 agents, 5 of whom share a
conversation; EACH is the number of messages in a conversation. `python -m bench.growth ask NUMBER`
requests each page NUMBER times and writes {page: {"ms": median, "p90_ms", "queries", "bytes"}} as
JSON.

The database itself creates the messages, in blocks of conversations: first the first message of
each, then the second ones. So the rows of a conversation are as scattered as in real use.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from . import data

AGENTS = 20
ENTERPRISE = "growth"
BLOCK = 500
"""Conversations in a block."""
TEXT = "您好，我昨天下的订单 20260731-4471 还没有发货，能帮我看一下吗？谢谢！"
START = datetime(2025, 1, 1, tzinfo=timezone.utc)
UNREAD_EVERY = 11
"""One of so many conversations is unread. Coprime to AGENTS, so that every agent has some."""


def fill(conversations: int, each: int) -> None:
    from django.db import connection

    groups = prepare(conversations, each)
    with connection.cursor() as cursor:
        fill_seats(cursor, each)
        fill_messages(cursor, groups, each)
        cursor.execute("DROP TABLE bench_number")


def prepare(conversations: int, each: int) -> tuple[int, int]:
    """Creates the enterprise, its agents and the conversations, and the table `bench_number` of the
    numbers from 1 to `each`; returns the first and the last id of the conversations."""
    data.start_django()
    from django.core.management import call_command
    from django.db import connection

    call_command("collectstatic", interactive=False, verbosity=0)
    speed_up(connection)
    enterprise, team = data.create_enterprise(ENTERPRISE)
    team.members.add(*data.create_members(enterprise, AGENTS))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_number (n INTEGER PRIMARY KEY)")
        numbers = ",".join(f"({number})" for number in range(1, each + 1))
        cursor.execute(f"INSERT INTO bench_number VALUES {numbers}")
    return create_conversations(team, conversations * AGENTS // data.SEATS, each)


def speed_up(connection) -> None:
    """Does not wait for the disk on this connection, because this data may be lost."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA cache_size=-400000")
        else:
            cursor.execute("SET unique_checks=0, foreign_key_checks=0")


def create_conversations(team, number: int, each: int) -> tuple[int, int]:
    """Creates visitors with a conversation each; returns the first and the last id of these."""
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
                # In the order of their messages: the last conversation has the newest.
                last_activity=START + timedelta(seconds=start + place),
            )
            for place, guest in enumerate(guests)
        )
    ids = Conversation.objects.order_by("id").values_list("id", flat=True)
    return ids.first(), ids.last()


def uuid_of(kind: int, number: int) -> str:
    return f"0000000{kind}-0000-4000-8000-{number:012x}"


def fill_seats(cursor, each: int) -> None:
    """Gives five agents and the visitor a seat in each conversation, some with unread messages."""
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


def fill_messages(cursor, groups: tuple[int, int], each: int, text: str = f"'{TEXT}'") -> None:
    """Creates the messages of all conversations, the last one of each at its `last_activity`, and
    prints how many there are. `text` is SQL for the text of message n.n in conversation c."""
    done, first = 0, groups[0]
    while first <= groups[1]:
        last = min(first + BLOCK - 1, groups[1])
        write_messages(cursor, first, last, done, each, text)
        done += (last - first + 1) * each
        print(done, flush=True)
        first = last + 1


def write_messages(cursor, first: int, last: int, done: int, each: int, text: str) -> None:
    """Creates the messages of the conversations with the ids `first` to `last`; `done` is the
    number of messages before them."""
    number = f"{done} + (n.n - 1) * {last - first + 1} + c.id - {first}"
    if is_sqlite():
        client_id = f"printf('00000000-0000-4000-8000-%%012x', {number})"
    else:
        client_id = f"CONCAT('00000000-0000-4000-8000-', LPAD(HEX({number}), 12, '0'))"
    moment = later("c.last_activity", f"(n.n - {each}) * 60")
    cursor.execute(
        "INSERT INTO group_message (ent_id, sender, sender_name, sender_avatar, group_id,"
        " message_type, message_content, created_at, seq, client_id)"
        f" SELECT c.ent_id, c.visitor_id, 'Visitor', '', c.uuid, 1, {text}, {moment}, n.n,"
        f" {client_id} FROM bench_number n CROSS JOIN conversation c"
        " WHERE c.id BETWEEN %s AND %s ORDER BY n.n, c.id",
        [first, last],
    )


def later(moment: str, seconds: str) -> str:
    """SQL for a moment, `seconds` after another one; both are SQL, too."""
    if is_sqlite():
        return f"strftime('%%Y-%%m-%%d %%H:%%M:%%S', {moment}, ({seconds}) || ' seconds')"
    return f"DATE_ADD({moment}, INTERVAL {seconds} SECOND)"


def is_sqlite() -> bool:
    from django.db import connection

    return connection.vendor == "sqlite"


def measure(pages: dict[str, list]) -> dict:
    """Makes the calls of each page; returns the figures by page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    found = {}
    for name, calls in pages.items():
        calls[0]()  # Warms up what is loaded only once.
        sizes, times = [], []
        for call in calls:
            start = time.perf_counter()
            sizes.append(call())
            times.append((time.perf_counter() - start) * 1000)
        with CaptureQueriesContext(connection) as captured:
            calls[-1]()
        found[name] = {
            "ms": statistics.median(times),
            "p90_ms": statistics.quantiles(times, n=10)[8],
            "queries": len(captured),
            "bytes": statistics.median(sizes),
        }
    return found


def pages_of(number: int) -> dict[str, list]:
    """The calls for each page, for one agent and conversation after the other."""
    from django.test import Client

    from accounts.models import Member
    from chat.models import ChatGroup, Conversation
    from chat.reading import unread_counts
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
        return lambda: (
            len(str(agent_hello(member)))
            + len(unread_counts.unread_versions(member.uuid, member.enterprise.code))
        )

    return {
        "workspace": get("/agent/"),
        "conversation": get("/agent/c/{group}/"),
        "inbox": get("/agent/inbox/"),
        "inbox, further down": get("/agent/inbox/", {"before": "{cursor}"}),
        "history": get("/agent/c/{group}/messages/"),
        "history, older": get("/agent/c/{group}/messages/", {"before": "61"}),
        "greeting of a socket": [hello(member) for _client, member, _group, _cursor in turns],
    }


def main(fill: Callable[[int, int], None], pages_of: Callable[[int], dict[str, list]]) -> None:
    """Fills a database, or asks for its pages, as the arguments say; years.py does so, too."""
    word, *numbers = sys.argv[1:]
    if word == "fill":
        fill(*map(int, numbers))
        return
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
    django.setup()
    json.dump(measure(pages_of(*map(int, numbers))), sys.stdout)


if __name__ == "__main__":
    main(fill, pages_of)
