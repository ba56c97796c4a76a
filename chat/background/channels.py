"""Serves the channels: fetches what has come, takes it in, and sends what was said. Each channel is
served by one process at a time, which any other one follows when it ends.
"""

import atexit
import logging
import threading
import time
import uuid
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from django.db import Error, connection
from django.utils import timezone

from chat import sweeps
from chat.channels import arrivals, deliveries, health, incoming, kinds, words
from chat.channels.contract import Failed
from chat.conversations.outgoing import is_said
from chat.database import closing
from chat.ledger.threads import Thread
from chat.models import Channel, ChannelArrival, ChannelDelivery

from .looks import Looks, PerLoop

log = logging.getLogger("kefu.channels")

THREAD = ThreadPoolExecutor(1, thread_name_prefix="kefu-channels")
WORKERS = ThreadPoolExecutor(40, thread_name_prefix="kefu-channels-work")
"""Messages that a process sends at once; they mostly wait for the other side."""
TAKERS = ThreadPoolExecutor(10, thread_name_prefix="kefu-channels-in")
"""Channels whose arrivals a process takes in at once."""
BATCH = 100
"""Arrivals of one channel that are taken in before others get their turn."""
RETRY, MOST_RETRY = 2.0, 60.0
"""Seconds after a failed fetch, doubled with each further one up to the second."""
EACH = 10
"""Messages of one channel that a process sends at once: one that is slow leaves room for others."""
IN, OUT = "in", "out"
LEASE = str(uuid.uuid4())


def changed(threads: Iterable[Thread], **kwargs) -> None:
    """After a commit (changes.settled): something may have been said that is to be sent."""
    if any(thread.channel and is_said(thread, row) for thread in threads for row in thread.rows):
        soon()


