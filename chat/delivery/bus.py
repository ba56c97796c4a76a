"""Announcements between processes, through the channel layer; with one process, nothing.

The bus is a hint: what it loses arrives with the next sync. So sending never waits for it,
never fails because of it, and what cannot be sent is dropped.

Who only listens never learns that a connection is dead. So each process tells itself something now
and then, and where it does not hear that, it begins anew with other connections.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable
from typing import TypeVar
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings

from chat import metrics
from chat.limits import SHARE_EVERY, limits
from chat.presence.leases import NODE_ID

from .hub import hub

log = logging.getLogger("kefu.bus")
T = TypeVar("T")

MAX_WAITING = 1_000
"""Announcements waiting for the layer; older ones are dropped when it stands still."""
TIMEOUT = 5
"""Seconds for one send before it is given up."""
PATIENCE = 1
"""Seconds that a new socket waits for its enterprise's subscription."""
RETRY = 1
"""Seconds until a failed subscription is tried again."""
ECHO_EVERY = 3
"""Seconds between two things that a process tells itself."""
DEAF_AFTER = 10
"""Seconds without hearing anything after which the connection counts as dead."""
LOOK_EVERY = 5
"""Seconds until a process that was not alone looks whether it is now."""
LIMITS = "limits"
"""The layer's group in which processes tell each other what counts towards limits."""


def send(announcement) -> None:
    """Tells the other processes, from any thread."""
    if not settings.REDIS_URL:
        return
    message = {
        "type": "announcement",
        "node": NODE_ID,
        "ent_id": announcement.ent_id,
        "events": [list(event) for event in announcement.events],
        "unread": [list(value) for value in announcement.unread],
    }
    group = group_of(announcement.ent_id)
    if hub.loop is None or hub.loop.is_closed():
        async_to_sync(send_now)(group, message)
    else:
        hub.call(lambda: current().put(group, message))


class Deaf(Exception):
    """Nothing has come for a while, not even what this process told itself."""


def group_of(ent_id: str) -> str:
    """The layer's group of an enterprise; names have at most 99 characters there."""
    return f"ent.{ent_id[:90]}"


async def send_now(group: str, message: dict) -> None:
    try:
        await within(TIMEOUT, get_channel_layer().group_send(group, message))
        state.works()
        metrics.BUS.labels("sent").inc()
    except Exception as error:
        state.fails(error)
        metrics.BUS.labels("failed").inc()


async def within(seconds: float, coming: Awaitable[T]) -> T:
    """What is awaited. Raises asyncio.TimeoutError after so many seconds.

    Python's wait_for loses, before 3.12, a cancellation that comes together with the result: the
    end of the loop would wait for ever for a task that goes on.
    """
    task = asyncio.ensure_future(coming)
    try:
        done, _late = await asyncio.wait([task], timeout=seconds)
        if not done:
            raise asyncio.TimeoutError
        return task.result()
    finally:
        task.cancel()


class State:
    """Whether the layer works, told once when it changes and not at every try."""

    def __init__(self):
        self.broken = False

    def works(self) -> None:
        if self.broken:
            log.warning("the channel layer is there again")
        self.broken = False

    def fails(self, error: Exception) -> None:
        if not self.broken:
            log.warning("the channel layer is not there, messages arrive later: %r", error)
        self.broken = True


state = State()


