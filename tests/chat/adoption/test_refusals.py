"""What the command refuses before it reads or writes anything, in a sentence."""

import io
from datetime import datetime, timedelta, timezone

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from chat.bulk.adoption.database import CannotAdopt, Database, connect_options
from chat.bulk.adoption.texts import folded, in_utc, repaired

from .comparing import adopt, everything

pytestmark = pytest.mark.django_db


def refused(url: str, *options: str, enterprise: str = "acme") -> str:
    before = everything()
    options = options or ("--yes",)
    with pytest.raises(CommandError) as error:
        call_command("adopt", url, "--enterprise", enterprise, *options, stdout=io.StringIO())
    assert everything() == before
    return str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        *("", "nothing", "postgres://u@h/db", "mysql://u@h", "mysql://u@h/", "mysql://u@h/a/b"),
        *("mysql://u@h:port/db", "mysql://u@h:99999/db", "mysql://u:p#x@h/db", "mysql://[::1/db"),
    ],
)
def test_an_address_that_is_none(enterprise, url):
    answer = refused(url)
    assert "address" in answer.lower() and "p#x" not in answer


def test_an_address_may_have_a_socket_and_a_password_with_signs():
    found = connect_options("mysql://me:a%40b%2Fc@/theirs?unix_socket=/run/mysqld/mysqld.sock")
    assert (found["user"], found["password"], found["database"]) == ("me", "a@b/c", "theirs")
    assert found["unix_socket"] == "/run/mysqld/mysqld.sock" and "host" not in found
    with pytest.raises(CannotAdopt):
        connect_options("mysql://me@db.example")


def test_a_server_that_is_not_there_or_lets_nobody_in(enterprise, theirs, port):
    assert "cannot be reached" in refused(f"mysql://root@127.0.0.1:{port}/theirs")
    answer = refused(theirs.url.replace("root@", "nobody:secret@"))
    assert "cannot be reached" in answer and "secret" not in answer


def test_where_nobody_can_be_asked_it_wants_to_be_told(theirs, enterprise, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    before = everything()
    with pytest.raises(CommandError, match="Nobody can be asked"):
        call_command("adopt", theirs.url, "--enterprise", "acme")
    assert everything() == before


def test_an_empty_database_or_half_of_one(theirs, enterprise):
    assert "chat_group is empty" in refused(theirs.url)
    theirs.run("ALTER TABLE member DROP COLUMN nickname, DROP COLUMN tel")
    assert "Their table member has no nickname, tel." in refused(theirs.url)
    theirs.run("DROP TABLE member")
    assert "Their table member is not there." in refused(theirs.url)


def test_of_several_enterprises_one_has_to_be_named(theirs, team):
    theirs.member(1, "ann")
    theirs.member(2, "ben")
    theirs.member(3, "cleo")
    theirs.group("g1", "v1", "agent-1", ent="one")
    theirs.group("g2", "v2", "agent-2", ent="two")
    theirs.say("g2", "v2", "hello")
    assert "there are 'one', 'two'" in refused(theirs.url)
    assert "no enterprise 'three'" in refused(theirs.url, "--yes", "--their-enterprise", "three")
    out = adopt(theirs, "--yes", "--their-enterprise", "two")
    assert "1  conversations\n" in out and "1  groups of other enterprises" in out
    assert "2  members who sit in other enterprises only" in out
    out = adopt(theirs, "--yes", "--their-enterprise", "one")
    assert "1  conversations\n" in out, "another source, with rows of its own"


@pytest.mark.skipif(connection.vendor != "mysql", reason="our own tables are in SQLite")
def test_our_own_tables_are_not_taken_over(theirs, enterprise):
    name = connection.settings_dict["NAME"]
    assert "Kefu's own tables" in refused(theirs.url.replace("/theirs", f"/{name}"))


def test_nothing_is_written_there(theirs, team):
    """Not even by mistake: each transaction is one that may only read."""
    database = Database(theirs.url)
    try:
        with pytest.raises(database.error, match="READ ONLY"), database.snapshot():
            database.run("DELETE FROM member")
        with pytest.raises(database.error, match="READ ONLY"):
            database.run("DELETE FROM member")
    finally:
        database.close()


def test_a_snapshot_is_of_one_moment(theirs, team):
    database = Database(theirs.url)
    try:
        with database.snapshot():
            theirs.member(1, "ann")
            assert database.rows("SELECT COUNT(*) FROM member") == [(0,)]
        assert database.rows("SELECT COUNT(*) FROM member") == [(1,)]
    finally:
        database.close()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("plain", "plain"),
        ("é", "é"),
        ("Ã©", "é"),
        ("é\x81", "é\x81"),
        ("你好", "你好"),
        ("ä½\xa0å¥½", "你好"),
    ],
)
def test_what_a_latin1_column_means(text, meant):
    assert repaired(text) == meant


def test_ids_are_the_same_however_they_are_spelt():
    assert folded("AB-1  ") == folded("ab-1") != folded(" ab-1")


def test_a_time_that_cannot_be_is_none():
    assert in_utc(datetime.min, timezone(timedelta(hours=8))) is in_utc(None, timezone.utc) is None


def test_a_clock_that_changes_has_to_be_named(talk, enterprise, monkeypatch):
    there = Database(talk.url)
    there.run("SET time_zone = '+05:45'")
    assert there.seconds_ahead() == {20_700}
    there.close()
    monkeypatch.setattr(Database, "seconds_ahead", lambda _self: {3600, 7200})
    assert refused(talk.url) == "Their clock changes: name its zone with --zone."
