"""Texts as the assistant compares them."""

import re
import unicodedata
from functools import lru_cache

from chat.knowledge import tokens
from chat.protocol.spelling import nfkc

UNSEEN = {"Cc", "Cf", "Cs", "Co"}
"""Unicode categories of what nobody sees: controls, direction marks, halves of pairs."""
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}
"""Blanks that Unicode counts among letters and signs, and what chooses the form of a character."""
EMPHASIS = re.compile(r"\*+|`+|(?<![^\W_])_+|_+(?![^\W_])|^\s*#+\s")
CONTRACTED = re.compile(r"n['’]t\b|['’](?:s|re|ll|ve|m|d)\b")


def visible(text: str) -> str:
    """The text without characters that nobody sees."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate({ord(one): None for one in set(text) if is_unseen(one)})


@lru_cache(maxsize=5_000)
def is_unseen(one: str) -> bool:
    return one in BLANK or (unicodedata.category(one) in UNSEEN and one not in "\t\n\r")


def said(text: str) -> str:
    """What a model wrote as one line of plain text: without Markdown's marks of emphasis."""
    return " ".join(EMPHASIS.sub("", visible(text)).split())


def folded(text: str) -> str:
    """The text without what two spellings of it differ in: width and case, and how much white space
    stands in one place."""
    return " ".join(nfkc(visible(text)).casefold().split())


def squeezed(text: str) -> tuple[str, list[int]]:
    """The text without white space, width, case and marks of emphasis; and for each character the
    place in `text` that it comes from."""
    found, places = [], []
    for at, one in enumerate(text):
        for each in squeezed_one(one):
            found.append(each)
            places.append(at)
    return "".join(found), places


@lru_cache(maxsize=5_000)
def squeezed_one(one: str) -> str:
    plain = unicodedata.normalize("NFKC", one).casefold()
    return "".join(
        each for each in plain if not (each.isspace() or each in "*`" or is_unseen(each))
    )


def runs(text: str, length: int) -> set[str]:
    """All parts of a text that have so many characters."""
    return {text[at : at + length] for at in range(len(text) - length + 1)}


def telling(text: str) -> tuple[list[str], list[str]]:
    """The Han characters of a text, simplified, and its other words without their endings and
    without numbers; of both no common ones."""
    plain = CONTRACTED.sub("", folded(text))
    found = tokens.WORD.findall(tokens.simplified(plain))
    han = [one for run in found if tokens.HAN.match(run) for one in run]
    words = [tokens.stem(run) for run in found if not (tokens.HAN.match(run) or run.isdigit())]
    return (
        [one for one in han if not tokens.is_common(one)],
        [word for word in words if not tokens.is_common(word)],
    )
