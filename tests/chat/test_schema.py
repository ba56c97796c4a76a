"""The migrated tables against the seed's, column by column, in a real MariaDB."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

pytestmark = pytest.mark.django_db
SEED = Path(__file__).parent / "seed_schema.sql"
SCRATCH = "kefu_seed"
TABLES = ("member", "chat_group", "group_member", "group_message")
KINDS = {
    "int": {"int", "bigint"},
    "tinyint": {"tinyint", "smallint"},
    "varchar": {"varchar"},
    "datetime": {"datetime"},
    "text": {"text", "mediumtext", "longtext"},
}
"""What may stand for a seed's kind: the same, or one that holds all that it holds."""

ADDED = {
    "member": {
        "enterprise_id": "the tenant a member belongs to",
        "role": "manager or agent",
        "is_superuser": "who runs the installation",
        "must_change_password": "a password that others know lives until the first login",
        "language": "the member's own choice",
        "busy": "online, but not free",
        "capacity": "how many conversations routing gives them at a time",
        "languages": "which visitors come first to them",
        "topics": "which questions come first to them",
        "takes_routed": "a manager who takes routed conversations",
        "missed_offers": "offers that expired in a row: with three they are away",
        "given_at": "whose turn it is among those with as many",
        "inbox_view": "the view on which the workspace opens",
        "inbox_team": "the team whose conversations it shows alone",
        "inbox_sort": "by what it sorts those who wait",
        "opens_next": "whether the next who waits opens after one is done",
        "offline_since": "a minute later their waiting visitors go to others",
        "link_sent_at": "one password link is mailed in two minutes, whichever process is asked",
        "last_login": "Django's login keeps it; password links end with it",
    },
    "chat_group": {
        "read_seq": "the read cursor that unread is counted from",
        "joined_seq": "where the cursor began: what came before was not read here",
        "mentioned_seq": "the last note that calls this member, found by an index",
        "reminded_seq": "the last such note that a mail has told of",
        "has_unread": "finds the unread of somebody with 10,000 seats by an index",
    },
    "group_member": {},
    "group_message": {
        "seq": "the place in the group: 1, 2, 3 … without a gap",
        "client_id": "makes a retry harmless",
        "data": "what a notice is about, for pages to word; what a message points at",
    },
}
"""Columns that the seed does not have; docs/architecture.md lists them with their reasons."""

UUIDS = {
    ("member", "uuid"),
    *((table, name) for table in TABLES[1:] for name in ("member_id", "group_id", "uuid")),
    ("group_message", "sender"),
}
"""Held 500 characters of anything in the seed; a UUID has 36, and a key of 500 twice cannot be
made on InnoDB."""

COMMENTS = {("member", "password"): "密码,md5加密(登录后改存Argon2)"}
"""Comments that say more than the seed's, since ours does more."""


@pytest.fixture(scope="module")
def seed(django_db_setup, django_db_blocker):
    if connection.vendor != "mysql":
        pytest.skip("information_schema of MariaDB is compared: KEFU_TEST_DATABASE=mysql")
    lines = SEED.read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("--"))
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {SCRATCH}")
        cursor.execute(f"CREATE DATABASE {SCRATCH} CHARACTER SET utf8mb4")
        cursor.execute(f"USE {SCRATCH}")
        for statement in text.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        cursor.execute(f"USE {connection.settings_dict['NAME']}")
    yield SCRATCH
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {SCRATCH}")


def columns(schema: str, table: str) -> dict[str, dict]:
    facts = ("kind", "length", "default", "nullable", "comment")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type, character_maximum_length, column_default,"
            " is_nullable, column_comment FROM information_schema.columns"
            " WHERE table_schema = %s AND table_name = %s",
            [schema, table],
        )
        return {name: dict(zip(facts, rest, strict=True)) for name, *rest in cursor.fetchall()}


