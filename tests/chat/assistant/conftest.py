import json
from types import SimpleNamespace

import pytest

from chat.assistant import answering, assistants, endpoint
from chat.assistant.shapes import Reply
from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.presence import leases

BODY = "A broken lid is replaced free of charge. Send a photo within 7 days."
QUOTE = "replaced free of charge"


@pytest.fixture
def article(enterprise, team):
    """A published, public article."""
    articles.put(enterprise, "lid", "en", Text("Broken lids", BODY))
    return articles.of(enterprise).get()


@pytest.fixture
def assistant(enterprise, team):
    """An assistant that answers, present as by a server process."""
    made = assistants.make(enterprise)
    assistants.change(made, url="https://model.example/v1", model="small", mode="answer")
    leases.renew([made.member.uuid], leases.NODE_ID, leases.LEASE, True)
    return made


@pytest.fixture
def model(monkeypatch):
    """Answers in the endpoint's place: `model.answer` is a dict, or a function of the request's
    last object."""

    found = SimpleNamespace(answer=None, asked=[])

    def ask(assistant, messages, deadline, most):
        asked = json.loads(messages[-1]["content"])
        found.asked.append(asked)
        answer = found.answer(asked) if callable(found.answer) else found.answer
        if isinstance(answer, Exception):
            raise answer
        return Reply(json.dumps(answer), 100, 20, 0.1, 0.2)

    monkeypatch.setattr(endpoint, "ask", ask)
    return found


def proof(asked: dict, text: str = "A broken lid is replaced free of charge.") -> dict:
    """An honest answer from the first passage."""
    proofs = [{"id": asked["passages"][0]["id"], "quote": QUOTE}]
    return {"sentences": [{"text": text, "proofs": proofs}]}


def run(group: str, ent_id: str = "acme") -> None:
    answering.answer(ent_id, group, answering.directly)