class Fetcher:
    """Fetches what comes by one channel, on a thread of its own, until `stopped`."""

    def __init__(self, channel: Channel):
        self.channel_id = channel.pk
        self.since = self.began = timezone.now()
        self.stopped, self.wake = threading.Event(), threading.Event()
        name = f"kefu-channel-{channel.key}"
        self.thread = threading.Thread(target=self.run, name=name, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.stopped.set()
        self.wake.set()

    def run(self) -> None:
        wait = RETRY
        while not self.stopped.is_set() and not sweeps.stopping.is_set():
            self.wake.clear()
            try:
                pause = closing(self.step)
                wait = RETRY
            except Error:
                pause, wait = wait, min(wait * 2, MOST_RETRY)
            except Exception:
                log.exception("a fetch failed")
                pause, wait = wait, min(wait * 2, MOST_RETRY)
            if pause is None:
                return
            if pause < 0:
                pause, wait = max(wait, -pause), min(wait * 2, MOST_RETRY)
            self.wake.wait(pause)

    def step(self) -> float | None:
        """One fetch. Returns the seconds until the next one; less than 0 after a failure (at least
        so many); None where the channel is not this process's any more."""
        self.began = timezone.now()
        channel = Channel.objects.on().filter(pk=self.channel_id, lease=LEASE).first()
        if channel is None:
            return None
        adapter, language = kinds.adapter_of(channel), words.spoken(channel)
        if not adapter.fetches(channel):
            return None
        connection.close()  # The other side may take its time.
        try:
            with language:
                page = adapter.fetch(channel)
        except Failed as failed:
            health.fails(channel, failed, timezone.now())
            return -max(failed.pause, MOST_RETRY if failed.breaks else 0.001)
        if not arrivals.keep(channel, page.arrived, page.cursor, LEASE):
            return None
        health.works(channel)
        if page.arrived:
            soon()
        return 0.0 if page.more else adapter.pause


class Runner:
    """What this process works on."""

    def __init__(self) -> None:
        self.fetchers: dict[int, Fetcher] = {}
        self.working: dict[tuple, Future] = {}
        """By IN and the channel whose arrivals are taken in; by OUT, channel and conversation of
        what is sent."""
        self.paused: dict[int, float] = {}
        """Until when (time.monotonic) nothing is sent by a channel."""

    def look(self) -> None:
        # A list: what ends meanwhile removes itself.
        self.working = {key: one for key, one in [*self.working.items()] if not one.done()}
        now = time.monotonic()
        served = health.serve(LEASE)
        for channel in served:
            sweeps.run_step(self.serve, channel.pk, channel, now)
        own = {channel.pk for channel in served}
        for key in self.fetchers.keys() - own:
            self.fetchers.pop(key).stop()

    def serve(self, key: int, channel: Channel, now: float) -> None:
        """One channel's turn."""
        if kinds.adapter_of(channel).fetches(channel):
            self.fetch(channel)
        name = IN, channel.pk
        if channel.comes and name not in self.working:
            self.working[name] = TAKERS.submit(closing, take_in_all, channel)
        if not channel.goes or self.paused.get(channel.pk, 0) > now:
            return
        room = EACH - sum(key[:2] == (OUT, channel.pk) for key in [*self.working])
        due = [(key_of(channel, one), one) for one in deliveries.due(channel)] if room > 0 else []
        for name, delivery in [one for one in due if one[0] not in self.working][:room]:
            self.working[name] = WORKERS.submit(closing, self.send, channel, delivery)

    def fetch(self, channel: Channel) -> None:
        """Has its fetcher run, and wakes it where the other side has called since."""
        one = self.fetchers.get(channel.pk)
        if one is None or not one.thread.is_alive():
            self.fetchers[channel.pk] = Fetcher(channel)
            return
        health.listens(channel, one.since, timezone.now())
        if channel.heard_at and channel.heard_at > one.began:
            one.wake.set()

    def send(self, channel: Channel, delivery: ChannelDelivery) -> None:
        try:
            if pause := deliveries.send(channel, delivery):
                self.paused[channel.pk] = time.monotonic() + pause
        except Exception as error:
            # Its text may hold what somebody wrote.
            log.error("a message was not sent: %s", type(error).__name__)
        finally:
            self.working.pop(key_of(channel, delivery), None)
            soon()


def key_of(channel: Channel, delivery: ChannelDelivery) -> tuple:
    return OUT, channel.pk, delivery.conversation_id


def take_in_all(channel: Channel) -> None:
    """Takes in what has come, in the order of each of them who sent it."""
    held, found = set(), arrivals.waiting(channel, BATCH)
    for arrival in found:
        if arrival.who in held:
            continue
        try:
            incoming.take_in(channel, arrival)
        except Failed as error:
            held.add(arrival.who)
            later(arrival, error.code)
        except Error:
            raise
        except Exception as error:
            held.add(arrival.who)
            if getattr(error, "code", "") == "unavailable":  # The database refuses all.
                later(arrival, "unavailable")
                break
            given_up(channel, arrival, error)
    if found:  # Else those that are due wait behind others of the same people.
        soon()


def later(arrival: ChannelArrival, code: str) -> None:
    log.info("what came is taken in later: %s", code)
    arrivals.put_off(arrival, deliveries.DELAYS[min(arrival.tries, 3)])


def given_up(channel: Channel, arrival: ChannelArrival, error: Exception) -> None:
    """What cannot be taken in is tried again later, and then left: it must not hold up the others.
    Its row stays, and says so in the log."""
    log.error("what came cannot be taken in: %s", type(error).__name__, exc_info=error)
    if arrival.tries < len(deliveries.DELAYS) // 2:
        arrivals.put_off(arrival, deliveries.DELAYS[arrival.tries])
    else:
        ChannelArrival.objects.filter(pk=arrival.pk).update(done_at=timezone.now())


def leave() -> None:
    """Leaves the channels to other processes, at the end of this one."""
    with suppress(Error):
        closing(health.release, LEASE)


def begin() -> Looks:
    # Called once the threads that still send have ended.
    atexit.register(leave)
    return Looks(THREAD, log, Runner().look)


current = PerLoop(begin)
soon = current.soon
