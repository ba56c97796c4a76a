"""Poison in a batch, a database that is locked or gone, and first messages that race."""

import asyncio
import threading
import time
from unittest.mock import Mock

import pytest
from django.db import DataError, OperationalError, connection, connections

from chat.conversations import announcements
from chat.delivery import announce
from chat.ledger import ledger
from chat.models import Conversation, Visitor
from chat.posting import batches, visitor_actions, writer
from chat.posting.items import Mark
from chat.posting.visitor_actions import VisitorAction
from tests.chat.helpers import act_of, check_ledger, codes, new_guest, new_id, rows_of, within

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("poisoned", [0, 37, 99])
def test_a_poisoned_item_of_100_fails_alone(guest, alice, group, monkeypatch, poisoned):
    if connection.vendor == "sqlite":
        insert = ledger.insert_rows

        def strict(cursor, threads, now):
            if any(len(row.sender_name) > 500 for thread in threads for row in thread.rows):
                raise DataError("Data too long for column 'sender_name'")
            insert(cursor, threads, now)

        monkeypatch.setattr(ledger, "insert_rows", strict)
    batch = [guest.draft(f"{number}", group=group) for number in range(100)]
    batch[poisoned].sender_name = "x" * 501
    outcome = batches.settle(batch)
    assert codes(outcome.answers).count("message.accepted") == 99
    refused = outcome.answers[poisoned]
    assert (refused["code"], refused["client_id"]) == ("bad_field", batch[poisoned].client_id)
    stored = [row.message_content for row in rows_of(group)][2:]
    assert stored == [f"{number}" for number in range(100) if number != poisoned]
    assert check_ledger() == 101
    told = [event for a in outcome.announcements for _, event in a.events if b"posted" in event]
    assert len(told) == 99


@pytest.mark.django_db(transaction=True)
def test_a_locked_database_is_unavailable_stores_nothing_and_works_again(
    guest, alice, group, monkeypatch
):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's lock on the whole file; MariaDB's row locks have their own test")
    connection.ensure_connection()
    connection.cursor().execute("PRAGMA busy_timeout = 100")
    other = connections.create_connection("default")
    other.inc_thread_sharing()
    other.ensure_connection()
    other.connection.execute("BEGIN EXCLUSIVE")
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.1)
    draft = guest.draft("x", group=group)
    try:
        answers = batches.run([draft, Mark(alice.uuid, group, 2)])
    finally:
        other.connection.execute("ROLLBACK")
        other.close()
    assert codes(answers) == ["unavailable", "unavailable"]
    assert answers[0]["client_id"] == draft.client_id and check_ledger() == 2
    assert batches.post(draft)["seq"] == 3


@pytest.mark.django_db(transaction=True)
def test_a_locked_row_is_unavailable_and_works_again(guest, alice, group):
    if connection.vendor != "mysql":
        pytest.skip("row locks; SQLite's lock has its own test")
    other = connections.create_connection("default")
    other.inc_thread_sharing()
    other.set_autocommit(False)
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION innodb_lock_wait_timeout = 1")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM conversation WHERE uuid = %s FOR UPDATE", [group])
        assert codes(batches.run([guest.draft("x", group=group)])) == ["unavailable"]
    finally:
        other.rollback()
        other.close()
        connection.close()  # The next test waits for locks as the product does.
    assert batches.post(guest.draft("x", group=group))["seq"] == 3


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_taken_up_again_by_itself(guest, alice, group):
    if connection.vendor != "mysql":
        pytest.skip("SQLite has no connection to lose")
    with connection.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        (number,) = cursor.fetchone()
    other = connections.create_connection("default")
    other.inc_thread_sharing()
    with other.cursor() as cursor:
        cursor.execute(f"KILL {number}")
    other.close()
    assert batches.post(guest.draft("x", group=group))["seq"] == 3
    assert check_ledger() == 3


