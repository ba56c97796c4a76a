"""What remains of a model's reply: sentences that quote a passage and say no more than it does.

Nothing here asks a database or a model. That a sentence contradicts its own quote is not seen.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, cached_property
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from chat.knowledge import tokens
from chat.protocol.fields import MAX_CONTENT

from . import links, numerals, requests, texts
from .shapes import Checked, Citation, Passage, Question

LONGEST = 100_000
"""Characters of a reply that are read."""
MOST_SENTENCES, MOST_PROOFS = 50, 10
"""Of a reply, and of each of its sentences; what comes after these is not looked at."""
MOST_OBJECTS = 20
"""Places in a reply where its object may begin."""
SHORTEST_QUOTE = 8
"""Characters without white space, of which a Han character counts as two."""
HAN_SHARE, WORD_SHARE = 1 / 2, 1 / 3
"""Which part of a sentence's Han characters, and of its other words, stands in what it quotes."""
SHARED = 20
"""Characters in a row that no sentence has from the instructions or from the conversation."""
LONGEST_ASK = 200
KEPT = 500
"""Characters of a sentence that was struck."""
COURTESIES = "greeting", "thanks", "goodbye"
KEYS = {"sentences", "ask", "courtesy", "person"}


class Reason(TextChoices):
    PROOF = "proof", _("no quote of it stands in the passage that it names")
    PICTURE = "picture", _("it shows a picture")
    LINK = "link", _("a link of it stands in no passage that it quotes")
    NUMBER = "number", _("a number of it stands in no passage that it quotes")
    WORDS = "words", _("too few of its words stand in the passages that it quotes")
    RULES = "rules", _("it repeats the assistant's instructions")
    CONVERSATION = "conversation", _("it repeats what was said in the conversation")
    ASK = "ask", _("it is not one short question without links and digits")
    ONLY_ASKS = "only_asks", _("the message before was nothing but a question, too")
    LANGUAGE = "language", _("the answer is not in the visitor's language")
    LONG = "long", _("the message is too long")


REASONS = dict(Reason.choices)
"""Why a sentence was left out, in words."""

THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
THOUGHT_END = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
OBJECT = re.compile(r"\{\s*[\"}]")
MARK = re.compile(r"\[(\s*\d+\s*)\]")
ENDED = re.compile(r"[。！!？?；;…\n]|\.(?=\s|\Z)|(?<=[a-z])\.(?=[A-Z])")
"""What ends a sentence other than a question."""
POLITE = frozenset("抱歉遗憾感理解放心当然没题意思麻烦亲") | frozenset(
    map(tokens.stem, ("sorry", "hear", "unfortunately", "sure", "certainly", "yes", "afraid"))
)
"""What may be said without a proof beside a sentence that has one."""
ASKING = re.compile(
    r"[吗呢么嘛哪几谁吧]|什么|多少|多久|怎|如何|是否|还是|能否|可否|为何|请问|(.)[不没]\1"
    r"|\b(?:who|whom|whose|what|which|when|where|why|how)\b"
    r"|(?:\A|[,:]\s?|\b(?:and|or|so|but)\s)(?:is|are|was|were|am|do|does|did|has|have|had|can|could"
    r"|will|would|shall|should|may|might|must)\b"
)
"""By which a question differs from a statement behind which stands a question mark."""
QUESTION_MARKS = re.compile("[?\u037e\u061f\u2047-\u2049\u203d⸮﹖]")
DECODER = json.JSONDecoder(strict=False)


def check(content: str, question: Question, asked_before: bool) -> Checked:
    """What remains of a reply to `question`. `asked_before`: the assistant's last message was
    nothing but a question."""
    found = object_of(content, KEYS)
    reply = found or {}
    paper = Paper(question)
    for text, proofs in sentences(reply.get("sentences")):
        paper.take(text, proofs)
    ask = as_text(reply.get("ask"))
    if ask and (reason := paper.wrong_ask(ask, asked_before)):
        paper.strike(ask, reason)
        ask = ""
    courtesy = reply.get("courtesy")
    return replace(
        paper.checked(ask),
        courtesy=courtesy if isinstance(courtesy, str) and courtesy in COURTESIES else "",
        person=reply.get("person") is True,
        is_formed=found is not None,
    )


