"""What the doctor says of the database: told wrong values, and on the tests' real one."""

import datetime
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from kefu.doctor import database

E, W = ["error"], ["warning"]
SOUND = {
    "transaction_isolation": "READ-COMMITTED",
    "innodb_flush_log_at_trx_commit": "1",
    "log_bin": "ON",
    "sync_binlog": "1",
    "innodb_doublewrite": "ON",
    "character_set_database": "utf8mb4",
    "sql_mode": "STRICT_TRANS_TABLES,NO_ZERO_DATE",
    "max_allowed_packet": "16777216",
    "wait_timeout": "28800",
    "max_connections": "151",
}
SPOILED = [
    (database.isolation, {"transaction_isolation": "REPEATABLE-READ"}, E),
    (database.isolation, {"transaction_isolation": None, "tx_isolation": "SERIALIZABLE"}, E),
    (database.durability, {"innodb_flush_log_at_trx_commit": "2"}, E),
    (database.durability, {"innodb_flush_log_at_trx_commit": "0"}, E),
    (database.durability, {"sync_binlog": "0"}, W),
    (database.durability, {"sync_binlog": "0", "log_bin": "OFF"}, []),
    (database.durability, {"innodb_doublewrite": "OFF"}, W),
    (database.charset, {"character_set_database": "utf8mb3"}, E),
    (database.strictness, {"sql_mode": ""}, E),
    (database.packet, {"max_allowed_packet": "4194304"}, W),
    (database.idle_connections, {"wait_timeout": "59"}, W),
    (database.idle_connections, {"wait_timeout": "60"}, []),
    (database.connections, {"max_connections": "33"}, E),
    (database.connections, {"max_connections": "34"}, []),
]


@pytest.fixture
def told(monkeypatch):
    """A function: the variables that a MySQL is said to have, and what single values it answers."""

    def tell(variables, value=0):
        monkeypatch.setattr(database, "connection", SimpleNamespace(vendor="mysql"))
        monkeypatch.setattr(database, "session_variable", variables.get)
        monkeypatch.setattr(database, "scalar", lambda query: value)

    return tell


@pytest.mark.parametrize("check, spoiled, wanted", SPOILED)
def test_a_variable_that_is_wrong_is_found(says, told, monkeypatch, check, spoiled, wanted):
    monkeypatch.delenv("WORKERS", raising=False)
    told({**SOUND, **spoiled})
    assert says(check) == wanted
    told(SOUND)
    assert says(check) == []


def test_connections_are_counted_for_each_process(says, told, monkeypatch):
    monkeypatch.setenv("WORKERS", "8")
    told({"max_connections": "202"})
    assert says(database.connections) == []
    told({"max_connections": "201"})
    assert says(database.connections) == E


@pytest.mark.parametrize("check", [database.charset, database.engine, database.time_zone])
def test_what_only_a_query_tells_is_found(says, told, check):
    told(SOUND, value=3)
    assert says(check) == E
    told(SOUND, value=0)
    assert says(check) == []


@pytest.mark.parametrize("seconds, wanted", [(0, []), (1, []), (60, W), (-60, W)])
def test_a_clock_that_is_wrong_is_found(says, told, seconds, wanted):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    told(SOUND, value=now.replace(tzinfo=None))
    assert says(database.clock) == wanted


def test_nothing_is_wrong_with_the_tests_own_database(says, db, monkeypatch):
    monkeypatch.delenv("WORKERS", raising=False)
    gates = (database.database, database.upgrade_path, database.migrations)
    for check in (*gates, *database.CHECKS):
        assert says(check) == [], check


@pytest.mark.skipif("connection.vendor != 'mysql'", reason="a variable of MySQL")
def test_the_session_itself_is_asked(says, db):
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET time_zone = '+02:00', sql_mode = ''")
    try:
        for check in (database.isolation, database.time_zone, database.strictness):
            assert says(check) == E, check
    finally:
        connection.close()


@pytest.mark.skipif("connection.vendor != 'mysql'", reason="character sets are MySQL's")
@pytest.mark.django_db(transaction=True)
def test_a_table_of_another_kind_is_found(says):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE odd (id int) ENGINE=MyISAM CHARACTER SET latin1")
        try:
            assert says(database.engine) == E and says(database.charset) == E
        finally:
            cursor.execute("DROP TABLE odd")


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a pragma of SQLite")
@pytest.mark.django_db(transaction=True)
def test_an_sqlite_that_forgets_is_found(says):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")
        assert says(database.sqlite_durability) == E
        cursor.execute("PRAGMA synchronous=FULL")
        assert says(database.sqlite_durability) == []


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a pragma of SQLite")
def test_an_sqlite_without_its_journal_is_found(says, monkeypatch):
    answers = {"PRAGMA journal_mode": "delete", "PRAGMA synchronous": 2}
    monkeypatch.setattr(database, "scalar", answers.get)
    assert says(database.sqlite_durability) == E


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a place of SQLite")
def test_an_sqlite_in_the_wrong_place_is_found(says, db, monkeypatch):
    monkeypatch.setenv("WORKERS", "2")
    assert says(database.sqlite_place) == W
    monkeypatch.delenv("WORKERS")
    monkeypatch.setattr(database, "file_system", lambda path: "nfs4")
    assert says(database.sqlite_place) == E


def test_the_file_system_is_that_of_the_nearest_mount(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text("a / ext4 rw 0 0\nb /srv nfs4 rw 0 0\nc /srv/own xfs rw 0 0\n")
    for path, kind in (("/x", "ext4"), ("/srv/x", "nfs4"), ("/srv/own/a/x", "xfs")):
        assert database.file_system(path, mounts) == kind


def test_a_migration_that_was_not_applied_is_found(says, db):
    MigrationRecorder.Migration.objects.filter(app="chat").delete()
    assert says(database.migrations) == E


def test_a_database_that_does_not_answer_is_found(says, monkeypatch):
    def fail():
        raise database.Error("(2002, 'nobody\nthere')")

    monkeypatch.setattr(
        database, "connection", SimpleNamespace(vendor="mysql", ensure_connection=fail)
    )
    assert says(database.database) == E