def test_what_cannot_be_stored_is_told_to_the_log_by_its_reason(guest, group, monkeypatch, caplog):
    def refuse(*args):
        raise DataError(1406, "Data too long for column 'sender_name'")

    monkeypatch.setattr(batches, "commit", refuse)
    assert codes(batches.settle([guest.draft("x", group=group)]).answers) == ["bad_field"]
    (record,) = [entry for entry in caplog.records if entry.name == "kefu.posting"]
    assert record.getMessage() == "an item cannot be stored" and record.exc_info[0] is DataError


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_the_queue_outlives_a_fault_of_the_storing_itself(connect, guest, group, monkeypatch):
    """A queue that ended would take messages and never answer, and nobody would be told."""
    visitor = await connect(guest)

    def broken(items):
        raise RuntimeError("a fault of ours")

    told = []
    with monkeypatch.context() as fault:
        # Not caplog: the application, where this is the first to load it, sets the log up anew.
        fault.setattr(writer.log, "exception", told.append)
        fault.setattr(batches, "settle", broken)
        assert (await visitor.say("one"))["code"] == "unavailable"
    assert (await visitor.say("two"))["type"] == "message.accepted"
    assert told == ["a batch was lost"]


@pytest.mark.once
@within(20)
async def test_what_waits_for_its_turn_is_refused_while_the_database_is_silent(guest, monkeypatch):
    silent, settle = threading.Event(), Mock(side_effect=batches.unavailable)
    monkeypatch.setattr(batches, "settle", lambda items: silent.wait() and settle(items))
    monkeypatch.setattr(writer, "PATIENCE", 0)
    queue, answers = writer.Writer(), asyncio.Queue()
    drafts = [guest.draft("first"), guest.draft("second")]
    for draft in drafts:
        queue.enqueue(draft, answers.put_nowait, time.monotonic())
        await asyncio.sleep(0.1)
    late = await answers.get()
    assert (late["code"], late["client_id"]) == ("unavailable", drafts[1].client_id)
    silent.set()
    assert (await answers.get())["client_id"] == drafts[0].client_id
    settle.assert_called_once_with(drafts[:1])
    queue.task.cancel()
    queue.watch.cancel()


def test_an_action_that_was_done_but_could_not_be_told_is_not_refused(alice, group, monkeypatch):
    def broken(*_args):
        raise RuntimeError("no words for it")

    monkeypatch.setattr(announce, "add_conversation", broken)
    batches.do(act_of("claim", alice.uuid, group))
    assert Conversation.objects.get(uuid=group).claimed_by == alice.uuid


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_of_what_could_not_be_told_whole_nothing_is_told_and_a_sync_brings_it(
    connect, team, alice, monkeypatch
):
    """Its messages alone would come without a gap, and no sync would look for the rest."""

    def broken(*_args):
        raise OperationalError("gone just after the commit")

    agent, visitor = await connect(alice), await connect(new_guest(team))
    await agent.send("sync", groups={}, inbox=True)
    await agent.until("synced")
    with monkeypatch.context() as fault:
        fault.setattr(announcements, "opened", broken)
        answer = await visitor.say("hello")
    assert answer["type"] == "message.accepted"
    assert not {"message.posted", "conversation"} & {one["type"] for one in await agent.all()}
    await agent.send("sync", groups={answer["group"]: 0}, inbox=True)
    told = await agent.until("conversation", group=answer["group"])
    assert [one["member"] for one in told["members"]] == [alice.uuid]
    assert (await agent.until("message.posted"))["message"]["seq"] == 1


def test_what_is_done_from_a_conversation_that_was_merged_meanwhile_is_not_found(
    alice, guest, group, monkeypatch
):
    locked = visitor_actions.lock_visitor
    another = Visitor.objects.create(uuid=new_id(), ent_id=guest.enterprise.code)

    def merged_before_the_lock(action):
        found = locked(action)
        Conversation.objects.filter(uuid=group).update(visitor=another)
        return found

    monkeypatch.setattr(visitor_actions, "lock_visitor", merged_before_the_lock)
    answer = batches.run([VisitorAction("block", alice.uuid, group, minutes=5)])[0]
    assert (answer["code"], answer["group"]) == ("not_found", group)
