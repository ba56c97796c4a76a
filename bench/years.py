"""Fills a database with years of service, and measures what administrators open.

`python -m bench.years fill CONVERSATIONS EACH` fills an empty database as bench/growth.py does, and
gives each conversation 12.5 receptions within the last year, counted and packed for the reports.
`python -m bench.years ask NUMBER` requests each page NUMBER times, as a manager, and writes the
figures as bench/growth.py does.
"""

from datetime import datetime, timedelta, timezone

from . import data, growth

YEAR = 365 * 86_400
OPEN_EVERY, WAITING_EVERY = 40, 7
"""One of so many conversations is open, and one of so many open ones waits."""
RARE, COMMON, MISSING = "鹦鹉螺号", "订单", "no such words"
"""What is searched: in one of 100,000 messages, in each, in none."""
RARE_EVERY = 99_991


def fill(conversations: int, each: int) -> None:
    groups = growth.prepare(conversations, each)
    from django.db import connection

    with connection.cursor() as cursor:
        spread_over_the_year(cursor)
        growth.fill_seats(cursor, each)
        growth.fill_messages(cursor, groups, each, text_of_message(each))
        add_people(cursor)
        add_receptions(cursor)
        add_counted(cursor)
        settle(cursor)
        cursor.execute("DROP TABLE bench_number")
        cursor.execute("DROP TABLE bench_member")
    pack()


def text_of_message(each: int) -> str:
    """SQL for a text that says now and then what else none does."""
    rare = growth.TEXT.replace("。", f"，{RARE}。")
    number = f"(c.id * {each} + n.n)"
    return f"CASE WHEN {number} %% {RARE_EVERY} = 0 THEN '{rare}' ELSE '{growth.TEXT}' END"


def spread_over_the_year(cursor) -> None:
    """Gives the conversations their last activity, some a claim, and closes most."""
    now = datetime.now(timezone.utc).replace(microsecond=0, tzinfo=None)
    ago = f"0 - (id * 7919 %% {YEAR})"
    is_open = f"(id %% {OPEN_EVERY} = 0)"
    cursor.execute(
        f"UPDATE conversation SET last_activity = {growth.later('%s', ago)},"
        f" {quoted('open')} = {is_open}, topic = CASE id %% 3 WHEN 0 THEN '售前' ELSE '售后' END",
        [str(now)],
    )
    cursor.execute(
        "UPDATE conversation SET waiting_since = last_activity, due_at = last_activity"
        f" WHERE {quoted('open')} AND id %% {OPEN_EVERY * WAITING_EVERY} = 0",
        [],
    )


def quoted(column: str) -> str:
    from django.db import connection

    return connection.ops.quote_name(column)


def add_people(cursor) -> None:
    """A table of the agents' uuids, numbered from 0."""
    cursor.execute("CREATE TABLE bench_member (n INTEGER PRIMARY KEY, uuid VARCHAR(36))")
    cursor.execute(
        "INSERT INTO bench_member SELECT m.id - (SELECT MIN(id) FROM member WHERE uuid IN"
        " (SELECT member_id FROM chat_group)), m.uuid FROM member m"
        " WHERE m.uuid IN (SELECT member_id FROM chat_group)"
    )


def add_receptions(cursor) -> None:
    """The receptions of each conversation, a week apart, every fifth with a rating, every twentieth
    without a reply."""
    opened = growth.later("c.last_activity", "0 - n.n * 604800")
    closed = growth.later("c.last_activity", "0 - n.n * 604800 + 600 + (c.id * 17 + n.n) %% 3600")
    replied = growth.later("c.last_activity", "0 - n.n * 604800 + 10 + (c.id * 13 + n.n) %% 590")
    answered = "CASE WHEN (c.id + n.n) %% 20 = 0 THEN NULL ELSE"
    score = "CASE WHEN (c.id + n.n) %% 5 = 1 THEN 1 + c.id %% 5 ELSE NULL END"
    among = " FROM bench_number n CROSS JOIN conversation c"
    few = f"{among} JOIN bench_member m ON m.n = (c.id + n.n) %% {growth.AGENTS}"
    asked = " WHERE n.n <= 12 + c.id %% 2"
    cursor.execute(
        "INSERT INTO reception (group_id, ent_id, opened_at, first_reply_at, closed_at, closed_by,"
        " score, comment)"
        f" SELECT c.uuid, c.ent_id, {opened}, {answered} {replied} END, {closed}, m.uuid, {score},"
        f" '' {few} {asked}",
        [],
    )
    cursor.execute(
        "UPDATE conversation SET reception_id ="
        " (SELECT MIN(r.id) FROM reception r WHERE r.group_id = conversation.uuid)"
    )