def indexes(schema: str, table: str) -> dict[str, tuple[bool, list[str]]]:
    """{name: (unique, columns in order)}"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT index_name, non_unique, column_name FROM information_schema.statistics"
            " WHERE table_schema = %s AND table_name = %s ORDER BY index_name, seq_in_index",
            [schema, table],
        )
        found = {}
        for name, non_unique, column in cursor.fetchall():
            found.setdefault(name, (not non_unique, []))[1].append(column)
        return found


def ours(table: str) -> dict[str, dict]:
    return columns(connection.settings_dict["NAME"], table)


def same_default(value: str | None) -> str:
    """MariaDB writes a string's default with quotes, NULL as a word, and a time's precision. MySQL
    calls the time now(6), since Django writes it as an expression."""
    plain = (value or "NULL").strip("'").replace("(6)", "").replace("()", "").lower()
    return "current_timestamp" if plain == "now" else plain


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_the_seed_is_there_with_its_kind_default_and_comment(seed, table):
    mine = ours(table)
    wrong = []
    for name, theirs in columns(seed, table).items():
        own = mine.get(name)
        if own is None:
            wrong.append(f"{name} is missing")
            continue
        if own["kind"] not in KINDS[theirs["kind"]]:
            wrong.append(f"{name} is {own['kind']}, not {theirs['kind']}")
        short = own["length"] and own["length"] < theirs["length"]
        if short and ((table, name) not in UUIDS or own["length"] != 36):
            wrong.append(f"{name} holds {own['length']}, not {theirs['length']}")
        if same_default(own["default"]) != same_default(theirs["default"]):
            wrong.append(f"{name} defaults to {own['default']}, not {theirs['default']}")
        if own["nullable"] != theirs["nullable"]:
            wrong.append(f"{name} may be NULL: {own['nullable']}, not {theirs['nullable']}")
        comment = COMMENTS.get((table, name), theirs["comment"])
        if own["comment"] != comment and (theirs["comment"] or name != "id"):
            wrong.append(f"{name} says {own['comment']!r}, not {comment!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("table", TABLES)
def test_every_index_of_the_seed_is_the_beginning_of_one_of_ours(seed, table):
    mine = indexes(connection.settings_dict["NAME"], table)
    for name, (unique, wanted) in indexes(seed, table).items():
        fitting = [own for own, (_, found) in mine.items() if found[: len(wanted)] == wanted]
        assert fitting, f"no index of ours begins with {wanted} ({name})"
        if unique:
            assert any(mine[own] == (True, wanted) for own in fitting), f"{name} is unique"


@pytest.mark.parametrize("table", TABLES)
def test_the_columns_that_we_add_are_those_with_a_reason(seed, table):
    assert set(ours(table)) - set(columns(seed, table)) == set(ADDED[table])


@pytest.mark.parametrize("table", TABLES)
def test_the_table_has_the_seeds_comment_engine_and_characters(seed, table):
    found = {}
    for schema in (seed, connection.settings_dict["NAME"]):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_comment, engine, table_collation FROM information_schema.tables"
                " WHERE table_schema = %s AND table_name = %s",
                [schema, table],
            )
            comment, engine, collation = cursor.fetchone()
            found[schema] = comment, engine, collation.partition("_")[0]
    assert len(set(found.values())) == 1, found


def test_the_docs_name_every_column_that_we_add():
    text = (settings.BASE_DIR / "docs" / "architecture.md").read_text()
    missing = [f"{table}.{name}" for table in ADDED for name in ADDED[table] if name not in text]
    assert not missing


def test_a_row_written_as_the_seeds_columns_alone_gets_sound_defaults(seed):
    """Times are UTC whatever the server's zone is."""
    from datetime import timedelta

    from django.utils import timezone

    from chat.models import ChatGroup

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO chat_group (ent_id, member_id, group_name, uuid) VALUES ('e','m','g','u')"
        )
    row = ChatGroup.objects.get(uuid="u")
    assert (row.member_type, row.unread, row.read_seq) == (2, 0, 0)
    assert abs(timezone.now() - row.created_at) < timedelta(minutes=1)
