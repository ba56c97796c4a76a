"""Has routing look for what is to be decided: once a second, and soon after something was stored or
announced that may make a decision possible.

A thread of its own, so that neither mails nor a hundred closings delay it. Every process does it;
chat/routing/live.py decides once.
"""

import asyncio
import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from weakref import WeakKeyDictionary

from django.db import Error

from accounts.models import Member
from chat import clock, metrics, sweeps
from chat.database import call_once
from chat.delivery.hub import hub
from chat.delivery.threads import Thread
from chat.presence import leases
from chat.routing import live

log = logging.getLogger("kefu.routing")

THREAD = ThreadPoolExecutor(1, thread_name_prefix="kefu-routing")
EVERY = 1.0
"""Seconds between two looks. Guarantee 17 counts on less than two."""
PAUSE = 0.05
"""Seconds after a look: where something happens all the time, there are at most twenty a second."""
claimed: dict[str, datetime] = {}
"""When members got a conversation since the last look. It is stored with the look, as the
transaction that stores messages locks no member."""
answered: set[str] = set()
"""Who claimed one by answering since then: they miss no offers. Likewise stored with the look."""


def soon(**kwargs) -> None:
    """Asks for a look now, from any thread."""
    hub.call(lambda: current().wake.set())


def changed(threads: Iterable[Thread], **kwargs) -> None:
    """After a commit (changes.settled). Where no team routes, it costs a look into a set."""
    wake = False
    for thread in threads:
        if thread.ent_id not in live.routed:
            continue
        if thread.facts.get("claimed_by"):
            claimed[thread.claimed_by] = clock.now()
            if any(row.sender == thread.claimed_by for row in thread.rows):
                answered.add(thread.claimed_by)
        wake = wake or concerns(thread)
    if wake:
        soon()


def concerns(thread: Thread) -> bool:
    """Whether what a transaction changed may let routing decide: somebody is freer than before, or
    the conversation asks for somebody. A message in one that somebody holds does neither."""
    facts = thread.facts
    if thread.former_holder or thread.events or "open" in facts or "snoozed_until" in facts:
        return True
    return not thread.claimed_by and bool(facts or thread.joined)


def look() -> None:
    """One look, on this module's thread."""
    for who in list(claimed):
        Member.objects.filter(uuid=who).update(given_at=claimed.pop(who))
    while answered:
        leases.begin_anew(answered.pop())
    live.look()


class Router:
    """One event loop's looks."""

    def __init__(self):
        self.wake = asyncio.Event()
        self.throttled = metrics.ThrottledLog(metrics.WARN_EVERY)
        self.task = asyncio.create_task(self.run())

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                await asyncio.wait_for(self.wake.wait(), EVERY)
            except asyncio.TimeoutError:
                pass
            self.wake.clear()
            try:
                await loop.run_in_executor(THREAD, call_once, look)
            except Error as error:
                self.throttled.warn(log, "the database does not answer: %s", error)
                metrics.DATABASE_ERRORS.labels("chore").inc()
            except sweeps.Stopping:
                return
            except Exception:
                log.exception("a look for what is to be routed failed")
            await asyncio.sleep(PAUSE)


running: WeakKeyDictionary[asyncio.AbstractEventLoop, Router] = WeakKeyDictionary()


def current() -> Router:
    """The running loop's looks, begun at the first use (daphne knows no lifespan)."""
    loop = asyncio.get_running_loop()
    router = running.get(loop)
    if router is None or router.task.done():
        router = running[loop] = Router()
    return router
