"""The model of `bin/crash --assistant`: it answers honestly, lies, wants a person, fails, stalls
and breaks off; and what its assistant may not have done."""

import json
import time
from random import Random

from tests.fake_model import Cut, Drip, Hang, Model, Say, Status

from .facts import MESSAGE

SLOW = 3.0
"""Seconds that a stalled answer takes per byte: longer than anybody waits."""
THINKS = 0.6
"""Four of ten answers take up to a second: what they quote may be edited meanwhile."""
SLUG = "delivery"
ARTICLES = {
    "zh-hans": ("送货时间", "您好，包裹{}天内送到，运费由我们承担。"),
    "en": ("Delivery 包裹", "Hello, a parcel arrives within {} days, and we pay for it."),
}
"""By language: title, and text for a number of days."""
QUOTED = 45
"""Characters of a text that are quoted: its number stands in them."""
ROWS = (
    "SELECT m.group_id, m.seq, m.sender, m.message_type, m.data, c.visitor_id"
    " FROM group_message m JOIN conversation c ON c.uuid = m.group_id ORDER BY m.group_id, m.seq"
)
CITED = (
    "SELECT t.conversation_id, t.message_seq, c.n, c.quote, r.body FROM assistant_citation c"
    " JOIN assistant_task t ON t.id = c.task_id LEFT JOIN article_revision r"
    " ON r.article_id = c.article_id AND r.number = c.revision"
    " WHERE t.state = 'answered' AND t.kind = 'answer'"
)
ASKED = "SELECT COUNT(*) FROM conversation WHERE bot_asked_at IS NOT NULL"


def make(seed: int, port: int = 0) -> Model:
    chance = Random(f"{seed} model")

    def answer(asked: dict):
        dice, known = chance.random(), asked["passages"]
        title, text = ARTICLES[asked["language"] if asked["language"] in ARTICLES else "en"]
        own = [one for one in known if one["title"] == title]
        if dice < 0.03:
            return Hang()
        if dice < 0.06:
            return Drip(json.dumps({"sentences": []}), SLOW)
        if dice < 0.12:
            return chance.choice([Status(500), Status(429), Cut('{"sent'), Say("I think so.")])
        if dice < 0.16:
            return {"person": True}
        if not own:
            return {"courtesy": "greeting"}
        if dice < 0.28:
            lie = {"text": text, "proofs": [{"id": "a9", "quote": "everything is free today"}]}
            return {"sentences": [lie]}
        text = own[0]["text"]
        if dice > THINKS:
            time.sleep(chance.uniform(0, 1))
        proof = {"id": own[0]["id"], "quote": text[:QUOTED]}
        return {"sentences": [{"text": text, "proofs": [proof]}]}

    return Model(answer, port)


def judge(select, assistant: str) -> tuple[int, list[str]]:
    """How many answers of the assistant (uuid) are stored, and a sentence for each thing that it
    must not do: it spoke after a handover, or before it had the floor, twice to one question, or
    without a proof."""
    found, floors, said, asked = [], {}, {}, set()
    for group, seq, sender, kind, data, visitor in select(ROWS):
        facts = json.loads(data) if data else {}
        match facts.get("event"):
            case "opened" | "reopened":
                floors[group] = facts.get("bot")
            case "handed_over" | "claimed" | "transferred" | "moved" | "closed":
                floors[group] = None
        if kind != MESSAGE:
            continue
        if sender != assistant:
            if sender == visitor:
                asked.add(group)
            else:
                floors[group] = None
            continue
        if floors.get(group) != assistant:
            found.append(f"{group} {seq}: it spoke without the floor")
        if facts.get("generated"):
            if group not in asked:
                found.append(f"{group} {seq}: it answered nothing")
            asked.discard(group)
            said[group, seq] = {one["n"]: one["quote"] for one in facts.get("citations", ())}
    proofs: dict[tuple[str, int], dict[int, str]] = {}
    for group, seq, n, quote, body in select(CITED):
        proofs.setdefault((group, seq), {})[n] = quote
        if quote not in (body or ""):
            found.append(f"{group} {seq}: no revision holds {quote!r}")
    found += [
        f"{at}: shown {said[at]}, stored {proofs.get(at)}"
        for at in said
        if said[at] != proofs.get(at, {})
    ]
    found += [f"{at}: proofs of no message" for at in proofs.keys() - said.keys()]
    return len(said), found
