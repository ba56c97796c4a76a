"""Clients that measure: pages as patient as real ones (static/js/connection), and sockets that only
listen, so that what they have was pushed."""

import asyncio
import time

from . import habits
from .line import TROUBLE, Connection
from .page import LATER, Page

PING, BEAT, ANSWER = 25, 30, 10
"""Seconds between pings and between syncs, and until a page gives up a line without an answer, as
in socket.js."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30
EVERY = 1
"""Seconds between two messages of a page."""
BY_HTTP = 0.3
"""The part of the messages that are posted beside."""
LISTENS = 5
"""Seconds between two pings of a listener: it is to find a dead line itself, and soon."""


def pause(chance, attempt: int, longest: float = LONGEST_PAUSE) -> float:
    """Seconds until a page tries to connect again, as in socket.js."""
    ceiling = min(longest, FIRST_PAUSE * 2**attempt)
    return ceiling / 2 + ceiling / 2 * chance.random()


class PatientPage(Page):
    """Writes something every second, and takes down how long it waits."""

    def __init__(self, *facts):
        super().__init__(*facts)
        self.patience = ANSWER
        self.attempt = 0
        self.ping_at = self.beat_at = 0.0
        self.pinged: float | None = None
        self.asked: dict[str, float] = {}
        """When a message that waits for an answer was sent on this connection."""
        self.waits: list[tuple[float, float]] = []
        """When a message was sent, and the seconds until it was accepted or refused."""
        self.accepted: dict[str, float] = {}
        """When a message was accepted first, by client_id."""

    @property
    def server(self) -> str:
        """The server behind nginx that serves this page now, or ""."""
        return self.wire.response.headers.get("X-Upstream", "") if self.wire else ""

    def pause(self) -> float:
        self.attempt += 1
        return pause(self.chance, self.attempt - 1)

    def is_impatient(self) -> bool:
        now = time.monotonic()
        if self.wire is None:
            return now - self.heard > ANSWER
        return self.pinged is not None and self.heard < self.pinged < now - ANSWER

    def on_hello(self, event: dict) -> None:
        now = time.monotonic()
        self.attempt, self.pinged = 0, None
        self.ping_at, self.beat_at = now + PING, now + BEAT
        self.asked.clear()
        super().on_hello(event)

    def tick(self) -> None:
        super().tick()
        now = time.monotonic()
        if self.wire and now > self.ping_at:
            self.ping_at, self.pinged = now + PING, now
            self.send({"type": "ping"})
        if self.wire and now > self.beat_at:
            self.beat_at = now + BEAT
            self.sync()

    def send(self, frame: dict) -> None:
        if self.wire and frame["type"] == "message.send":
            self.asked.setdefault(frame["client_id"], time.monotonic())
        super().send(frame)

    def on_event(self, event: dict) -> None:
        if event["type"] == "message.accepted":
            self.accepted.setdefault(event["client_id"], time.monotonic())
            self.answered(event["client_id"])
        elif event["type"] == "error" and event["code"] in LATER:
            self.answered(event.get("client_id"))
        super().on_event(event)

    def answered(self, client_id: str | None) -> None:
        if sent := self.asked.pop(client_id, None):
            self.waits.append((sent, time.monotonic() - sent))

    async def talk(self, until: asyncio.Event) -> None:
        """Writes a message whenever the one before is accepted."""
        while not until.is_set():
            if not self.waiting and (frame := habits.new_message(self)):
                self.write(frame)
                if self.chance.random() < BY_HTTP:
                    self.post(frame)
            await asyncio.sleep(EVERY)


class Listener(Connection):
    """A socket of an agent at one host, which asks for nothing that it missed."""

    def __init__(self, plan: dict, server: str, chance):
        super().__init__("/ws/agent/", plan["cookie"], [server], chance)
        self.who, self.patience = plan["who"], LISTENS
        self.still = False
        """Whether it says nothing and gives nothing up, as a page whose device is gone."""
        self.ping_at = 0.0
        self.waits = False
        self.pushed: dict[str, float] = {}
        """When a message came, by client_id."""
        self.left: dict[str, float] = {}
        """When a member was told to be offline."""

    def pause(self) -> float:
        return pause(self.chance, 0)

    def expects_answer(self) -> bool:
        return not self.still and (self.wire is None or self.waits)

    def tick(self) -> None:
        if self.wire and not self.still and time.monotonic() > self.ping_at:
            self.ping_at = time.monotonic() + LISTENS
            self.send({"type": "ping"})
            self.waits = True

    def on_hello(self, event: dict) -> None:
        self.waits = False

    def on_event(self, event: dict) -> None:
        now = time.monotonic()
        self.waits = False
        if event["type"] == "message.posted":
            self.pushed.setdefault(event["message"]["client_id"], now)
        elif event["type"] == "presence" and event.get("online") is False:
            self.left.setdefault(event.get("member"), now)


class Guest(Connection):
    """A visitor who only looks how many agents of their team are there."""

    async def look(self, server: str) -> int | None:
        """The number that a host tells, or None if it does not answer in time."""
        self.servers, self.patience, self.found = [server], ANSWER, None
        try:
            await self.connect_once()
        except TROUBLE:
            pass
        self.wire = None
        return self.found

    def is_impatient(self) -> bool:
        return self.found is not None or super().is_impatient()

    def expects_answer(self) -> bool:
        return self.wire is None

    def tick(self) -> None:
        pass

    def on_hello(self, event: dict) -> None:
        self.found = event["team"]["online"] + event["team"]["busy"]

    def on_event(self, event: dict) -> None:
        pass
