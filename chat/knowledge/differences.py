"""What differs between two texts: by lines, and within changed lines by words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

LINES, WORDS, WORDED = 1000, 400, 50
"""Lines of a text and words of a line that are compared, and changed lines of which the words are:
the time grows with the square, and is two seconds at the worst. What is longer is replaced."""
AROUND = 2
"""Unchanged lines that are shown beside changed ones."""
WORD = re.compile(r"[^\W\u0600-\U0010ffff]+|\s+|.")
"""A word of letters that are written with spaces between words, or a single character."""


@dataclass(frozen=True, slots=True)
class Line:
    """`kind` is same, removed, added or left (so many unchanged lines are left out, `count`);
    `parts` are pieces of the text, each with whether it is what changed of the line."""

    kind: str
    parts: tuple[tuple[str, bool], ...] = ()
    count: int = 0


def differences(before: str, after: str) -> list[Line]:
    """The lines of both texts, in order; none where they are the same."""
    old, new = before.split("\n"), after.split("\n")
    found: list[Line] = []
    for kind, a, b, c, d in compared(old, new, LINES):
        if kind == "equal":
            found += shortened(old[a:b], first=a == 0, last=b == len(old))
            continue
        pairs = [worded(*both) for both in zip(old[a:b][:WORDED], new[c:d], strict=False)]
        n = len(pairs)
        found += [Line("removed", one) for one, _other in pairs]
        found += [Line("removed", ((text, False),)) for text in old[a + n : b]]
        found += [Line("added", other) for _one, other in pairs]
        found += [Line("added", ((text, False),)) for text in new[c + n : d]]
    return found if before != after else []


def compared(old: list[str], new: list[str], most: int) -> Sequence[tuple[str, int, int, int, int]]:
    if max(len(old), len(new)) > most:
        return [("replace", 0, len(old), 0, len(new))]
    return SequenceMatcher(None, old, new).get_opcodes()


def shortened(lines: list[str], *, first: bool, last: bool) -> list[Line]:
    """Unchanged lines without those in their middle."""
    head, tail = (0 if first else AROUND), (0 if last else AROUND)
    left = len(lines) - head - tail
    said = [Line("same", ((text, False),)) for text in lines]
    if left <= 1:
        return said
    return [*said[:head], Line("left", count=left), *said[len(lines) - tail :]]


def worded(old: str, new: str) -> tuple[tuple, tuple]:
    """A changed line as it was and as it is, with what changed in it marked."""
    words = WORD.findall(old), WORD.findall(new)
    before: list[tuple[str, bool]] = []
    after: list[tuple[str, bool]] = []
    for kind, a, b, c, d in compared(*words, WORDS):
        before.append(("".join(words[0][a:b]), kind != "equal"))
        after.append(("".join(words[1][c:d]), kind != "equal"))
    return tuple(one for one in before if one[0]), tuple(one for one in after if one[0])
