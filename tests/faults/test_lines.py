"""Guarantee 4: whatever the line does, each page's log becomes the database's."""

import asyncio
import logging
from random import Random

import pytest

from crash import habits
from crash.book import Book
from crash.check import check
from crash.page import Page, Person
from crash.proxy import Mischief, Proxy
from tests.chat.helpers import within

LINES = {
    "cuts": Mischief(cut=0.05),
    "delays": Mischief(delay=0.3),
    "doubled and reordered": Mischief(duplicate=0.2, reorder=0.3),
    "all of it": Mischief(cut=0.03, delay=0.1, duplicate=0.1, reorder=0.2),
}
SECONDS = 3
ENOUGH = 150
"""Messages, however long they take where the machine has more to do."""


@within(120)
@pytest.mark.parametrize("mischief", LINES.values(), ids=LINES)
async def test_every_log_becomes_the_databases(house, mischief):
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    chance = Random(4)
    proxies = [await Proxy(each.port, chance, mischief).start() for each in house.workers]
    servers = [f"127.0.0.1:{proxy.port}" for proxy in proxies]
    book, active = Book(), set()
    people = [Person(plan, "crash") for plan in house.agents]
    for person in people:
        person.colleagues = people[:]

    people += [Person(house.visitor(), "crash") for _ in range(6)]
    pages = [
        Page(person, servers, active, book, Random(f"{number} {copy}"))
        for number, person in enumerate(people)
        for copy in range(2)
    ]
    lives = [asyncio.create_task(page.stay_connected()) for page in pages]
    until = asyncio.Event()
    work = [asyncio.create_task(habits.use_page(page, until)) for page in pages]
    await asyncio.sleep(SECONDS)
    while len(book.sent) <= ENOUGH:
        await asyncio.sleep(0.2)
    until.set()
    await asyncio.gather(*work)
    # The line stays as bad as it is while they catch up.
    await asyncio.gather(*(page.all_accepted() for page in pages))
    for _beat in range(5):
        await asyncio.gather(*(page.all_synced() for page in pages))
        with house.snapshot() as select:
            found = check(select, sorted(active), book, pages)
        if not found.sentences():
            break

    for life in lives:
        life.cancel()
    for proxy in proxies:
        await proxy.close()
    assert found.sentences() + book.contradictions + book.refusals == []
    assert len(book.acked) == len(book.sent) > ENOUGH
    wanted = {name for name in ("cut", "delay", "duplicate", "reorder") if getattr(mischief, name)}
    assert {name for name, count in mischief.done.items() if count > 3} == wanted
