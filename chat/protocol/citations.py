"""On which articles an assistant's message stands: its text has marks such as [1], its row's `data`
a citation for each number. static/js/thread/citations.js shows them likewise."""

import re
from collections.abc import Iterator, Sequence

MARK = re.compile(r" ?\[([0-9]{1,3})\]")
"""A mark, and the space before it."""


def without_marks(text: str, data: dict | None) -> str:
    """A text where no citations are shown; other numbers in brackets stay."""
    cited = (data or {}).get("citations") or ()
    return "".join(one for one in pieces(text, cited) if isinstance(one, str))


def pieces(text: str, citations: Sequence[dict]) -> Iterator[str | dict]:
    """The parts of a text in order; in place of each mark its citation."""
    known = {one["n"]: one for one in citations}
    start = 0
    for found in MARK.finditer(text) if known else ():
        if one := known.get(int(found[1])):
            yield text[start : found.start()]
            yield one
            start = found.end()
    yield text[start:]


def sources(citations: list[dict]) -> list[dict]:
    """The `title` and `url` of each article that is cited, with its `numbers`."""
    found: dict[str, dict] = {}
    for one in citations:
        row = found.setdefault(
            one["url"], {"title": one["title"], "url": one["url"], "numbers": []}
        )
        row["numbers"].append(one["n"])
    return list(found.values())
