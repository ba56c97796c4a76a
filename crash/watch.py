"""The promises about time where machines fail: what patient pages, listeners and a guest measure in
a cycle, and what of it came too late."""

import asyncio
import time
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from .hosts import HOSTS, Hosts
from .page import Person
from .patient import Guest, Listener, PatientPage

AGENTS, VISITORS = 4, 7
"""People of the plan that the watch needs: two patient agents, and at each host a listener who is
in both teams; six patient visitors and the guest."""
ON_EACH = 2
"""Patient pages that must be on the host that fails, and on the other one."""
SOON = 2
"""Seconds within which a push counts as one."""
LOOK = 1
"""Seconds between two looks at who is there."""
GIVEN_UP = 90
"""Seconds after the end of a fault after which a promise is taken for broken."""
LIMITS = {"told": 15, "ready": 15, "pages": 60, "pushes": 15, "gone": 60, "present": 60}
"""The longest that each may take, in seconds."""


@dataclass
class Times:
    """In seconds; None where nothing was to be measured.

    told: the longest that a sender waited for an answer on an open socket.
    pages: the longest that a page could send nothing, whatever it tried.
    pushes: from when the network was whole, or had forgotten, until nothing had to be asked for.
    gone: until who was cut off was shown as offline.
    present: from when the network was whole until everybody who was there was shown as such.
    """

    told: float | None = None
    pages: float | None = None
    pushes: float | None = None
    gone: float | None = None
    present: float | None = None

    def sentences(self) -> list[str]:
        """One for each promise that was broken."""
        found = vars(self).items()
        return [
            f"late: {name} {value:.1f} s, at most {LIMITS[name]}"
            for name, value in found
            if value is not None and value > LIMITS[name]
        ]


class Watch:
    """Everybody who measures. `lives` are the tasks that keep them connected."""

    def __init__(self, simulation):
        """Its pages are pages of the simulation, too."""
        self.system: Hosts = simulation.system
        self.plan = plan = simulation.plan
        seed = simulation.asked.seed
        staff = plan["agents"][-AGENTS:]
        agents = [facts for facts in staff if len(facts["teams"]) == 1]
        everywhere = [facts for facts in staff if facts not in agents]
        *visitors, guest = plan["visitors"][-VISITORS:]
        self.pages: list[PatientPage] = []
        for number, facts in enumerate([*agents, *visitors]):
            person = Person(facts, plan["enterprise"])
            person.colleagues = simulation.agents
            self.pages.append(simulation.open_page(person, f"patient {number}", PatientPage))
        self.listeners = {
            name: Listener(facts, self.system.address(name), Random(f"{seed} {name}"))
            for name, facts in zip(HOSTS, everywhere, strict=True)
        }
        self.lives = [asyncio.create_task(one.stay_connected()) for one in self.listeners.values()]
        asked = Person(guest, plan["enterprise"])
        self.guest = Guest(asked.socket, asked.cookie, [], Random(seed))
        self.team = guest["team"]
        self.times = Times()

    async def prepare(self, host: str) -> None:
        """Waits until enough patient pages are on that host, and on the other, and everybody is
        there; but not for ever, as the cycle before may have found that they do not come."""
        begun = time.monotonic()
        while not (await self.is_balanced(host) and await self.count_right()):
            await asyncio.sleep(0.2)
            if time.monotonic() - begun > GIVEN_UP:
                break
        self.since, self.whole = time.monotonic(), None
        self.times = Times()
        self.wrong: list[str] = []

    async def is_balanced(self, host: str) -> bool:
        if not all(page.accepted for page in self.pages):
            return False
        there = [page for page in self.pages if page.server == self.system.address(host)]
        others = [page for page in self.pages if page.server and page not in there]
        for few, many in ((there, others), (others, there)):
            if len(few) < ON_EACH and many:
                many[0].attempt = 0
                many[0].cut()
                await asyncio.sleep(1.5)
                return False
        return len(there) >= ON_EACH and len(others) >= ON_EACH

    async def count_right(self) -> bool:
        """Whether each host tells the right number of agents of the guest's team."""
        wanted = sum(self.team in agent["teams"] for agent in self.plan["agents"])
        found = [await self.guest.look(self.system.address(name)) for name in HOSTS]
        return found == [wanted, wanted]

    async def expect(self, host: str, path: str, status: int) -> None:
        """Waits until monitors get that status there."""
        began, found = time.monotonic(), 0
        while found != status and time.monotonic() - began < LIMITS["ready"]:
            found, _facts = await asyncio.to_thread(self.system.get, host, path)
            await asyncio.sleep(0.2)
        if found != status:
            self.wrong.append(f"late: {path} is {found}, not {status}")

    def leave(self, host: str) -> None:
        """The listener of that host is to be taken for gone from now on."""
        self.listeners[host].still = True
        for listener in self.listeners.values():
            listener.left.clear()

    async def see_gone(self, host: str) -> None:
        """Waits until the other host tells that the listener of this one is offline."""
        who = self.listeners[host].who
        (other,) = [self.listeners[name] for name in HOSTS if name != host]
        while who not in other.left and time.monotonic() - self.since < GIVEN_UP:
            await asyncio.sleep(0.2)
        self.times.gone = other.left.get(who, time.monotonic()) - self.since
        self.listeners[host].still = False
        self.listeners[host].cut()

    async def recover(self, heard: bool) -> None:
        """The network is whole, or as it will stay: waits until everything works, and takes down
        how long that took. `heard` says whether clients reached their host all the time: a sender
        whose line is cut is told nothing."""
        self.whole = time.monotonic()
        looks = asyncio.create_task(self.see_present())
        while self.is_waiting() and time.monotonic() - self.whole < GIVEN_UP:
            await asyncio.sleep(0.2)
        await looks
        self.take_down(heard)

    def is_waiting(self) -> bool:
        """Whether a page has nothing accepted since, or pushes are not back for a while."""
        now = time.monotonic()
        if any(max(page.accepted.values(), default=0) < self.whole for page in self.pages):
            return True
        return self.last_missing() > now - 5 - SOON or now < self.whole + 5 + SOON

    def last_missing(self) -> float:
        """When the last message was accepted that was not pushed soon to every listener."""
        late = self.whole
        for page in self.pages:
            for client_id, at in page.accepted.items():
                if at <= late or time.monotonic() - at < SOON:
                    continue
                heard = [one.pushed.get(client_id) for one in self.listeners.values()]
                if any(when is None or when > at + SOON for when in heard):
                    late = at
        return late

    async def see_present(self) -> None:
        while not await self.count_right() and time.monotonic() - self.whole < GIVEN_UP:
            await asyncio.sleep(LOOK)
        self.times.present = time.monotonic() - self.whole

    def take_down(self, heard: bool) -> None:
        now, gaps, waits = time.monotonic(), [0.0], [0.0]
        for page in self.pages:
            served = [at for at in page.accepted.values() if at > self.since - 5]
            gaps += [after - before for before, after in pairwise([*served, now])]
            waits += [took for sent, took in page.waits if sent + took > self.since]
            if page.wire:
                waits += [now - sent for sent in page.asked.values()]
        self.times.pushes = self.last_missing() - self.whole
        self.times.pages = max(gaps)
        self.times.told = max(waits) if heard else None

    def sentences(self) -> list[str]:
        """What came too late in this cycle."""
        return [*self.times.sentences(), *self.wrong]
