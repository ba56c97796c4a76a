"""Writers in threads that commit in any order, roll back or die, beside processes that give places
and readers: everything that is committed is read once, each conversation's in the order of its
numbers, and nobody waits for what was rolled back."""

import random
import threading
import time

import pytest
from django.db import connection, transaction

from chat.conversations import changes
from chat.ledger import ledger
from chat.models import GroupMessage, StreamEvent, StreamHead
from chat.posting import batches
from chat.protocol.notices import Notice
from chat.reports import counting
from chat.stream import sequencer
from chat.stream.reader import page
from chat.stream.types import TYPES
from tests.chat.helpers import draft_of, new_guest
from tests.chat.threads import at_once
from tests.examples import some

pytestmark = pytest.mark.django_db(transaction=True)


class Undone(Exception):
    """A transaction that is rolled back."""


@pytest.fixture
def groups(team, alice, bob) -> list[str]:
    return [batches.post(new_guest(team).draft("first"))["group"] for _ in range(4)]


def write(agent, groups: list[str], random: random.Random, count: int) -> None:
    """Messages and notices in several conversations at once; some commit late, some never, and some
    lose their connection before."""
    for number in range(count):
        some = random.sample(groups, random.randint(1, 3))
        fate = random.random()
        try:
            with changes.begin() as change:
                for group in sorted(change.lock(some)):
                    thread = change.threads[group]
                    thread.notice(Notice.TAGGED, tag=str(number), by="", by_name="")
                    thread.notice(Notice.UNTAGGED, tag=str(number), by="", by_name="")
                ledger.write(list(change.threads.values()), change.now)
                for thread in change.threads.values():
                    thread.rows = []
                time.sleep(random.random() * 0.01)
                if fate < 0.2:
                    raise Undone
                if fate < 0.3:
                    connection.connection.close()
        except Undone:
            pass
        except Exception:
            connection.close()  # It was busy, or was made to die.
        if fate > 0.9:
            try:
                batches.post(draft_of(agent, groups[0], str(number)))
            except Exception:
                connection.close()


class Reader:
    """A client that reads on with its cursor, beside the writers."""

    def __init__(self, ent_id: str):
        self.ent_id, self.cursor, self.events = ent_id, None, []

    def read(self) -> None:
        while True:
            events, behind = page(self.ent_id, self.cursor, 7, TYPES)
            self.events += events
            if behind == self.cursor:
                return
            self.cursor = behind


def run(enterprise, groups, agent, seed: int, look, reader: Reader) -> None:
    """Three writers, two processes that give places, one that counts for the reports, one reader;
    then a last look."""
    over = threading.Event()
    writing = [3]
    lock = threading.Lock()

    def writer(number: int):
        def job():
            try:
                write(agent, groups, random.Random(seed + number), 15)
            finally:
                with lock:
                    writing[0] -= 1
                    if not writing[0]:
                        over.set()

        return job

    def until_over(step):
        def job():
            while not over.is_set():
                try:
                    step()
                except Exception:
                    connection.close()
                time.sleep(0.002)

        return job

    jobs = [writer(number) for number in range(3)]
    jobs += [until_over(look), until_over(look), until_over(counting.count)]
    at_once(*jobs, until_over(reader.read))
    look()
    reader.read()


def missed_or_twice(reader: Reader) -> set[tuple[str, int]]:
    """The rows that were not read exactly once."""
    told = [(each["data"]["group"], each["data"]["seq"]) for each in reader.events]
    stored = list(GroupMessage.objects.values_list("group_id", "seq"))
    return {key for key in {*told, *stored} if told.count(key) != stored.count(key)}


@pytest.mark.parametrize("seed", some(range(3)))
def test_everything_committed_is_read_once_and_in_order(enterprise, groups, alice, seed):
    reader = Reader(enterprise.code)
    run(enterprise, groups, alice, seed, sequencer.look, reader)
    assert len(reader.events) > 30
    assert missed_or_twice(reader) == set()
    for group in groups:
        seqs = [each["data"]["seq"] for each in reader.events if each["data"]["group"] == group]
        assert seqs == sorted(seqs)
    again = Reader(enterprise.code)
    again.read()
    assert [each["id"] for each in again.events] == [each["id"] for each in reader.events]
    places = [each % 10**12 for each in StreamEvent.objects.values_list("id", flat=True)]
    assert sorted(places) == list(range(1, len(places) + 1))


def test_what_is_committed_late_is_read_although_later_ids_were(enterprise, groups, alice):
    """A cursor over the rows' own ids would skip it."""
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time: ids are committed in their order")
    slow, quick = groups[:2]
    reader = Reader(enterprise.code)
    stored, read = threading.Event(), threading.Event()

    def late():
        with changes.begin() as change:
            thread = change.lock_one(slow)
            thread.notice(Notice.TAGGED, tag="late", by="", by_name="")
            ledger.write([thread], change.now)
            thread.rows = []
            stored.set()
            assert read.wait(60)

    def prompt():
        assert stored.wait(60)
        batches.post(draft_of(alice, quick, "prompt"))
        sequencer.look()
        reader.read()
        read.set()

    at_once(late, prompt)
    assert missed_or_twice(reader) == {(slow, 3)}
    sequencer.look()
    reader.read()
    assert missed_or_twice(reader) == set()


def test_a_look_that_dies_before_its_commit_leaves_all_to_the_next(enterprise, groups, monkeypatch):
    def die(seqs):
        set_places(seqs)
        raise Undone

    set_places = sequencer.set_places
    monkeypatch.setattr(sequencer, "set_places", die)
    sequencer.look()
    assert not StreamEvent.objects.exists()
    monkeypatch.undo()
    reader = Reader(enterprise.code)
    sequencer.look()
    reader.read()
    assert missed_or_twice(reader) == set()


def test_what_is_not_committed_holds_up_nobody(enterprise, groups, alice):
    """Neither an open transaction nor the gap that one has left behind."""
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time")
    sequencer.look()
    before = StreamHead.objects.get(ent_id=enterprise.code).last
    stored, over = threading.Event(), threading.Event()

    def never():
        try:
            with changes.begin() as change:
                thread = change.lock_one(groups[0])
                thread.notice(Notice.TAGGED, tag="never", by="", by_name="")
                ledger.write([thread], change.now)
                stored.set()
                assert over.wait(60)
                raise Undone
        except Undone:
            pass

    def others():
        assert stored.wait(60)
        batches.post(draft_of(alice, groups[1], "beside"))
        sequencer.look()
        over.set()

    at_once(never, others)
    assert StreamHead.objects.get(ent_id=enterprise.code).last == before + 1
    with transaction.atomic():
        assert not sequencer.place_rows(sequencer.lock_head(enterprise.code), groups)
