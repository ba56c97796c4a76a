"""WORKERS=2 bin/serve is one chat: order, numbers and unread with writers in both processes."""

import asyncio
import random
import threading
import time
from itertools import chain

import pytest
from django.conf import settings
from django.db import connection, transaction

from chat.ledger import ledger
from chat.models import ChatGroup, Conversation, GroupMessage
from chat.posting import batches
from tests.chat.helpers import (
    check_ledger,
    database,
    draft_of,
    new_guest,
    new_id,
    seat_of,
    session_cookie,
    within,
)
from tests.conftest import hire

from .fleet import Fleet, Page

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.REDIS_URL, reason="several processes need MariaDB and Redis"),
]
WITHIN = 120
WAITS = "SELECT trx_query FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
DEADLOCKS = 'kefu_commit_retries_total{reason="deadlock"}'


@pytest.fixture(scope="module", params=["daphne", "uvicorn"])
def fleet(request, django_db_setup, tmp_path_factory):
    one = Fleet(request.param, tmp_path_factory.mktemp("fleet"))
    yield one.start()
    one.stop()


@pytest.fixture
async def pages(fleet):
    """A function: pages of somebody on each process. All are closed after the test."""
    opened: list[Page] = []

    async def open_pages(who, count=1) -> list[Page]:
        if hasattr(who, "nickname"):
            who = await database(session_cookie)(who)
        opened.extend(await fleet.on_each(who, count))
        return opened[-2 * count :]

    yield open_pages
    await asyncio.gather(*(page.close() for page in opened))


@within(WITHIN)
async def test_two_processes_with_50_writers_each_leave_no_gap_and_no_tie(pages, team, guest):
    """What is committed is read all the time meanwhile, by one who must never miss a number."""
    agents = [await database(hire)(f"agent-{n}", team.enterprise, team=team) for n in range(10)]
    group = (await database(batches.post)(guest.draft("first")))["group"]
    writers = [page for agent in agents for page in await pages(agent, 5)]
    assert len(writers) == 100
    done = threading.Event()
    reader = asyncio.create_task(asyncio.to_thread(read_in_order, group, done))

    async def write(page, number):
        return [await page.say(f"{number}: {count}", group=group) for count in range(5)]

    answers = list(chain.from_iterable(await asyncio.gather(*map(write, writers, range(100)))))
    done.set()
    assert await reader >= 3, "the reader looked too rarely"
    assert sorted(answer["seq"] for answer in answers) == list(range(3, 503))
    stored = await database(dict)(
        GroupMessage.objects.in_group(group).values_list("client_id", "seq")
    )
    assert all(stored[answer["client_id"]] == answer["seq"] for answer in answers)
    for page in (writers[0], writers[5]):
        await page.has(set(range(3, 503)))
    assert await database(check_ledger)() == 502


def read_in_order(group: str, done: threading.Event) -> int:
    """Reads until `done`; how many different states were seen, each without a gap."""
    seen = set()
    try:
        while not done.is_set():
            rows = GroupMessage.objects.in_group(group).order_by("seq")
            seqs = list(rows.values_list("seq", flat=True))
            assert seqs == list(range(1, len(seqs) + 1))
            assert len(seqs) >= max(seen, default=0)
            seen.add(len(seqs))
            time.sleep(0.005)
    finally:
        connection.close()
    return len(seen)


@within(WITHIN)
async def test_a_transaction_that_stalls_before_its_commit_holds_both_processes_back(
    pages, guest, alice, bob, group
):
    """A third process, here the tests' own, has inserted number 3 and does not commit."""
    writers = await pages(bob)
    inserted, go_on = threading.Event(), threading.Event()

    def stall():
        try:
            with transaction.atomic():
                batches.commit([draft_of(alice, group, "slow")], look_up=False)
                inserted.set()
                assert go_on.wait(20)
        finally:
            connection.close()

    slow = asyncio.create_task(asyncio.to_thread(stall))
    await asyncio.to_thread(inserted.wait, 20)
    answers = [asyncio.create_task(page.say("quick", group=group)) for page in writers]
    _done, waiting = await asyncio.wait(answers, timeout=1)
    assert waiting == set(answers)
    assert await database(check_ledger)() == 2
    assert (await database(seat_of)(bob, group)).unread == 1
    go_on.set()
    await slow
    assert sorted([(await answer)["seq"] for answer in answers]) == [4, 5]
    assert await database(check_ledger)() == 5


@within(WITHIN)
async def test_a_hundred_duplicates_at_once_over_both_processes_are_one_row(pages, guest, group):
    everybody = await pages(guest, 10)
    client_id = new_id()
    copies = [page.say("once", client_id, group=group) for page in everybody for _ in range(5)]
    assert len(copies) == 100
    answers = await asyncio.gather(*copies)
    assert {(answer["type"], answer["seq"]) for answer in answers} == {("message.accepted", 3)}
    assert len({answer["id"] for answer in answers}) == 1
    assert await database(check_ledger)() == 3


