"""Runs the proof: `python -m crash.run`, as bin/crash does.

One house for the whole run. In each cycle some visitors are new, all pages write, read and
repeat, one fault comes at a moment of chance, the pages come back by themselves, and when
everything sent is accepted and every page has synced, database and pages are compared.
"""

import asyncio
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from bench import machine
from bench.house import OURS

from . import habits, options, report
from .book import Book
from .check import Findings, check
from .faults import FAULTS
from .page import Page, Person
from .services import House

AGENTS = 8
VISITORS = 12
"""Visitors who write in a cycle. A quarter of them is replaced by new ones in the next."""
NEW = VISITORS // 4
PAGES = 2
"""Windows of each person."""
SETTLE_WITHIN = 60
"""Seconds for the pages to have everything accepted and synced once all is running again."""
AFTER = 0.3
"""Seconds that everybody goes on after the fault."""


class Town:
    """The house, and everybody at their pages."""

    def __init__(self, house: House, asked: options.Options, plan: dict):
        self.house, self.asked, self.plan = house, asked, plan
        self.book = Book()
        self.active: set[str] = set()
        self.stored = self.notices = 0
        self.agents = [Person(agent, plan["enterprise"]) for agent in plan["agents"]]
        self.visitors: list[Person] = []
        self.lives: dict[Page, asyncio.Task] = {}
        for agent in self.agents:
            agent.colleagues = self.agents
        for number, agent in enumerate(self.agents):
            self.open(agent, f"agent {number}")

    def open(self, person: Person, name: str) -> None:
        ports = [worker.port for worker in self.house.workers]
        for number in range(PAGES):
            chance = Random(f"{self.asked.seed} {name} {number}")
            page = Page(person, ports, self.active, self.book, chance)
            self.lives[page] = asyncio.create_task(page.live())

    def renew(self, cycle: int) -> None:
        """Visitors who have been here for a while go, new ones come."""
        first = 0 if cycle == 1 else VISITORS + (cycle - 2) * NEW
        count = VISITORS if cycle == 1 else NEW
        for person in self.visitors[: len(self.visitors) + count - VISITORS]:
            self.visitors.remove(person)
            self.active.discard(person.group)
            for page in person.pages:
                self.lives.pop(page).cancel()
        for number in range(first, first + count):
            visitor = Person(self.plan["visitors"][number], self.plan["enterprise"])
            self.visitors.append(visitor)
            self.open(visitor, f"visitor {number}")

    @property
    def pages(self) -> list[Page]:
        return list(self.lives)

    async def settle(self) -> list[str]:
        """Waits until all is accepted and synced; tells which pages are not."""
        for page in self.pages:
            # Its acceptance means that what the page read before is stored, too.
            habits.write(page)
        stuck = await self.all("has not everything accepted", Page.settled)
        return stuck or await self.all("does not get its sync answered", Page.caught_up)

    async def all(self, otherwise: str, step) -> list[str]:
        tasks = {asyncio.create_task(step(page)): page for page in self.pages}
        _done, late = await asyncio.wait(tasks, timeout=SETTLE_WITHIN)
        for task in late:
            task.cancel()
        return [f"refused: a page of {tasks[task].person.who} {otherwise}" for task in late]

    async def compare(self) -> Findings:
        """Twice, if the first time something is wrong: a push may still be on its way."""
        found = await asyncio.to_thread(self.look, sorted(self.active), self.pages)
        if found.logs or found.unread or found.facts:
            await asyncio.sleep(0.5)
            await self.all("does not get its sync answered", Page.caught_up)
            found = await asyncio.to_thread(self.look, sorted(self.active), self.pages)
        return found

    def look(self, groups: list[str], pages: list[Page]) -> Findings:
        with self.house.snapshot() as select:
            return check(select, groups, self.book, pages)

    def look_at_everything(self) -> Findings:
        with self.house.snapshot() as select:
            groups = [group for (group,) in select("SELECT uuid FROM conversation ORDER BY uuid")]
            return check(select, groups, self.book, [])


async def cycle(town: Town, number: int, fault, chance: Random) -> tuple[dict, list[str]]:
    """One fault under load; the table's row, and words for what is wrong."""
    begun, book = time.monotonic(), town.book
    before = len(book.sent), len(book.acked), book.retries
    book.contradictions.clear()
    book.refusals.clear()
    town.renew(number)
    until = asyncio.Event()
    work = [asyncio.create_task(habits.work(page, until)) for page in town.pages]
    await asyncio.sleep(chance.uniform(0.3, 1))
    await fault(town.house, town.pages, chance)
    await asyncio.sleep(AFTER)
    until.set()
    await asyncio.gather(*work)
    stuck = await town.settle()
    found = await town.compare()
    found.logs += book.contradictions
    counts = found.counts()
    row = {
        "cycle": f"{number}/{town.asked.cycles}",
        "fault": fault.__name__.replace("_", " "),
        "sent": len(book.sent) - before[0],
        "acked": len(book.acked) - before[1],
        "stored": found.stored - town.stored,
        "notices": found.notices - town.notices,
        "retries": book.retries - before[2],
        **counts,
        "refused": len(book.refusals) + len(stuck),
        "seconds": time.monotonic() - begun,
    }
    town.stored, town.notices = found.stored, found.notices
    return row, [*found.words(), *(f"refused: {text}" for text in book.refusals), *stuck]


def faults_of(kind: str, count: int, chance: Random) -> list:
    """Every fault about as often, in an order of chance."""
    chosen = []
    while len(chosen) < count:
        chosen += chance.sample(FAULTS[kind], len(FAULTS[kind]))
    return chosen[:count]


async def prove(asked: options.Options, folder: Path, application: str, faults=None) -> dict:
    """All cycles; the total row with "cycles". `faults` instead of those of chance."""
    chance = Random(asked.seed)
    house = House(asked.database, asked.server, folder, application)
    rows: list[dict] = []
    try:
        plan = await house.open(AGENTS, VISITORS + (asked.cycles - 1) * NEW)
        town = Town(house, asked, plan)
        for number, fault in enumerate(faults or faults_of(asked.database, asked.cycles, chance)):
            row, words = await cycle(town, number + 1, fault, chance)
            rows.append(row)
            report.say(report.line(row))
            report.trouble(words)
        for life in town.lives.values():
            life.cancel()
        last = await asyncio.to_thread(town.look_at_everything)
        report.trouble(last.words())
        total = report.total(rows, last.counts())
        report.say(report.line(total))
        return {**total, "rows": rows}
    finally:
        house.close()


def main(arguments: list[str], application: str = OURS, faults=None) -> int:
    """Returns 1 if anything was lost, doubled, missing, miscounted or refused."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asked = options.read(arguments)
    asked.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="run-", dir=asked.folder))
    facts = machine.describe(scratch)
    report.introduce(asked, facts, (AGENTS + VISITORS) * PAGES)
    try:
        result = asyncio.run(prove(asked, scratch / "house", application, faults))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    rows = result.pop("rows")
    path = asked.folder / time.strftime("crash-%Y%m%d-%H%M%S.json")
    path.write_text(report.as_json(asked, facts, rows, result))
    clean = report.is_clean(result)
    report.say("\nnothing lost, doubled or miscounted" if clean else "\nTHIS IS NOT RIGHT")
    report.say(f"written to {path}")
    return 0 if clean else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
