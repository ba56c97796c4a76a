"""Visitors of the storms who come to a chat for the first time."""

import asyncio
import time
from typing import NamedTuple

from . import written
from .storm_crowd import Crowd
from .storm_pages import Writer, cookie_line, request

GREETED_WITHIN = 30
ANSWERED_WITHIN = 30
"""Seconds; the assistant hands over after 20."""
SENTENCES = written.sentences()


class Times(NamedTuple):
    """Seconds until the page is there, its socket is greeted, articles are suggested, the first
    message is accepted, and the assistant has answered it. None where nobody asks for them."""

    page: float
    greeting: float
    suggested: float | None
    accepted: float
    answered: float | None


async def come(crowd: Crowd, place: int, after: float) -> Times | None:
    """Lets a visitor come after so many seconds; None where something went wrong."""
    await asyncio.sleep(after)
    start, cookies = time.perf_counter(), {}
    address = f"/chat/{crowd.plan['enterprise']}/"
    status, _body = await request(crowd.port, address, cookies)
    if status != 200:
        return crowd.fault(f"a chat page was answered by {status}")
    seen, path = time.perf_counter(), f"/ws/visitor/{crowd.plan['enterprise']}/"
    visitor = Asker(crowd.port, path, cookie_line(cookies), None, 0)
    crowd.start(visitor.page.stay())
    try:
        await asyncio.wait_for(visitor.page.open.wait(), GREETED_WITHIN)
    except asyncio.TimeoutError:
        return crowd.fault(f"a visitor was not greeted: {visitor.page.trouble}")
    greeted = time.perf_counter()
    suggested = answered = None
    if crowd.job["model"]:
        visitor.content = SENTENCES[place % len(SENTENCES)]
        suggested = await visitor.suggest()
    sent = time.perf_counter()
    await visitor.write()
    accepted = time.perf_counter()
    for code in visitor.refused or ["nothing"] * (not visitor.acks):
        crowd.fault(f"a visitor was told {code}")
    if crowd.job["model"]:
        answered = await visitor.wait_for_answer()
        if suggested is None:
            return crowd.fault("a visitor was suggested nothing")
        if answered is None:
            return crowd.fault("a visitor had no answer")
    return Times(seen - start, greeted - seen, suggested, accepted - sent, answered)


class Asker(Writer):
    """A visitor who is shown articles while they write, and is answered by the assistant."""

    def __init__(self, *args):
        super().__init__(*args)
        self.suggestions, self.answer = asyncio.Event(), asyncio.Event()

    async def suggest(self) -> float | None:
        """Seconds until articles are suggested for what this visitor writes."""
        begin = time.perf_counter()
        self.page.send({"type": "knowledge.suggest", "text": self.content})
        return await seconds_until(self.suggestions, begin)

    async def wait_for_answer(self) -> float | None:
        """Seconds from when the message was accepted until it has an answer with its proof."""
        sent, taken = self.acks[-1] if self.acks else (time.perf_counter(), 0)
        return await seconds_until(self.answer, sent + taken)

    def hear(self, event: dict) -> None:
        super().hear(event)
        if event["type"] == "knowledge.suggested":
            self.suggestions.set()
        elif event["type"] == "message.posted" and "[1]" in event["message"]["content"]:
            self.answer.set()


async def seconds_until(event: asyncio.Event, begin: float) -> float | None:
    try:
        await asyncio.wait_for(event.wait(), ANSWERED_WITHIN)
    except asyncio.TimeoutError:
        return None
    return time.perf_counter() - begin