class Bus:
    """One event loop's end of the bus: a task that sends, one that receives."""

    def __init__(self):
        self.waiting: deque[tuple[str, dict]] = deque(maxlen=MAX_WAITING)
        self.wake = asyncio.Event()
        self.own = f"node.{NODE_ID}"
        self.look_at = 0.0
        self.wanted = {LIMITS: asyncio.Event(), self.own: asyncio.Event()}
        self.asked = asyncio.Event()
        self.heard_at = time.monotonic()
        work = (self.send(), self.receive(), self.share(), self.echo())
        self.tasks = [asyncio.create_task(part) for part in work]

    def put(self, group: str, message: dict) -> None:
        if len(self.waiting) == MAX_WAITING:
            metrics.BUS.labels("dropped").inc()
        self.waiting.append((group, message))
        self.wake.set()

    async def subscribe(self, ent_id: str) -> None:
        """This process has a socket of the enterprise, so it wants its announcements.

        Waits until they come, so that nothing falls between this and what is read next; but
        not for long, since a socket works without the bus.
        """
        joined = self.wanted.setdefault(group_of(ent_id), asyncio.Event())
        self.asked.set()
        if state.broken:
            return  # All who connect meanwhile would wait in vain, and in each other's way.
        try:
            await within(PATIENCE, joined.wait())
        except asyncio.TimeoutError:
            pass

    async def send(self) -> None:
        while True:
            await self.wake.wait()
            self.wake.clear()
            while self.waiting:
                group, message = self.waiting.popleft()
                if message["type"] != "announcement" or not await self.is_alone():
                    await send_now(group, message)

    async def is_alone(self) -> bool:
        """Whether no other process listens. What is sent then comes back to this one alone, which
        cost a tenth of all CPU. Each process listens to its own name before it listens to an
        enterprise, so whoever would hear an announcement is among the names."""
        if time.monotonic() < self.look_at:
            return False
        try:
            names = await within(TIMEOUT, listening())
        except Exception as error:
            log.info("it is not known who listens: %r", error)
            names = set()
        if names == {self.own}:
            return True
        self.look_at = time.monotonic() + LOOK_EVERY
        return False

    async def share(self) -> None:
        """Tells what was taken here of the limits, so that they hold for all processes."""
        while True:
            await asyncio.sleep(SHARE_EVERY)
            if news := limits.pending_update():
                self.put(LIMITS, {"type": "limits", "node": NODE_ID, **news})

    async def echo(self) -> None:
        """Tells this process itself something, which `listen` counts on."""
        while True:
            await asyncio.sleep(ECHO_EVERY)
            self.put(self.own, {"type": "echo", "node": NODE_ID})

    async def receive(self) -> None:
        """Takes what other processes announce; begins anew after any failure."""
        while True:
            layer = get_channel_layer()
            try:
                await self.listen(layer)
            except Exception as error:
                state.fails(error)
                metrics.BUS.labels("receive_failed").inc()
                await asyncio.sleep(RETRY)
                await drop_connections(layer)

    async def listen(self, layer) -> None:
        channel = await within(TIMEOUT, layer.new_channel())
        for joined in self.wanted.values():
            joined.clear()
        self.asked.set()
        self.heard_at = time.monotonic()
        tasks = {}
        try:
            while True:
                if "message" not in tasks:
                    tasks["message"] = asyncio.create_task(layer.receive(channel))
                if "asked" not in tasks:
                    tasks["asked"] = asyncio.create_task(self.asked.wait())
                await asyncio.wait(
                    tasks.values(), timeout=ECHO_EVERY, return_when=asyncio.FIRST_COMPLETED
                )
                if tasks["message"].done():
                    self.heard_at = time.monotonic()
                elif time.monotonic() - self.heard_at > DEAF_AFTER:
                    raise Deaf("the channel layer brings nothing")
                if tasks["asked"].done():
                    del tasks["asked"]
                    self.asked.clear()
                    for group, joined in list(self.wanted.items()):
                        if not joined.is_set():
                            await within(TIMEOUT, layer.group_add(group, channel))
                            joined.set()
                if tasks["message"].done():
                    message = tasks.pop("message").result()
                    state.works()
                    if message.get("node") == NODE_ID:
                        continue
                    if message["type"] == "limits":
                        limits.apply_update(message["node"], message)
                    else:
                        hub.deliver(message["ent_id"], message["events"], message["unread"])
        finally:
            for task in tasks.values():
                task.cancel()


async def listening() -> set[str]:
    """The names of the processes that listen."""
    name, redis = await connection_for("node.")
    found = await redis.pubsub_channels(f"{name}*")
    return {f"node.{one.decode().removeprefix(name)}" for one in found}


async def count_in(name: str, who: str, seconds: int) -> int:
    """Counts `who` at `name` for so many seconds, and says how many are counted there now, by all
    processes. 0 where nothing counts for them."""
    if not settings.REDIS_URL:
        return 0
    try:
        return await within(TIMEOUT, count_now(name, who, seconds))
    except Exception as error:
        log.info("it is not known how many there are at %s: %r", name, error)
        return 0


async def count_now(name: str, who: str, seconds: int) -> int:
    name, redis = await connection_for(name)
    now = time.time()
    at_once = redis.pipeline()
    at_once.zremrangebyscore(name, 0, now)
    at_once.zadd(name, {who: now + seconds})
    at_once.zcard(name)
    at_once.expire(name, seconds)
    return (await at_once.execute())[2]


async def count_out(name: str, who: str) -> None:
    """`who` is not counted any more."""
    if not settings.REDIS_URL:
        return
    try:
        name, redis = await connection_for(name)
        await within(TIMEOUT, redis.zrem(name, who))
    except Exception as error:
        log.info("somebody stays counted at %s for a while: %r", name, error)


async def connection_for(name: str):
    """The layer's connection, which it keeps to itself, and the key for a name of ours there."""
    layer = get_channel_layer()
    key = layer._get_group_channel_name(name)
    shard = layer._get_shard(key)
    async with shard._lock:
        shard._ensure_redis()
    return key, shard._redis


async def drop_connections(layer) -> None:
    """Has the layer open new connections. One that answers nothing may hold up its closing."""
    try:
        await within(TIMEOUT, layer.flush())
    except Exception as error:
        log.info("a connection to the channel layer was not closed: %r", error)


buses: WeakKeyDictionary[asyncio.AbstractEventLoop, Bus] = WeakKeyDictionary()


def current() -> Bus:
    """The running loop's end of the bus, made at its first use."""
    loop = asyncio.get_running_loop()
    bus = buses.get(loop)
    if bus is None:
        bus = buses[loop] = Bus()
    return bus


async def subscribe(ent_id: str) -> None:
    if settings.REDIS_URL:
        await current().subscribe(ent_id)
