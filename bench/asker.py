"""Visitors who ask the assistant, and the model that answers it, in a process of its own.

`python -m bench.asker` reads a job, one line of JSON: {"plan", "port" of the server, "model" (the
port), "lone", "crowd" (numbers of visitors), "patience", "pids"}, and prints what was measured as
JSON.
"""

import asyncio
import random
import time
import uuid
from dataclasses import dataclass

from . import written
from .measure import cpu_between, cpu_of
from .model import PRESENT, Model
from .storm_crowd import Crowd, run
from .storm_pages import Page

SLOWLY = 0.2
"""Seconds between two pieces while many ask: five seconds an answer, as of a model that is busy. A
lone answer comes at once."""
WITHIN = 3
"""Seconds within which many ask: all of them wait before the first has its answer."""
CALM = 3
"""Seconds for which the agents' messages are measured before."""


@dataclass
class Question:
    """What one visitor asks: when it was sent, accepted, asked of the model, answered by it, and
    when the visitor had the answer. `people` says that people have it instead."""

    text: str
    sent: float = 0.0
    accepted: float = 0.0
    asked: float = 0.0
    said: float = 0.0
    answered: float = 0.0
    people: bool = False


class Asking(Crowd):
    """The job, the visitors' questions, and the model."""

    def __init__(self, job: dict):
        super().__init__(job)
        self.questions = random.Random(2).sample(written.sentences(), job["lone"] + job["crowd"])
        self.by_text: dict[str, Question] = {}

    async def ask_all(self) -> dict:
        model = Model()
        model.on_request, model.on_end = self.came, self.said
        listening = await model.listen(self.job["model"])
        cookies, lone = self.plan["cookies"], self.job["lone"]
        asked = [Question(text) for text in self.questions]
        pages = [
            self.visitor_page(cookie, self.reader(one))
            for cookie, one in zip(cookies, asked, strict=True)
        ]
        await self.open_all(pages)
        await asyncio.sleep(PRESENT)
        for page, question in zip(pages[:lone], asked, strict=False):
            await self.ask(page, question)
            await asyncio.sleep(0.02)
        await self.let_agents_write()
        calm, spent = time.perf_counter(), cpu_of(self.job["pids"])
        await asyncio.sleep(CALM)
        model.pause, begin, begun = SLOWLY, time.perf_counter(), cpu_of(self.job["pids"])
        many = list(zip(pages[lone:], asked[lone:], strict=True))
        pause = WITHIN / max(1, len(many))
        await asyncio.gather(
            *(self.ask(page, question, at * pause) for at, (page, question) in enumerate(many))
        )
        end, ended = time.perf_counter(), cpu_of(self.job["pids"])
        listening.close()
        usual = cpu_between(spent, begun) / (begin - calm) * (end - begin)
        return {
            "own": {"lone": own(asked[:lone]), "crowd": own(asked[lone:])},
            "number": sum(bool(question.answered) for _page, question in many),
            "all_s": end - begin,
            "cpu_ms": (cpu_between(begun, ended) - usual) / max(1, len(many)) * 1000,
            "ack_before": self.acks(calm, begin),
            "ack_meanwhile": self.acks(begin, end),
        }

    async def ask(self, page: Page, question: Question, after: float = 0) -> None:
        """Sends a question after so many seconds, and waits for its answer."""
        await asyncio.sleep(after)
        self.by_text[question.text] = question
        question.sent = time.perf_counter()
        page.send(
            {"type": "message.send", "client_id": str(uuid.uuid4()), "content": question.text}
        )
        while not question.answered and not question.people:
            if time.perf_counter() > question.sent + self.job["patience"]:
                return self.fault("a question was not answered")
            await asyncio.sleep(0.01)
        if question.people:
            self.fault("a question was handed over")

    def reader(self, question: Question):
        def read(event: dict) -> None:
            now = time.perf_counter()
            if event["type"] == "message.accepted":
                question.accepted = now
            elif event["type"] == "error":
                self.fault(f"a visitor was told {event['code']}")
            elif event["type"] == "message.posted":
                message = event["message"]
                if message["kind"] == "notice":
                    question.people |= message["data"]["event"] == "handed_over"
                elif "[1]" in message["content"]:
                    question.answered = now

        return read

    def came(self, text: str) -> None:
        self.by_text[text].asked = time.perf_counter()

    def said(self, text: str) -> None:
        self.by_text[text].said = time.perf_counter()


def own(asked: list[Question]) -> dict:
    """The milliseconds of each answer that are the assistant's own: from the acceptance of the
    question to the request, and from the model's last piece until the visitor has it."""
    done = [question for question in asked if question.answered]
    return {
        "before": [1000 * max(0.0, one.asked - one.accepted) for one in done],
        "after": [1000 * (one.answered - one.said) for one in done],
    }


if __name__ == "__main__":
    run(Asking, Asking.ask_all)
