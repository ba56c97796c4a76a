"""Runs the proof: `python -m crash.run`, as bin/crash does.

One system is used for the whole run. In each cycle some visitors are replaced, all pages write,
read and repeat, and one fault happens at a random moment. The pages reconnect by themselves. When
all messages are accepted and every page is synced, the database is compared with the pages.
"""

import asyncio
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from itertools import repeat, takewhile
from pathlib import Path
from random import Random

from bench import machine
from bench.servers import OURS

from . import channels, habits, hooks, model, options, pushes, report, soak, watch
from .book import Book
from .check import Findings, check
from .faults import FAULTS
from .galera import Galera
from .hosts import Hosts
from .page import Page, Person
from .parts import Parts
from .scenarios import SCENARIOS
from .services import System

KINDS = {"galera": Galera}
HASTY = "crash.hasty:application"
AGENTS = 8
VISITORS = 12
"""Visitors who write in a cycle. A quarter of them is replaced before the next one."""
NEW = VISITORS // 4
PAGES = 2
"""Windows of each person."""
SETTLE_TIMEOUT = 60
"""Seconds until all messages must be accepted and all pages synced, after everything runs again."""
CALM = (0.5, 2)
"""Seconds between two actions of a page where several machines run and wait on this one."""
PATIENCE = 30
"""Seconds until nobody may wait for an assistant: its 20, and a look or two."""
STAMINA = 3
"""How many times as patient pages are then: storms of them would be measured, too."""
AFTER = 0.3
"""Seconds for which people go on after the fault."""


