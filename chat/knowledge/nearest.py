"""Articles near a question by meaning, where an enterprise has that switched on (chat/embeddings).

All that it takes is in this process's memory, so a search asks the database for nothing more.
Where the vector of a question is not there in time, the words alone decide.
"""

import asyncio
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from typing import Protocol

from .tokens import HAN, asked

WAIT = 0.3
"""Seconds that a search waits for the vector of its question, on no thread that others need."""
FIRST, WEIGHTS = 8, {True: 1, False: 2}
"""A place in a list is worth 1 / (FIRST + place), in the one by meaning times a weight, by whether
the question is Chinese. Chosen on half of tests/knowledge_set; docs/knowledge.md has the rest."""
LISTED = 50
"""Articles found by words that are looked at."""


class Finder(Protocol):
    """What finds an enterprise's articles (chat/embeddings/finder.py). `suggests`: to visitors who
    write, too."""

    suggests: bool

    def knows(self, text: str) -> bool:
        """Whether the vector of a question is there."""

    def ask(self, text: str) -> Future[None] | None:
        """Has the vector of a question made; None where it is there, or cannot be made."""

    def near(self, text: str, audiences: list[str]) -> list[dict[str, int]] | None:
        """The nearest articles that these may read, best first: their keys by language. None
        without the vector of the question."""


finders: dict[str, Finder] = {}
"""By the code of the enterprise."""


def prepare(ent_id: str, text: str, seconds: float = WAIT) -> None:
    """Waits for the vector of a question: on a thread that may, and in no transaction."""
    finder = finders.get(ent_id)
    if finder and asked(text) and (future := finder.ask(text)):
        wait_for([future], seconds)


async def prepared(ent_id: str, text: str, visitor: bool) -> None:
    """Likewise in the event loop, for what somebody writes."""
    finder = finders.get(ent_id)
    if not finder or (visitor and not finder.suggests) or not asked(text):
        return
    if future := finder.ask(text):
        await asyncio.wait([asyncio.wrap_future(future)], timeout=WAIT)


def knows(ent_id: str, text: str) -> bool:
    finder = finders.get(ent_id)
    return finder is not None and finder.knows(text)


def near(ent_id: str, text: str, audiences: list[str]) -> list[dict[str, int]] | None:
    """As Finder.near; None where nothing is to be found by meaning."""
    finder = finders.get(ent_id)
    return finder.near(text, audiences) if finder else None


def fused(text: str, by_words: list[int], by_meaning: list[int]) -> dict[int, float]:
    """The keys of both lists, each best first, with their scores, best first."""
    scores: dict[int, float] = {}
    for found, weight in ((by_words, 1), (by_meaning, WEIGHTS[bool(HAN.search(text))])):
        for place, key in enumerate(found):
            scores[key] = scores.get(key, 0) + weight / (FIRST + place)
    return dict(sorted(scores.items(), key=lambda one: (-one[1], one[0])))
