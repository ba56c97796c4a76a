"""Many writers at once, each with a connection of its own, as several processes have."""

import threading
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
from django.db import connection

from chat.conversations import seating
from chat.ledger import ledger
from chat.models import Conversation, GroupMessage
from chat.posting.items import Mark
from tests.chat.helpers import check_ledger, draft_of, new_guest, rows_of, seat_of
from tests.chat.threads import in_threads, insist

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 8


def test_many_writers_on_one_group_leave_no_gap_and_exact_unread(guest, alice, bob, group):
    senders = [alice, bob, None]

    def write(number):
        sender = senders[number % 3]
        answers = []
        for count in range(12):
            text = f"{number}: {count}"
            draft = draft_of(sender, group, text) if sender else guest.draft(text, group=group)
            answers += insist([draft])
            if count % 4 == 3:
                insist([Mark(alice.uuid, group, answers[-1]["seq"])])
        return answers

    answers = list(chain.from_iterable(in_threads(WRITERS, write)))
    assert sorted(answer["seq"] for answer in answers) == list(range(3, 3 + len(answers)))
    assert check_ledger() == 2 + WRITERS * 12
    by_seq = {row.seq: row.client_id for row in rows_of(group)}
    assert all(by_seq[answer["seq"]] == answer["client_id"] for answer in answers)


def test_a_hundred_duplicates_at_once_are_one_row(guest, alice, group):
    draft = guest.draft("once", group=group)

    def write(number):
        copies = [guest.draft("once", draft.client_id, group) for _ in range(number % 3 + 1)]
        return insist(copies)

    answers = list(chain.from_iterable(in_threads(50, write)))
    assert len(answers) >= 99
    assert len({(answer["id"], answer["seq"]) for answer in answers}) == 1
    assert check_ledger() == 3


def test_first_messages_of_one_visitor_at_once_open_one_conversation(team, alice):
    guest = new_guest(team)
    answers = in_threads(WRITERS, lambda number: insist([guest.draft(f"{number}")]))
    assert {answer["type"] for (answer,) in answers} == {"message.accepted"}
    assert Conversation.objects.count() == 1
    assert check_ledger() == WRITERS + 1


def test_joining_and_leaving_among_writers_keeps_everything_exact(guest, alice, carol, group):
    def work(number):
        if number == 0:
            for _ in range(8):
                seating.join(carol, [group])
                seating.leave(carol, [group])
        else:
            for count in range(8):
                insist([guest.draft(f"{number}: {count}", group=group)])

    in_threads(4, work)
    assert check_ledger() == 2 + 16 + 24


def test_nobody_reads_a_message_before_the_one_below_it(guest, alice, bob, group, monkeypatch):
    """A transaction that stalls between its insert and its commit holds the next ones back."""
    stalled, go_on = threading.Event(), threading.Event()
    write = ledger.write

    def slow(threads, now):
        write(threads, now)
        if any(row.content == "slow" for thread in threads for row in thread.rows):
            stalled.set()
            assert go_on.wait(60)

    monkeypatch.setattr(ledger, "write", slow)

    def run(draft):
        try:
            return insist([draft])[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(run, draft_of(alice, group, "slow"))
        assert stalled.wait(60)
        second = threads.submit(run, draft_of(bob, group, "quick"))
        with pytest.raises(futures.TimeoutError):
            second.result(timeout=0.5)
        assert [row.seq for row in GroupMessage.objects.in_group(group)] == [1, 2]
        assert seat_of(guest, group).unread == 0
        go_on.set()
        assert (first.result(60)["seq"], second.result(60)["seq"]) == (3, 4)
    assert check_ledger() == 4