class Simulation:
    """The system, the people with their pages, and what else there is."""

    def __init__(self, system: System, asked: options.Options, plan: dict, parts: Parts):
        self.system, self.asked, self.plan, self.parts = system, asked, plan, parts
        self.book = Book()
        self.active: set[str] = set()
        self.stored = self.notices = self.answers = 0
        self.agents = [Person(agent, plan["enterprise"]) for agent in plan["agents"][:AGENTS]]
        self.visitors: list[Person] = []
        self.lives: dict[Page, asyncio.Task] = {}
        self.watch: watch.Watch | None = None
        for agent in self.agents:
            agent.colleagues = self.agents
        self.book.assistant = plan.get("assistant", "")
        self.compared, self.events = channels.Compared(), hooks.Compared()
        self.edits = 0
        for number, agent in enumerate(self.agents):
            self.open(agent, f"agent {number}")

        if asked.hosts > 1:
            self.watch = system.watch = watch.Watch(self)

    def open(self, person: Person, name: str) -> None:
        for number in range(PAGES):
            self.open_page(person, f"{name} {number}", Page)

    def open_page(self, person: Person, name: str, kind: type[Page]) -> Page:
        chance = Random(f"{self.asked.seed} {name}")
        page = kind(person, self.system.entrances, self.active, self.book, chance)
        if self.asked.hosts > 1 and kind is Page:
            page.patience *= STAMINA
        self.lives[page] = asyncio.create_task(page.stay_connected())
        return page

    def work(self, until: asyncio.Event) -> list[asyncio.Task]:
        """Everybody does what they do, until the event is set."""
        patient = self.watch.pages if self.watch else []
        busy = [
            habits.use_page(page, until, self.pause(page))
            for page in self.pages
            if page not in patient
        ]
        return [
            asyncio.create_task(one) for one in (*busy, *(page.talk(until) for page in patient))
        ]

    def pause(self, page: Page) -> tuple[float, float]:
        """An assistant answers who does not write on while it answers."""
        return CALM if self.watch or page.person.spared else habits.PAUSE

    def replace_visitors(self, cycle: int) -> None:
        """Removes the oldest visitors and adds new ones."""
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
            visitor.spared = bool(self.book.assistant) and number // 2 % 2 > 0
            self.open(visitor, f"visitor {number}")

    @property
    def pages(self) -> list[Page]:
        return list(self.lives)

    async def settle(self) -> list[str]:
        """Waits until all messages are accepted and all pages synced. Returns a sentence for each
        page that is not in time."""
        for page in self.pages:
            # When this message is accepted, the read marks before it are stored, too.
            habits.write_message(page)
        stuck = await self.wait_for_pages("has not everything accepted", Page.all_accepted)
        if not stuck and self.book.assistant:
            stuck = await self.wait_for_assistant()
        return stuck or await self.wait_for_pages("does not get its sync answered", Page.all_synced)

    async def settle_others(self) -> channels.Compared:
        """Waits until what was written by channels is stored, and what was said by them told."""
        with self.system.snapshot() as select:
            self.book.others.update(who for (who,) in select(channels.VISITORS))
        others = self.parts.others
        found = await others.settle(self.system.snapshot)
        with self.system.snapshot() as select:
            self.book.others.update(who for (who,) in select(channels.VISITORS))
        self.book.left |= others.left(found.groups)
        self.active -= self.book.left
        await self.wait_for_pages("does not get its sync answered", Page.all_synced)
        return found

    async def wait_for_assistant(self) -> list[str]:
        """Waits until nobody waits for it. Returns a sentence if somebody does for too long."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not await asyncio.to_thread(self.count_asked):
                return []
            await asyncio.sleep(0.2)
        return ["refused: somebody waits for the assistant"]

    def count_asked(self) -> int:
        with self.system.snapshot() as select:
            return select(model.ASKED)[0][0]

    async def wait_for_pages(self, otherwise: str, step) -> list[str]:
        tasks = {asyncio.create_task(step(page)): page for page in self.pages}
        _done, late = await asyncio.wait(tasks, timeout=SETTLE_TIMEOUT)
        for task in late:
            task.cancel()
        return [f"refused: a page of {tasks[task].person.who} {otherwise}" for task in late]

    async def compare(self) -> Findings:
        """Compares the database with the pages; a second time if there are errors, because a push
        may have been on its way."""
        found = await asyncio.to_thread(self.compare_now, sorted(self.active), self.pages)
        if found.logs or found.unread or found.facts:
            await asyncio.sleep(0.5)
            await self.wait_for_pages("does not get its sync answered", Page.all_synced)
            found = await asyncio.to_thread(self.compare_now, sorted(self.active), self.pages)
        return found

    def compare_now(self, groups: list[str], pages: list[Page]) -> Findings:
        with self.system.snapshot() as select:
            return self.check(select, groups, pages)

    def compare_everything(self) -> Findings:
        with self.system.snapshot() as select:
            groups = [group for (group,) in select("SELECT uuid FROM conversation ORDER BY uuid")]
            return self.check(select, groups, [])

    def check(self, select, groups: list[str], pages: list[Page]) -> Findings:
        found = check(select, groups, self.book, pages)
        if self.parts.editor:
            found.assistant += self.parts.editor.check(select)
        return found


async def cycle(
    simulation: Simulation, number: int, fault, chance: Random
) -> tuple[dict, list[str]]:
    """Runs a cycle with a fault. Returns the row of the table, and a sentence for each error."""
    begun, book, parts = time.monotonic(), simulation.book, simulation.parts
    before = len(book.sent), len(book.acked), book.retries
    book.contradictions.clear()
    book.refusals.clear()
    simulation.replace_visitors(number)
    until, over = asyncio.Event(), asyncio.Event()
    work, edits = simulation.work(until), asyncio.create_task(parts.edit(over))
    await asyncio.sleep(chance.uniform(0.3, 1))
    work += parts.work(until, number)
    await fault(simulation.system, simulation.pages, chance)
    await asyncio.sleep(AFTER)
    until.set()
    await asyncio.gather(*work)
    stuck = await simulation.settle()
    over.set()
    await edits
    others, pushed, events = channels.Compared(), pushes.Compared(), hooks.Compared()
    if parts.others:
        others = await simulation.settle_others()
    if parts.phones:
        pushed = await parts.phones.settle(simulation.system.snapshot)
    if parts.hooks:
        events = await parts.hooks.settle(simulation.system.snapshot)
    found = await simulation.compare()
    found.logs += book.contradictions
    counts, late = found.counts(), simulation.watch.sentences() if simulation.watch else []
    row = {
        "cycle": f"{number}/{simulation.asked.cycles}",
        "fault": fault.__name__.replace("_", " "),
        "sent": len(book.sent) - before[0],
        "acked": len(book.acked) - before[1],
        "stored": found.stored - simulation.stored,
        "notices": found.notices - simulation.notices,
        "retries": book.retries - before[2],
        "answers": found.answers - simulation.answers,
        **({"edits": parts.editor.edits - simulation.edits} if parts.editor else {}),
        **(others.row(simulation.compared) if parts.others else {}),
        **(events.row(simulation.events) if parts.hooks else {}),
        **counts,
        "channels": len(others.sentences),
        "pushed": pushed.pushed,
        "wrong": len(pushed.sentences),
        "webhooks": len(events.sentences),
        "refused": len(book.refusals) + len(stuck),
        **(vars(simulation.watch.times) if simulation.watch else {}),
        "late": len(late),
        **(soak.use(simulation.system) if simulation.asked.soak else {}),
        "grown": 0,
        "seconds": time.monotonic() - begun,
    }
    simulation.stored, simulation.notices = found.stored, found.notices
    simulation.answers, simulation.compared, simulation.events = found.answers, others, events
    simulation.edits = parts.editor.edits if parts.editor else 0
    refusals = [f"refused: {text}" for text in book.refusals]
    wrong = [f"channels: {text}" for text in others.sentences]
    wrong += [f"push: {text}" for text in pushed.sentences]
    wrong += [f"webhooks: {text}" for text in events.sentences]
    return row, [*found.sentences(), *wrong, *refusals, *stuck, *late]


def faults_of(asked: options.Options, chance: Random) -> Iterable:
    """Faults in random order, each about as often; in a soak `soak.life` again and again, until its
    minutes are over."""
    if asked.soak:
        end = time.monotonic() + asked.soak * 60
        return takewhile(lambda _life: time.monotonic() < end, repeat(soak.life, asked.cycles))
    known = SCENARIOS if asked.hosts > 1 else FAULTS[asked.database]
    chosen = []
    while len(chosen) < asked.cycles:
        chosen += chance.sample(known, len(known))
    return chosen[: asked.cycles]


async def prove(asked: options.Options, folder: Path, application: str, faults=None) -> dict:
    """Runs all cycles; returns the totals with the "rows". `faults`, if given, replaces random
    ones."""
    chance = Random(asked.seed)
    kind = Hosts if asked.hosts > 1 else KINDS.get(asked.database, System)
    system = kind(asked.database, asked.server, folder, application)
    rows: list[dict] = []
    parts = Parts(asked, folder / "others", AGENTS)
    try:
        system.environment |= await parts.begin()
        agents, visitors = AGENTS, VISITORS + (asked.cycles - 1) * NEW
        if asked.hosts > 1:
            agents, visitors = agents + watch.AGENTS, visitors + watch.VISITORS
        plan = await system.open(agents, visitors)
        parts.find(plan, system)
        simulation = Simulation(system, asked, plan, parts)
        for number, fault in enumerate(faults or faults_of(asked, chance)):
            row, sentences = await cycle(simulation, number + 1, fault, chance)
            rows.append(row)
            report.say(report.line(row))
            report.problems(sentences)
        for life in simulation.lives.values():
            life.cancel()
        last = await asyncio.to_thread(simulation.compare_everything)
        report.problems(last.sentences())
        grown = soak.growth(rows) if asked.soak else []
        report.problems(grown)
        total = report.total(rows, last.counts() | {"grown": len(grown)})
        report.say(report.line(total))
        if parts.model and not total["answers"]:
            raise SystemExit("the assistant never answered: this proves nothing")
        return {**total, "rows": rows}
    finally:
        system.close()
        parts.close()


def main(arguments: list[str], application: str = OURS, faults=None) -> int:
    """Returns the exit code: 1 if any message was lost, duplicated, missing, miscounted or
    refused, or if the servers grew in a soak."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asked = options.read(arguments)
    asked.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="run-", dir=asked.folder))
    if (asked.channels or asked.webhooks) and application == OURS:
        application = HASTY
    facts = machine.describe(scratch)
    report.introduce(asked, facts, (AGENTS + VISITORS) * PAGES)
    try:
        result = asyncio.run(prove(asked, scratch / "system", application, faults))
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
