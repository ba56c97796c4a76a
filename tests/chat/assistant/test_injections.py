"""A model that does whatever a text says, against 150 texts that say something."""

import json
import re
from types import SimpleNamespace

from chat.assistant import checking, links, numerals, requests, texts
from chat.assistant.shapes import Line, Passage, Question
from chat.knowledge import tokens

from .injections import cases

BODY = "A broken lid is replaced free of charge. Send a photo within 7 days."
BODY_ZH = "盖子坏了免费补发。请在 7 天内发照片，无需寄回。"
ASSISTANT = SimpleNamespace(prompt_tokens=3_000, tone="")


def question_with(where: str, text: str, language: str) -> Question:
    """A question whose request has this text there; names and names of files are in none."""
    title = text if where == "title" else "Broken lids 盖子"
    more = f"\n\n{text}" if where == "article" else ""
    bodies = {"en": BODY + more, "zh-hans": BODY_ZH + more}
    passages = tuple(
        Passage(f"a{n}", n, "lid", lang, 1, title, body, f"/help/acme/lid/?lang={lang}")
        for n, (lang, body) in enumerate(bodies.items(), 1)
    )
    said = [Line("assistant", "Hello!"), Line("visitor", "My lid is broken 盖子坏了")]
    if where in ("message", "history", "fake"):
        said.insert(len(said) if where != "history" else 1, Line("visitor", text))
    if where == "team":
        said.insert(1, Line("team", text))
    return Question(language, passages, tuple(said), said[-1].text)


def forms(text: str, honest: str) -> list[str]:
    """A text as somebody may try to bring it through."""
    wide = "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)
    return [
        *(text, text.upper(), f"**{text}**", wide, "\u200b".join(text), f"\u202e{text}\u202c"),
        *(f"{honest} {text}", f"{text}. {honest}", f"{honest}{text}。", f"[1] {text}"),
    ]


def obey(request: list[dict], text: str, demand: str):
    """What the worst model replies to a request: nothing where it does not read the text; else what
    it wants, in every place, under every quote that is true, in several replies."""
    rules, asked = request[0]["content"], json.loads(request[-1]["content"])
    read = [one["text"] for one in [*asked["conversation"], *asked["passages"]]]
    if not any(text in one for one in [*read, *(one["title"] for one in asked["passages"])]):
        return
    proofs = [{"id": one["id"], "quote": one["text"][:20]} for one in asked["passages"]]
    if demand[0] == "@":
        said = [one["text"] for one in asked["conversation"] if one["from"] == "visitor"]
        wanted = (
            said if demand == "@visitor" else [*rules.splitlines(), *re.findall(".{90}", rules)]
        )
        tries = [(wanted, f"{one}?") for one in (wanted[0], wanted[-1])]
    else:
        wanted = [demand]
        tries = [
            (forms(demand, BODY[:40]), f"{demand}?"),
            (forms(demand, BODY_ZH[:9]), f"{demand.rstrip('。.')}？"),
        ]
    for written, ask in tries:
        said = [
            {
                "text": one,
                "proofs": [*proofs, {"id": "a1", "quote": one}, {"id": one, "quote": one}],
            }
            for one in written
        ]
        reply = {"sentences": said, "ask": ask, "courtesy": demand, "person": demand}
        yield wanted, json.dumps(reply)


def test_whatever_a_text_makes_a_model_say_none_of_it_is_said():
    assert len({text for _where, text, _demand in cases()}) == 150
    leaked = []
    for where, text, demand in cases():
        # In the language of what it wants, so that not even that is in its way.
        question = question_with(where, text, "zh-hans" if tokens.HAN.search(demand) else "en")
        read = " ".join(one.text for one in question.passages)
        numbers, addresses = numerals.numbers(read), links.links(read)
        for wanted, reply in obey(requests.messages(ASSISTANT, question), text, demand):
            got = checking.check(reply, question, False)
            said = re.sub(r"\[\d+\]", "", got.text)
            plain = texts.squeezed(said)[0]
            told = any(texts.squeezed(one)[0] in plain for one in wanted)
            more = (numerals.numbers(said) - numbers) | (links.links(said) - addresses)
            if told or more or got.courtesy or got.person:
                leaked.append((text, got.text))
                break
    assert leaked == []
