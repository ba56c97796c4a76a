"""What happens between several machines: the faults of `bin/crash --hosts 2`, as data.

HOST stands for the host that fails, which is another one each time.
"""

import asyncio
import time
from dataclasses import dataclass
from random import Random

from .hosts import CLIENTS, DATABASE, HOSTS, NGINX, REDIS, Host, Hosts
from .network import Network
from .page import Page

HOST = "host"
Line = tuple[str, str]
"""Two machines."""


@dataclass(frozen=True)
class Scenario:
    """A fault of the network, or of a machine."""

    name: str
    seconds: tuple[float, float] = (0, 0)
    """How long it lasts, at random between these."""
    cut: tuple[Line, ...] = ()
    """Packets from the first machine to the second one vanish."""
    forget: tuple[Line, ...] = ()
    """The connections between these are forgotten: their packets vanish for good."""
    close: tuple[Line, ...] = ()
    """While the lines are cut, the first machine ends its connections with the second one."""
    slow: tuple[Line, ...] = ()
    """Between these a round trip takes 20 ± 5 ms, and 1 % of the packets are lost."""
    clock: str = ""
    """By how much the clock of HOST is wrong, such as "+10m"."""
    act: str = ""
    """What HOST does: `renew` its processes, `restart`, `kill` them all, or `freeze`; or
    another one with `another key` is prepared."""
    unseen: bool = False
    """Whether no request may fail meanwhile."""
    heard: bool = True
    """Whether clients on HOST are heard and answered, so that they must be told."""
    gone: bool = False
    """Whether the listener of HOST must be shown as offline."""
    ready: tuple[tuple[str, int], ...] = ()
    """What HOST answers monitors meanwhile: paths, and the status of each."""

    @property
    def __name__(self) -> str:
        return self.name

    async def __call__(self, system: Hosts, pages: list[Page], chance: Random) -> None:
        host, watch, network = chance.choice(HOSTS), system.watch, system.network
        worker = system.workers[HOSTS.index(host)]
        await watch.prepare(host)
        ends = time.monotonic() + chance.uniform(*self.seconds)
        if self.gone:
            watch.leave(host)
        self.strike(network, host)
        gateways = pages[0].book.gateways
        await self.change(worker, watch)
        for path, status in self.ready:
            await watch.expect(host, path, status)
        if self.gone:
            await watch.see_gone(host)
        await asyncio.sleep(max(0.0, ends - time.monotonic()))
        if not self.forget:
            network.heal()
        if self.act == "freeze":
            worker.thaw()
        await watch.recover(self.heard)
        if self.unseen and (failed := pages[0].book.gateways - gateways):
            watch.wrong.append(f"late: {failed} requests got 502")
        network.heal()
        if self.clock:
            worker.set_clock("")
            await restart(worker)

    def strike(self, network: Network, host: str) -> None:
        for line in self.cut:
            network.cut(*named(line, host))
        for line in self.forget:
            network.forget(*named(line, host))
        for line in self.close:
            network.close_unseen(*named(line, host))
        for line in self.slow:
            network.slow(*named(line, host), delay=0.01, jitter=0.0025, loss=0.01)

    async def change(self, worker: Host, watch) -> None:
        if self.clock:
            worker.set_clock(self.clock)
        if self.clock or self.act == "restart":
            await restart(worker)
        elif self.act == "renew":
            worker.renew()
        elif self.act == "kill":
            worker.kill()
            worker.start()
            await worker.ready()
        elif self.act == "freeze":
            worker.freeze()
        elif self.act == "another key":
            if await asyncio.to_thread(worker.takes_another_key):
                watch.wrong.append("late: another SECRET_KEY was not refused")


async def restart(worker: Host) -> None:
    await worker.end()
    worker.start()
    await worker.ready()


def named(line: Line, host: str) -> Line:
    return tuple(host if name == HOST else name for name in line)


def both(*lines: Line) -> tuple[Line, ...]:
    """Both directions of lines."""
    return tuple(way for line in lines for way in (line, line[::-1]))


TO_REDIS, TO_DATABASE, TO_CLIENTS = (HOST, REDIS), (HOST, DATABASE), (HOST, NGINX)
DIRECT = (HOST, CLIENTS)
"""The line of the listener, who does not come through nginx."""
DEGRADED = (("/health/ready/", 503), ("/health/ready/?only=database", 200))
SCENARIOS = (
    Scenario("nothing", (5, 8)),
    Scenario("redis cut", (15, 30), cut=both(TO_REDIS), ready=DEGRADED),
    Scenario("redis deaf", (15, 25), cut=(TO_REDIS[::-1],)),
    Scenario("redis dumb", (15, 25), cut=(TO_REDIS,)),
    Scenario("redis forgotten", forget=(TO_REDIS,)),
    Scenario("redis closed", (20, 30), cut=both(TO_REDIS), close=(TO_REDIS[::-1],)),
    Scenario("database cut", (45, 90), cut=both(TO_DATABASE)),
    Scenario("database deaf", (20, 40), cut=(TO_DATABASE,)),
    Scenario("database dumb", (20, 40), cut=(TO_DATABASE[::-1],)),
    Scenario("database forgotten", forget=(TO_DATABASE,)),
    Scenario("database closed", (10, 20), cut=both(TO_DATABASE), close=(TO_DATABASE[::-1],)),
    Scenario("both cut", (30, 60), cut=both(TO_DATABASE, TO_REDIS)),
    Scenario("clients cut", (45, 60), cut=both(TO_CLIENTS), heard=False),
    Scenario("clients unanswered", (45, 60), cut=(TO_CLIENTS,), heard=False),
    Scenario("clients unheard", (45, 60), cut=(TO_CLIENTS[::-1],), heard=False),
    Scenario("clients forgotten", forget=(TO_CLIENTS,), heard=False),
    Scenario("client gone", cut=both(DIRECT), gone=True),
    Scenario(
        "alone",
        (70, 90),
        cut=both(TO_DATABASE, TO_REDIS, TO_CLIENTS, DIRECT),
        heard=False,
        gone=True,
    ),
    Scenario("slow database", (20, 30), slow=(TO_DATABASE,)),
    Scenario("slow everything", (20, 30), slow=(TO_DATABASE, TO_REDIS, TO_CLIENTS)),
    Scenario("clock ahead", (45, 60), clock="+10m"),
    Scenario("clock behind", (45, 60), clock="-10m"),
    Scenario("renew", (10, 15), act="renew", unseen=True),
    Scenario("restart", (10, 15), act="restart", unseen=True),
    Scenario("another key", (3, 5), act="another key"),
    Scenario("kill", (10, 15), act="kill"),
    Scenario("freeze", (20, 40), act="freeze", heard=False),
)
