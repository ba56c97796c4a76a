"""Several that count at once, while people write."""

from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from chat.models import Conversation, GroupMessage
from chat.posting import batches
from chat.reports import counting
from chat.reports.counting import packs
from chat.reports.showing import facts, question, report
from tests.chat.helpers import draft_of, new_guest
from tests.chat.threads import in_threads, insist

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, COUNTERS, ROUNDS = 3, 3, 12


def test_two_that_count_while_people_write_count_everything_once(team, alice, bob, manager):
    guests = [new_guest(team) for _ in range(WRITERS)]
    groups = [batches.post(guest.draft("hello"))["group"] for guest in guests]

    def work(number: int) -> None:
        for turn in range(ROUNDS):
            if number < WRITERS:
                insist([guests[number].draft(f"{turn}", group=groups[number])])
                insist([draft_of((alice, bob)[turn % 2], groups[number], "an answer")])
            else:
                counting.count()
                packs.pack_days(timezone.now() + timedelta(days=turn % 2))

    in_threads(WRITERS + COUNTERS, work)
    asked = question.ask(manager, {}, timezone.now())
    before = report.shaped(asked, facts.counted(asked))
    counting.count()
    assert not Conversation.objects.filter(uncounted=1).exists()
    assert report.shaped(asked, facts.counted(asked)) == before
    counting.rebuild()
    assert report.shaped(asked, facts.counted(asked)) == before
    totals = before["totals"]
    written = GroupMessage.objects.filter(message_type=GroupMessage.Type.MESSAGE)
    visitors = [guest.uuid for guest in guests]
    assert totals["messages_in"] == written.filter(sender__in=visitors).count()
    assert totals["messages_out"] == written.exclude(sender__in=visitors).count()
    assert totals["receptions"] == totals["first_reply"]["n"] == WRITERS


@pytest.mark.parametrize("table", ["conversation", "team"])
def test_what_is_being_written_is_counted_later_and_nobody_waits(team, table):
    if connection.vendor != "mysql":
        pytest.skip("SQLite has one lock for all rows")
    written, _ = (batches.post(new_guest(team).draft("hello"))["group"] for _ in range(2))
    other = connections.create_connection("default")
    other.inc_thread_sharing()
    other.set_autocommit(False)
    uncounted = Conversation.objects.filter(uncounted=1).values_list("uuid", flat=True)
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION innodb_lock_wait_timeout = 1")
    try:
        with other.cursor() as cursor:
            if table == "team":  # As the form of a team does, before it takes conversations.
                cursor.execute("SELECT id FROM team FOR UPDATE")
            else:
                cursor.execute("SELECT id FROM conversation WHERE uuid = %s FOR UPDATE", [written])
        counting.count()
        assert set(uncounted.all()) == ({written} if table == "conversation" else set())
    finally:
        other.rollback()
        other.close()
        connection.close()  # The next test waits for locks as the product does.
    counting.count()
    assert not uncounted.all()
