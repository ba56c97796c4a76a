"""Where the words of a question (tokens.asked) stand in a text that people read."""

import re
from collections import Counter
from collections.abc import Collection, Iterator

from .markup import plain
from .tokens import HAN, LETTER, simplified, stem, vague_stems

READ = 20_000
"""Characters of a text that are looked at."""
SNIPPET = 160
BEFORE = 20
"""Characters of a snippet before the first word that it shows."""
CUT = re.compile(rf"(?<={LETTER}){LETTER}{{0,{BEFORE - 1}}}(?!{LETTER})[\s.,;:!?)]*")
CUT_SHORT = re.compile(f"(?<!{LETTER}){LETTER}{{2,{BEFORE}}}$")
"""The rest of a word before a snippet, and the first letters of one that ends after it."""
MARKS = re.compile(r"[\\`*_\[\]<>#|~&!=]|^\s*(?:[-+]|\d+[.)])", re.M)
"""What Markdown may make of a text something else."""


def points(words: Collection[str], title: str, body: str) -> float:
    """How much of a question an article holds, by the weight of its words. One counts half where
    it stands once, outside of the title."""
    text = f"{title}\n{title}\n{body}"
    folded, seen = fold(text), Counter(word for *_place, word in places(words, text))
    times = [folded.count(word) if HAN.match(word) else seen[word] for word in words]
    return sum(weight(word) * min(n, 2) / 2 for word, n in zip(words, times, strict=True))


def weight(word: str) -> int:
    """1 for a single Han character and for a vague word, 2 for everything else."""
    return 1 if word in vague_stems() or (len(word) == 1 and HAN.match(word)) else 2


def snippet(words: Collection[str], body: str) -> str:
    """The part of an article's body, as plain text on one line, in which most of the words stand;
    its beginning where none does."""
    body = body[:READ]
    near = fullest(words, body)
    first = body.rfind("\n", 0, max(0, near - SNIPPET)) + 1
    part = body[first : near + 2 * SNIPPET]
    # Most parts have no marks, and the parser takes longer than all the rest.
    text = " ".join((plain(part) if MARKS.search(part) else part).split())
    begin = max(0, min(fullest(words, text) - BEFORE, len(text) - SNIPPET))
    end = begin + SNIPPET
    if cut := CUT.match(text, begin):
        begin = cut.end()
    if end < len(text) and (cut := CUT_SHORT.search(text[begin : end + 1])):
        end = begin + cut.start()
    before, after = begin + first > 0, end < len(text) or near + 2 * SNIPPET < len(body)
    return f"{'…' if before else ''}{text[begin:end].strip()}{'…' if after else ''}"


def fullest(words: Collection[str], text: str) -> int:
    """Where the part of a snippet's length begins that has the most of the words; 0 without any."""
    hits, inside, end = [*places(telling(words), text)], Counter[str](), 0
    most, place = 0, 0
    for start, _stop, word in hits:
        while end < len(hits) and hits[end][0] < start + SNIPPET - BEFORE:
            inside[hits[end][2]] += 1
            end += 1
        if len(inside) > most:
            most, place = len(inside), start
        inside[word] -= 1
        if not inside[word]:
            del inside[word]
    return place


def telling(words: Collection[str]) -> Collection[str]:
    """The words without single Han characters and vague ones, which stand everywhere, unless there
    are no others."""
    return [word for word in words if weight(word) > 1] or words


def places(words: Collection[str], text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and word of all that stand in a text; pairs of characters may overlap."""
    if not words:
        return
    longest = sorted(map(re.escape, words), key=len, reverse=True)
    han = "|".join(word for word in longest if HAN.match(word)) or "(?!)"
    rest = "|".join(word for word in longest if not HAN.match(word)) or "(?!)"
    pattern = re.compile(f"(?=({han}|(?<!{LETTER})(?:{rest}){LETTER}*))")
    for match in pattern.finditer(fold(text)):
        word = stem(match[1])
        if word in words:
            yield match.start(1), match.end(1), word


def fold(text: str) -> str:
    """The text as questions are read, at the same length."""
    text = text[:READ]
    lower = text.lower()
    return simplified(lower if len(lower) == len(text) else text)
