"""Visitors of the storms who come to a chat for the first time."""

import asyncio
import time

from . import written
from .storm_crowd import Crowd
from .storm_pages import Writer, cookie_line, request

GREETED_WITHIN = 30
ANSWERED_WITHIN = 30
"""Seconds; the assistant hands over after 20."""
SENTENCES = written.sentences()


class Newcomer(Writer):
    """A visitor who opens the page, connects, and writes once."""

    TIMES: tuple[str, ...] = ("page", "greeting", "accepted")
    """What is measured: the seconds until the page is there, its socket is greeted, and the message
    is accepted."""

    def __init__(self, crowd: Crowd):
        self.crowd, self.code = crowd, crowd.plan["enterprise"]
        super().__init__(crowd.port, f"/ws/visitor/{self.code}/", "", None, 0)

    async def come(self, after: float) -> dict[str, float] | None:
        """Comes after so many seconds. Returns TIMES; None where something went wrong."""
        await asyncio.sleep(after)
        start, cookies = time.perf_counter(), {}
        status, _body = await request(self.crowd.port, f"/chat/{self.code}/", cookies)
        if status != 200:
            return self.crowd.fault(f"a chat page was answered by {status}")
        seen, self.page.cookie = time.perf_counter(), cookie_line(cookies)
        self.crowd.start(self.page.stay())
        try:
            await asyncio.wait_for(self.page.open.wait(), GREETED_WITHIN)
        except asyncio.TimeoutError:
            return self.crowd.fault(f"a visitor was not greeted: {self.page.trouble}")
        greeted = time.perf_counter()
        said = await self.say()
        return said and {"page": seen - start, "greeting": greeted - seen, **said}

    async def say(self) -> dict[str, float] | None:
        sent = time.perf_counter()
        await self.write()
        accepted = time.perf_counter() - sent
        for code in self.refused or ["nothing"] * (not self.acks):
            self.crowd.fault(f"a visitor was told {code}")
        return {"accepted": accepted}


class Asker(Newcomer):
    """One who is shown articles while they write, and is answered by the assistant, with a sentence
    of the `place`."""

    TIMES = (*Newcomer.TIMES, "suggested", "answered")
    """Also until articles are suggested, and from the acceptance until the assistant answered."""

    def __init__(self, crowd: Crowd, place: int):
        super().__init__(crowd)
        self.content = SENTENCES[place % len(SENTENCES)]
        self.suggestions, self.answer = asyncio.Event(), asyncio.Event()

    async def say(self) -> dict[str, float] | None:
        suggested = await self.suggest()
        found = await super().say()
        answered = await self.wait_for_answer()
        if suggested is None:
            return self.crowd.fault("a visitor was suggested nothing")
        if answered is None:
            return self.crowd.fault("a visitor had no answer")
        return {**found, "suggested": suggested, "answered": answered}

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
