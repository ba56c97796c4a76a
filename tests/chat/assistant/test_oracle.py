"""Random replies, judged by a second, plain reading of the rules (docs/protocol.md)."""

import json
import random
import re

import pytest

from chat.assistant import requests
from chat.assistant.checking import check
from chat.assistant.shapes import Line, Passage, Question

TEXTS = {
    "a1": "Broken lids get replaced within 7 days after purchase, write to lids@shop.example soon.",
    "a2": "Parcels travel between 1,500 harbours; see https://shop.example/track for tracking.",
    "a3": "坏盖子免费补发，三十天内请发照片到客服邮箱，满 2000 元另送茶壶。",
}
SAID = "please repeat that parcels explode loudly near volcanoes"
QUESTIONS = {
    language: Question(
        language,
        tuple(
            Passage(id, n, id, "", 1, "", text, "") for n, (id, text) in enumerate(TEXTS.items())
        ),
        (Line("visitor", SAID), Line("assistant", "volcanoes explode rarely, broken lids too")),
    )
    for language in ("en", "zh-hans")
}
NUMBERS = {"7": 7, "seven": 7, "８": 8, "1500": 1500, "1,500": 1500, "thirty": 30, "30": 30}
NUMBERS |= {"三十": 30, "二十": 20, "2,000": 2000, "2000": 2000, "700": 700}
HELD = {"a1": {7}, "a2": {1500}, "a3": {30, 2000}}
LINKS = {"lids@shop.example": "a1", "https://shop.example/track": "a2", "https://evil.example": ""}
LINKS |= {"evil.example": "", "shop.example": "a2", "me@evil.example": ""}
WORDS = {
    "a1": ("broken", "lids", "replaced", "purchase"),
    "a2": ("parcels", "travel", "harbours", "tracking"),
    "a3": "坏盖子免费补发",
}
FOREIGN = "volcanoes", "penguins", "mathematics", "loudly", "bitcoin"
FOREIGN_HAN = "火山企鹅数学"
ASKS = {"Which lid?": True, "您要哪个盖子？": True, "Which lid": False, "Which of 2?": False}
ASKS |= {"See evil.example, what?": False, "Which? lid?": False, "": False}


def random_reply(draw: random.Random) -> dict:
    """A reply, of parts whose worth is known."""
    ids = draw.choice((["a1", "a2"], ["a1", "a2"], ["a3"], [*TEXTS]))
    sentences = [random_sentence(draw, ids) for _ in range(draw.choice((0, 1, 1, 1, 2)))]
    reply = {"sentences": sentences, "ask": draw.choice([*ASKS])}
    for name in draw.sample([*reply], draw.choice((0, 0, 1))):
        reply[name] = draw.choice((None, 7, [], {}, "text", [None], [[]]))
    return reply


def random_sentence(draw: random.Random, ids: list[str]) -> dict:
    id = draw.choice(ids)
    honest, foreign = WORDS[id], FOREIGN_HAN if id == "a3" else FOREIGN
    parts = draw.sample(honest, draw.randint(1, 4))
    parts += draw.sample(foreign, draw.choice((0, 0, 0, 1, 4)))
    parts += draw.choice(([], [], [draw.choice([*NUMBERS])], [draw.choice([*LINKS])]))
    odd = ["![x](y)"], [SAID[:30]], [requests.RULES[40:80]], ["坏盖子"]
    parts += draw.choice((*[[]] * 20, *odd))
    draw.shuffle(parts)
    proofs = [
        {"id": draw.choice((*[id] * 6, "a1", "a9", 7)), "quote": random_quote(draw, TEXTS[id])}
        for _ in range(draw.choice((0, *[1] * 6, 2)))
    ]
    return {"text": " ".join(parts), "proofs": proofs}


def random_quote(draw: random.Random, text: str) -> str:
    at, length = draw.randrange(len(text) - 12), draw.choice((3, 7, 8, *[12] * 9))
    quote = text[at : at + length]
    return draw.choice((*[quote] * 4, quote.upper(), f" {quote}\u200b", quote + "x"))


def plain(text: str) -> str:
    return "".join(text.lower().replace("\u200b", "").split())


def has_proof(given: dict) -> bool:
    if given["id"] not in [*TEXTS] or plain(given["quote"]) not in plain(TEXTS[given["id"]]):
        return False
    return sum(1 + ("一" <= one <= "龥") for one in plain(given["quote"])) >= 8


def stays(sentence: dict) -> bool:
    text, parts = sentence["text"], sentence["text"].split()
    ids = {given["id"] for given in sentence["proofs"] if has_proof(given)}
    held = " ".join(TEXTS[id].lower() for id in ids)
    if not ids or "![" in text:
        return False
    if any(LINKS[part] not in ids for part in parts if part in LINKS):
        return False
    numbers = {NUMBERS[part] for part in parts if part in NUMBERS}
    if not numbers <= set().union(*(HELD[id] for id in ids)):
        return False
    for long in (requests.RULES, SAID):
        runs = {text[at : at + 20].lower() for at in range(len(text) - 19)}
        if any(run in long.lower() and (long != SAID or run not in held) for run in runs):
            return False
    return says_enough(text, held)


def says_enough(text: str, held: str) -> bool:
    han = [one in held for one in text if "一" <= one <= "龥"]
    there = re.findall("[a-z]+", held)
    words = [one in there for one in re.findall("[a-z]+", text.lower())]
    return 2 * sum(han) >= len(han) and 3 * sum(words) >= len(words)


def is_chinese(text: str) -> bool:
    return 2 * sum("一" <= one <= "龥" for one in text) > sum(map(str.isalpha, text))


def expected(reply: dict, language: str) -> str:
    """What remains of a reply, without marks."""
    given, ask = reply["sentences"], reply["ask"]
    left: list[str] = []
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict) and stays(one) and one["text"] not in left:
            left.append(one["text"])
    left += [ask] if isinstance(ask, str) and ASKS.get(ask) else []
    text = " ".join(left)
    return text if is_chinese(text) == (language != "en") else ""


def compare(seeds: range) -> None:
    kept = 0
    for seed in seeds:
        draw = random.Random(seed)
        reply, language = random_reply(draw), draw.choice(["en", "en", "zh-hans"])
        got = check(json.dumps(reply), QUESTIONS[language], False)
        assert re.sub(r"\[\d+\]", "", got.text) == expected(reply, language), (seed, reply)
        assert all(plain(one.quote) in plain(TEXTS[one.passage.slug]) for one in got.citations), (
            seed
        )
        assert {f"[{one.n}]" for one in got.citations} == set(re.findall(r"\[\d+\]", got.text)), (
            seed
        )
        kept += bool(got.citations)
    assert kept > len(seeds) / 10, "they are not all refused"


def test_what_remains_is_what_a_plain_reading_keeps():
    compare(range(2_000))


@pytest.mark.release
def test_what_remains_is_what_a_plain_reading_keeps_of_10_000():
    compare(range(2_000, 12_000))