def add_counted(cursor) -> None:
    """What the reports count of these receptions: 2.4 further replies and 10 messages each."""
    wait = "TIMESTAMPDIFF(MICROSECOND, r.opened_at, {0})"
    people = "CONCAT('[\"', r.closed_by, '\"]')"
    if growth.is_sqlite():
        wait = "CAST((julianday({0}) - julianday(r.opened_at)) * 86400 + 0.5 AS INTEGER) * 1000000"
        people = "'[\"' || r.closed_by || '\"]'"
    cursor.execute(
        "INSERT INTO counted_reception (ent_id, group_id, first_seq, team_id, opened_at,"
        " replied_at, replied_by, reply_worked, closed_at, resolution_worked, holder, members,"
        " score)"
        " SELECT r.ent_id, r.group_id, 1, c.team_id, r.opened_at, r.first_reply_at,"
        " CASE WHEN r.first_reply_at IS NULL THEN '' ELSE r.closed_by END,"
        f" {wait.format('r.first_reply_at')}, r.closed_at, {wait.format('r.closed_at')},"
        f" r.closed_by, CASE WHEN r.first_reply_at IS NULL THEN '[]' ELSE {people} END, r.score"
        " FROM reception r JOIN conversation c ON c.uuid = r.group_id",
        [],
    )
    later = growth.later
    asked, answered = "n.n * 120", "n.n * 120 + 10 + r.id %% 100"
    cursor.execute(
        "INSERT INTO counted_reply (reception_id, asked_at, replied_at, replied_by, worked)"
        f" SELECT r.id, {later('r.opened_at', asked)}, {later('r.opened_at', answered)}, r.holder,"
        " (10 + r.id %% 100) * 1000000 FROM bench_number n CROSS JOIN counted_reception r"
        " WHERE n.n <= 2 + (r.id %% 5 < 2) AND r.replied_at IS NOT NULL",
        [],
    )
    for who in ("''", "r.holder"):
        cursor.execute(
            "INSERT INTO counted_messages (ent_id, group_id, reception_id, team_id, quarter,"
            " member, n, first_seq, last_seq) SELECT r.ent_id, r.group_id, r.id, r.team_id,"
            f" {quarter_of('r.opened_at')}, {who}, 5, 1, 10 FROM counted_reception r",
            [],
        )


def quarter_of(moment: str) -> str:
    """SQL for the quarter of an hour in which a moment lies."""
    if growth.is_sqlite():
        return (
            "strftime('%%Y-%%m-%%d %%H:%%M:%%S',"
            f" CAST(strftime('%%s', {moment}) AS INTEGER) / 900 * 900, 'unixepoch')"
        )
    since = f"TIMESTAMPDIFF(SECOND, '1970-01-01', {moment})"
    return f"DATE_ADD('1970-01-01', INTERVAL {since} DIV 900 * 900 SECOND)"


def settle(cursor) -> None:
    """Tells the reports that everything is counted, and the database what it holds."""
    cursor.execute("UPDATE conversation SET counted_seq = last_seq")
    if not growth.is_sqlite():
        # What one statement has taken out of the index of uncounted conversations stays there
        # marked, and each look for such conversations reads it. One by one, as the product counts,
        # it is purged.
        cursor.execute("ALTER TABLE conversation FORCE")
    cursor.execute(
        "INSERT INTO counted_day (ent_id, day, version, packed, data)"
        " SELECT DISTINCT ent_id, DATE(opened_at), 1, 0, '' FROM counted_reception"
    )
    tables = "conversation", "reception", "counted_reception", "counted_reply", "counted_messages"
    for table in tables:
        cursor.execute(f"ANALYZE {table}" if growth.is_sqlite() else f"ANALYZE TABLE {table}")


def pack() -> None:
    from django.utils import timezone

    from chat.reports.counting import packs

    now = timezone.now()
    while packs.stale_days(now).exists():
        packs.pack_days(now)


def pages_of(number: int) -> dict[str, list]:
    """The calls for each page."""
    from django.test import Client

    from accounts.models import Enterprise, Member

    enterprise = Enterprise.objects.get(code=growth.ENTERPRISE)
    manager = Member.objects.filter(enterprise=enterprise, role=Member.Role.MANAGER).first()
    if manager is None:
        manager = Member(
            name="manager", nickname="主管", enterprise=enterprise, role=Member.Role.MANAGER
        )
        manager.set_unusable_password()
        manager.save()
    name, _, value = data.session_cookie(manager).partition("=")
    client = Client(headers={"host": "127.0.0.1"})
    client.cookies[name] = value
    today = datetime.now(timezone.utc).date()
    period = {"from": str(today - timedelta(89)), "to": str(today)}

    def get(path: str, **query) -> list:
        def call() -> int:
            answer = client.get(path, query)
            assert answer.status_code == 200, answer.status_code
            return len(answer.content)

        return [call] * number

    return {
        "home": get("/admin/"),
        "report of 90 days": get("/admin/reports/", **period),
        "its rows": get("/admin/reports/rows/", metric="first_reply", **period),
        "archive": get("/admin/archive/"),
        "archive, a common word": get("/admin/archive/", q=COMMON),
        "archive, a rare word": get("/admin/archive/", q=RARE),
        "archive, no such word": get("/admin/archive/", q=MISSING),
    }


if __name__ == "__main__":
    growth.main(fill, pages_of)