@within(WITHIN)
async def test_unread_is_exact_with_writers_and_readers_in_both_processes(
    pages, team, guest, alice, bob, group
):
    chance = random.Random(3)
    guests = [(guest, group)]
    for _ in range(2):
        other = new_guest(team)
        guests.append((other, (await database(batches.post)(other.draft("first")))["group"]))
    groups = [group for _guest, group in guests]
    agents = {who: await pages(who) for who in (alice, bob)}

    async def live_as_agent(page):
        for number in range(25):
            group = chance.choice(groups)
            if chance.random() < 0.5:
                last = max((m["seq"] for m in page.messages.values()), default=2)
                await page.wire.send("message.read", group=group, seq=chance.randint(1, last))
            else:
                note = {"kind": "note"} if chance.random() < 0.3 else {}
                await page.say(f"answer {number}", group=group, **note)

    async def live_as_guest(group, page):
        for number in range(25):
            await page.say(f"question {number}")
            if chance.random() < 0.3:
                await page.wire.send("message.read", group=group, seq=number)

    lives = [live_as_agent(page) for pair in agents.values() for page in pair]
    for guest, group in guests:
        lives += [live_as_guest(group, page) for page in await pages(guest)]
    await asyncio.gather(*lives)
    # A last message in each group, after which everybody is told everything once more.
    for guest, _group in guests:
        page, _ = await pages(guest)
        await page.say("the last")
    await database(check_ledger)()
    for who, pair in agents.items():
        stored = await database(dict)(
            ChatGroup.objects.for_member(who.uuid).values_list("uuid", "unread")
        )
        total = sum(stored.values())
        for page in pair:
            # What the other process did arrives a little later, and then stays.
            while told(page) != stored or page.last_unread["total"] != total:
                await asyncio.sleep(0.05)


def told(page: Page) -> dict[str, int]:
    """The unread of each group as this page was told it last."""
    return {group: event["unread"] for group, event in page.unread.items()}


@within(WITHIN)
async def test_a_deadlock_is_tried_again_counted_and_loses_and_doubles_nothing(
    fleet, pages, team, alice, bob
):
    """Two conversations that a batch locks in one order, and somebody else in the other."""
    guests = [new_guest(team) for _ in range(3)]
    first = [await database(batches.post)(guest.draft("first")) for guest in guests]
    gate, low, high = sorted(answer["group"] for answer in first)
    for writer in await pages(alice):
        before = await asyncio.to_thread(fleet.figure, DEADLOCKS)
        opposite = Opposite(gate, low, high)
        holding = asyncio.create_task(asyncio.to_thread(opposite.run))
        await asyncio.to_thread(opposite.holds.wait, 20)
        # The first one waits at the gate, so that the other two become one batch.
        first = asyncio.create_task(writer.say("at the gate", group=gate))
        await asyncio.to_thread(opposite.at_gate.wait, 20)
        batch = [asyncio.create_task(writer.say("both", group=group)) for group in (low, high)]
        await asyncio.sleep(2)  # until the server has read both, which nothing tells
        opposite.open_gate.set()
        answers = await asyncio.gather(first, *batch)
        await holding
        assert {answer["type"] for answer in answers} == {"message.accepted"}
        assert await asyncio.to_thread(fleet.figure, DEADLOCKS) > before
    assert await database(check_ledger)() == 3 * 2 + 2 * 3


def wait_for_lock(*groups: str) -> None:
    """Waits until a batch for these conversations waits for a lock. What a server does of its own
    accord may wait for one of them meanwhile, too."""
    wanted = f"uuid IN ({','.join(map(repr, groups))})"
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(WAITS)
            if any(wanted in (query or "") for (query,) in cursor.fetchall()):
                return
        time.sleep(0.2)  # InnoDB shows a copy, made anew where nobody has looked for 0.1 s
    raise AssertionError("nobody waits for a lock")


class Opposite:
    """Holds the gate, and the high conversation with so many changes that InnoDB gives up the
    other transaction, not this one; then opens the gate and asks for the low one."""

    def __init__(self, gate: str, low: str, high: str):
        self.gate, self.low, self.high = gate, low, high
        self.holds, self.at_gate, self.open_gate = (threading.Event() for _ in range(3))

    def run(self) -> None:
        doors = connection.copy()
        try:
            doors.set_autocommit(False)
            with doors.cursor() as cursor:
                lock = "SELECT id FROM conversation WHERE uuid = %s FOR UPDATE"
                cursor.execute(lock, [self.gate])
                with transaction.atomic():
                    ledger.lock({self.high})
                    for number in range(50):
                        name = f"heavy {number}"
                        ChatGroup.objects.filter(uuid=self.high).update(group_name=name)
                    self.holds.set()
                    wait_for_lock(self.gate)
                    self.at_gate.set()
                    assert self.open_gate.wait(20)
                    doors.rollback()
                    wait_for_lock(self.low, self.high)
                    ledger.lock({self.low})
        finally:
            doors.close()
            connection.close()


@within(WITHIN)
async def test_a_first_message_on_both_processes_opens_one_conversation(pages, team, alice):
    guest = new_guest(team)
    both = await pages(guest)
    answers = await asyncio.gather(*(page.say(f"{n}") for n, page in enumerate(both)))
    assert sorted(answer["seq"] for answer in answers) == [2, 3]
    assert await database(Conversation.objects.count)() == 1
    assert await database(check_ledger)() == 3