def text_of(content: str) -> str:
    """The text of a summary or a translation; "" where there is none."""
    text = (object_of(content, {"text"}) or {}).get("text")
    return texts.visible(text).strip()[:MAX_CONTENT] if isinstance(text, str) else ""


def object_of(content: str, keys: set[str]) -> dict | None:
    """The first JSON object in a reply that has one of these keys, else an empty one that stands
    there; None without."""
    empty = None
    content = THOUGHT_END.split(THOUGHT.sub("", content[:LONGEST]))[-1]
    for tried, found in enumerate(OBJECT.finditer(content)):
        if tried == MOST_OBJECTS:
            break
        try:
            value, _end = DECODER.raw_decode(content, found.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and keys & value.keys():
            return value
        if value == {}:
            empty = value
    return empty


def sentences(given: Any) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each sentence's text, and its proofs: the id of a passage, and a quote."""
    for one in given[:MOST_SENTENCES] if isinstance(given, list) else ():
        if isinstance(one, dict) and (text := as_text(one.get("text"))):
            proofs = one.get("proofs")
            yield text, list(pairs(proofs if isinstance(proofs, list) else []))


def pairs(proofs: list) -> Iterator[tuple[str, str]]:
    for one in proofs[:MOST_PROOFS]:
        if isinstance(one, dict):
            name, quote = one.get("id"), one.get("quote")
            if isinstance(name, str) and isinstance(quote, str):
                yield name, quote


def as_text(given: Any) -> str:
    return texts.said(given) if isinstance(given, str) else ""


class Source:
    """A passage that a sentence quotes, read once for all of them."""

    def __init__(self, passage: Passage):
        self.passage, text = passage, passage.text
        self.squeezed, self.places = texts.squeezed(text)
        self.numbers, self.links = numerals.numbers(text), links.links(text)
        self.words, self.shared = set(tokens.words(text)), shared_runs(text)

    def find(self, quote: str) -> str:
        """The part of the passage that is this quote, as it stands there; "" where it does not."""
        wanted, _places = texts.squeezed(quote)
        at = self.squeezed.find(wanted)
        if at < 0 or not is_long(wanted):
            return ""
        return self.passage.text[self.places[at] : self.places[at + len(wanted) - 1] + 1]


def is_long(text: str) -> bool:
    return len(text) + len(tokens.HAN.findall(text)) >= SHORTEST_QUOTE


class Paper:
    """An answer in the making."""

    def __init__(self, question: Question):
        self.question = question
        self.passages = {one.id: one for one in question.passages}
        self.others = [one.text for one in question.conversation if one.who != "assistant"]
        self.sources: dict[str, Source] = {}
        self.kept: list[str] = []
        self.said: set[str] = set()
        self.struck: list[tuple[str, str]] = []
        self.citations: dict[tuple[str, str], Citation] = {}
        self.length = 0

    def take(self, text: str, proofs: list[tuple[str, str]]) -> None:
        """Keeps a sentence with the marks of its proofs, or strikes it. One that was kept already
        is not said again."""
        found = {
            (name, quote): None
            for name, given in proofs
            if name in self.passages and (quote := self.source(name).find(given))
        }
        if reason := self.wrong(text, [self.sources[name] for name, _quote in found]):
            self.strike(text, reason)
            return
        same, _places = texts.squeezed(text)
        if same in self.said:
            return
        new = [each for each in found if each not in self.citations]
        numbers = {each: len(self.citations) + at for at, each in enumerate(new, 1)}
        marks = [numbers.get(each) or self.citations[each].n for each in found]
        # The marks of an answer are ours alone.
        whole = MARK.sub(r"(\1)", text) + "".join(f"[{n}]" for n in sorted(marks))
        if self.length + len(whole) + 1 + LONGEST_ASK > MAX_CONTENT:
            self.strike(text, Reason.LONG)
            return
        self.length += len(whole) + 1
        self.said.add(same)
        self.kept.append(whole)
        for each in new:
            self.citations[each] = Citation(numbers[each], self.passages[each[0]], each[1])

    def source(self, name: str) -> Source:
        if name not in self.sources:
            self.sources[name] = Source(self.passages[name])
        return self.sources[name]

    def wrong(self, text: str, sources: list[Source]) -> str:
        """Why a sentence is struck that stands on these passages; "" for none."""
        if links.shows_picture(text):
            return Reason.PICTURE
        if not sources:
            return Reason.PROOF
        if not links.links(text) <= set().union(*(one.links for one in sources)):
            return Reason.LINK
        if not numerals.numbers(text) <= set().union(*(one.numbers for one in sources)):
            return Reason.NUMBER
        if not is_covered(text, set().union(*(one.words for one in sources))):
            return Reason.WORDS
        return self.repeats(text, sources)

    def repeats(self, text: str, sources: list[Source]) -> str:
        found = shared_runs(text)
        if found & rule_runs():
            return Reason.RULES
        found &= self.conversation
        return Reason.CONVERSATION if found.difference(*(one.shared for one in sources)) else ""

    @cached_property
    def conversation(self) -> set[str]:
        return set().union(*map(shared_runs, self.others))

    def wrong_ask(self, text: str, asked_before: bool) -> str:
        """Why a question is struck; "" for none."""
        if not is_question(text) or links.links(text) or links.shows_picture(text):
            return Reason.ASK
        if self.is_echo(text):
            return Reason.CONVERSATION
        if reason := self.repeats(text, [*map(self.source, self.passages)]):
            return reason
        return Reason.ONLY_ASKS if asked_before and not self.kept else ""

    def is_echo(self, text: str) -> bool:
        """Whether somebody else has put it into the model's mouth, word for word."""
        same = texts.squeezed(text.rstrip("?？"))[0]
        said = (*self.others, *(one.title for one in self.question.passages))
        return is_long(same) and any(same in texts.squeezed(one)[0] for one in said)

    def strike(self, text: str, reason: str) -> None:
        self.struck.append((text[:KEPT], reason))

    def checked(self, ask: str) -> Checked:
        """What remains, if it is in the visitor's language."""
        whole = [*self.kept, ask] if ask else self.kept
        text = " ".join(whole)
        language, citations = self.question.language, tuple(self.citations.values())
        if text and is_chinese(text) != language.lower().startswith("zh"):
            for one in whole:
                self.strike(one, Reason.LANGUAGE)
            text, citations, ask = "", (), ""
        only_asks = bool(ask) and not self.kept
        return Checked(text, citations, tuple(self.struck), only_asks=only_asks)


def is_covered(text: str, words: set[str]) -> bool:
    """Whether enough of its words are among these (tokens.words); of several sentences in one, of
    each that is more than polite. A text of common words alone says nothing that was quoted."""
    han, others = texts.telling(text)
    if not (han or others):
        return False
    for part in ENDED.split(text):
        said, named = texts.telling(part)
        if POLITE.issuperset(said) and POLITE.issuperset(named):
            continue
        if not (covers(said, words, HAN_SHARE) and covers(named, words, WORD_SHARE)):
            return False
    return covers(han, words, HAN_SHARE) and covers(others, words, WORD_SHARE)


def covers(said: list[str], words: set[str], share: float) -> bool:
    return sum(one in words for one in said) >= share * len(said)


def shared_runs(text: str) -> set[str]:
    """The runs of a text that are compared: with its spaces, and without any."""
    return texts.runs(texts.folded(text), SHARED) | texts.runs(texts.squeezed(text)[0], SHARED)


@cache
def rule_runs() -> set[str]:
    return set().union(*map(shared_runs, requests.INSTRUCTIONS))


def is_question(text: str) -> bool:
    """Whether a text is one short question, which ends in its only question mark, without a
    digit."""
    plain = texts.folded(text)
    marks = [found.start() for found in QUESTION_MARKS.finditer(plain)]
    if len(text) > LONGEST_ASK or marks != [len(plain) - 1] or any(map(str.isdigit, plain)):
        return False
    if ENDED.search(plain[:-1]) or not ASKING.search(plain):
        return False
    # In words, too, nobody is asked to dial.
    return all(len(one) < 3 for one in numerals.numbers(plain))


def is_chinese(text: str) -> bool:
    """Whether most of a text's letters are Han characters."""
    letters = sum(map(str.isalpha, text))
    return 2 * len(tokens.HAN.findall(text)) > letters
