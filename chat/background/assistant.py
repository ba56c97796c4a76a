"""Has the assistant answer: once a second, and soon after a visitor has written to it, in every
process. It is present where a process runs, as a bot is where its socket is.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from accounts.models import Assistant
from chat import sweeps
from chat.assistant import answering, drafts, queued
from chat.database import call_once, closing
from chat.ledger.threads import Thread
from chat.presence import leases

from . import looks
from .looks import Looks, PerLoop

log = logging.getLogger("kefu.assistant")

THREAD = ThreadPoolExecutor(1, thread_name_prefix="kefu-assistant")
DATABASE = ThreadPoolExecutor(1, thread_name_prefix="kefu-assistant-rows")
"""One, so that two hundred answers leave the process to people; a thread that waits for a model
holds no connection."""
MODEL = ThreadPoolExecutor(200, thread_name_prefix="kefu-assistant-model")
"""Answers at once in a process; they mostly wait for the endpoint."""
ASKED = ThreadPoolExecutor(20, thread_name_prefix="kefu-assistant-asked")
"""What agents wait for at a socket, so that no number of visitors delays it, nor it them."""
MOST = 100
"""Answers of one enterprise, whose endpoint may hang, that a process works on at once."""
QUEUED = 4
"""Trials, drafts and rehearsed questions that a process works on at once, so that they leave the
endpoint to visitors."""
LONGEST_PAUSE = 0.01
"""Seconds. After a question was taken the next one waits for as long as that took: where hundreds
ask at once, people's messages are stored in between."""
TYPING_EVERY = 3
"""Seconds between two signs that an answer is being written: pages show one for six."""
PRESENCE_EVERY = 15
"""Seconds between two renewals of the assistants' leases, as upkeep does for people."""


def changed(threads: Iterable[Thread], **kwargs) -> None:
    """After a commit (changes.settled): somebody may wait for an assistant."""
    if any(thread.asked for thread in threads):
        current.soon()


async def run(function: Callable, *args: Any) -> Any:
    """The result of `function(*args, database)`, which may wait for the model."""
    return await asyncio.wrap_future(ASKED.submit(closing, function, *args, on_database))


def on_database(function: Callable, *args: Any) -> Any:
    return DATABASE.submit(paced, function, *args).result()


def paced(function: Callable, *args: Any) -> Any:
    """The result of `function(*args)`; of taking a question after a pause."""
    if function is not answering.take:
        return call_once(function, *args)
    time.sleep(max(0.0, pause.until - time.monotonic()))
    began = time.monotonic()
    try:
        return call_once(function, *args)
    finally:
        now = time.monotonic()
        pause.until = now + min(now - began, LONGEST_PAUSE)


class Pause:
    """When the next question may be taken, of time.monotonic."""

    until = 0.0


pause = Pause()


class Runner:
    """What this process works on, and the assistants that are present by it."""

    def __init__(self):
        self.working: dict[object, tuple[str, Future]] = {}
        """Enterprises' codes and futures, by conversation or by the key of a task."""
        self.present: dict[str, float] = {}
        self.looked = self.shown = 0.0
        """When it looked for everything, and when visitors were shown that it is typing."""

    def look(self) -> None:
        """One look, on this module's thread. Where many ask at once there are twenty a second: all
        but the answers is done once a second."""
        self.working = {key: one for key, one in self.working.items() if not one[1].done()}
        counts = Counter(ent_id for ent_id, _future in self.working.values())
        waiting = answering.waiting()
        for ent_id, group, _visitor in waiting:
            if group not in self.working and counts[ent_id] < MOST:
                counts[ent_id] += 1
                self.begin(ent_id, group, answering.answer, ent_id, group)
        now = time.monotonic()
        if now - self.looked < looks.EVERY:
            return
        self.looked = now
        if self.working:
            answering.renew(self.working)
        if now - self.shown > TYPING_EVERY:
            self.shown = now
            answering.show_typing([one for one in waiting if one[1] in self.working])
        for name in ("keep_present", "whisper", "take_queued"):
            sweeps.run_step(self.do, name)

    def do(self, name: str) -> None:
        """One part of a look: where it fails the others go on."""
        getattr(self, name)()

    def whisper(self) -> None:
        """Has the drafts made that are missing."""
        found = Assistant.objects.filter(mode=Assistant.Mode.WHISPER, member__status=0)
        found = found.select_related("enterprise", "member")
        drafts.due([one for one in found if one.is_set_up])

    def take_queued(self) -> None:
        room = QUEUED - sum(isinstance(key, int) for key in self.working)
        for task in queued.take(room) if room > 0 else ():
            self.begin(task.ent_id, task.pk, queued.perform, task)

    def begin(self, ent_id: str, key: object, function: Callable, *args: Any) -> None:
        future = MODEL.submit(closing, self.attempt, function, *args, on_database)
        self.working[key] = ent_id, future

    def attempt(self, function: Callable, *args: Any) -> None:
        try:
            function(*args)
        except Exception as error:
            # Its text may hold what somebody wrote.
            log.error("the assistant failed: %s", type(error).__name__)
        finally:
            # What `answer` leaves is another process's, or waits for a while.
            if function is not answering.answer:
                current.soon()

    def keep_present(self) -> None:
        """Renews the leases of the assistants that answer, and ends those of the others."""
        answer = Assistant.objects.filter(mode=Assistant.Mode.ANSWER, member__status=0)
        here, now = set(answer.values_list("member__uuid", flat=True)), time.monotonic()
        if gone := self.present.keys() - here:
            leases.release(sorted(gone))
        self.present = {who: at for who, at in self.present.items() if who in here}
        due = {who for who, at in self.present.items() if now - at > PRESENCE_EVERY}
        for who, anew in ((here - self.present.keys(), True), (due, False)):
            if who:
                leases.renew(sorted(who), leases.NODE_ID, leases.LEASE, anew)
                self.present |= dict.fromkeys(who, now)


current = PerLoop(lambda: Looks(THREAD, log, Runner().look))
