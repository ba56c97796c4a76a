"""What was erased is in no file of SQLite's database any more, its write-ahead log included."""

import sqlite3
import subprocess
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from chat.care import personal_data, retention, wal
from chat.models import Conversation, GroupMessage, Reception, Visitor
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from kefu import environment
from tests.chat.helpers import Guest, act_of, database, do_task, draft_of, new_guest, within

MARK = "Xochiquetzal"
"""A word that is nowhere else."""
LONG = f"{MARK} " * 700
"""It does not fit into one page of the database."""

pytestmark = pytest.mark.django_db(transaction=True)
sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite has the log")


def files_with_mark() -> list[str]:
    """Read by another process: who closes one of SQLite's files gives up all locks of its own
    process on it."""
    name = Path(connection.settings_dict["NAME"])
    paths = [*name.parent.glob(f"{name.name}*")]
    assert name in paths
    found = subprocess.run(["grep", "-lF", MARK, *paths], stdout=subprocess.PIPE, text=True)
    assert found.returncode in (0, 1)
    return sorted(Path(line).name for line in found.stdout.splitlines())


@pytest.fixture
def told(guest: Guest, alice, group) -> str:
    """A conversation with the mark in it: partly in the database's main file by now, partly in the
    log alone."""
    batches.post(guest.draft(LONG))
    batches.do(VisitorAction("edit", alice.uuid, group, label=MARK, contact=f"{MARK}@example.com"))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
    batches.post(draft_of(alice, group, f"a note on {LONG}", note=True))
    batches.do(act_of("close", alice.uuid, group, summary=MARK))
    name = Path(connection.settings_dict["NAME"]).name
    assert files_with_mark() == [name, f"{name}-wal"]
    return group


@sqlite_only
def test_after_an_erasure_no_file_of_the_database_has_what_was_erased(told, guest, manager):
    batches.do(VisitorAction("erase", manager.uuid, told))
    assert files_with_mark() == []
    assert GroupMessage.objects.filter(group_id=told).count() > 4, "the rows stay"


@sqlite_only
@pytest.mark.parametrize("came_again", [False, True])
def test_so_it_is_after_the_days_that_an_enterprise_keeps(
    told, guest, alice, enterprise, came_again
):
    """Of a visitor who is erased whole, and of one who came again."""
    enterprise.retention_days = 30
    enterprise.save()
    old = timezone.now() - timedelta(days=40)
    GroupMessage.objects.update(created_at=old)
    Reception.objects.update(closed_at=old)
    if came_again:
        batches.do(VisitorAction("edit", alice.uuid, told, label="Wang", contact=""))
    else:
        Conversation.objects.update(last_activity=old)
    assert files_with_mark()
    retention.expire(0)
    assert Visitor.objects.get(uuid=guest.uuid).is_erased is not came_again
    assert files_with_mark() == []


@sqlite_only
def test_while_somebody_reads_it_is_tried_again_and_holds_up_nobody(told, team, manager):
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM group_message").fetchone()
        batches.do(VisitorAction("erase", manager.uuid, told))
        wal.empty()
        assert files_with_mark(), "the reader may still ask for it"
        assert batches.post(new_guest(team).draft("hello"))["seq"] == 2
    wal.empty()
    assert files_with_mark() == []


@sqlite_only
def test_while_somebody_writes_it_is_tried_again(told, manager):
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM group_message").fetchone()
        batches.do(VisitorAction("erase", manager.uuid, told))
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as writer:
        writer.execute("BEGIN IMMEDIATE")
        wal.empty()
        assert files_with_mark()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        assert cursor.fetchone() == (5_000,), "other statements wait as before"
    wal.empty()
    assert files_with_mark() == []


@sqlite_only
@within(30)
async def test_the_first_periodic_task_of_a_process_empties_the_log_and_the_next_ones_do_not(
    told, house, monkeypatch
):
    """The process before may have ended between an erasure and that."""
    monkeypatch.setattr(wal, "due", threading.Event())
    wal.due.set()
    size = Path(f"{connection.settings_dict['NAME']}-wal")
    assert size.stat().st_size
    await do_task(wal.empty)
    assert size.stat().st_size == 0
    await database(Conversation.objects.update)(topic="a change")
    before = size.stat().st_size
    await do_task(wal.empty)
    assert size.stat().st_size == before > 0


@sqlite_only
def test_an_erasure_that_is_rolled_back_empties_nothing(told, guest, monkeypatch):
    monkeypatch.setattr(wal, "truncate", pytest.fail)
    monkeypatch.setattr("chat.ledger.ledger.write", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        personal_data.erase(guest.uuid)
    assert files_with_mark()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="It has a log.")
def test_other_databases_are_asked_nothing(django_assert_num_queries):
    wal.due.set()
    with django_assert_num_queries(0):
        wal.empty()


def test_a_connection_overwrites_what_it_deletes(tmp_path):
    settings = environment.sqlite(tmp_path / "x.sqlite3")
    with closing(sqlite3.connect(settings["NAME"])) as one:
        one.execute("PRAGMA secure_delete=OFF")
        one.executescript(settings["OPTIONS"]["init_command"])
        assert one.execute("PRAGMA secure_delete").fetchone() == (1,)
