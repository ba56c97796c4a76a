"""Texts in one spelling."""

import unicodedata
from functools import lru_cache
from itertools import groupby, islice

MOST_MARKS = 30
"""Marks in a row that are kept: no language needs more (Stream-Safe Text Format, UAX 15)."""


def nfkc(text: str) -> str:
    """The text in NFKC, without the marks beyond MOST_MARKS in a row: Python sorts them in a time
    that grows with the square of their number, and no other thread runs meanwhile."""
    if marks := set(filter(is_mark, set(text))):
        runs = groupby(text, marks.__contains__)
        text = "".join(
            one for marked, run in runs for one in (islice(run, MOST_MARKS) if marked else run)
        )
    return unicodedata.normalize("NFKC", text)


@lru_cache(maxsize=5_000)
def is_mark(one: str) -> bool:
    """Whether a character combines with the one before it, also after NFKC, as ﾞ does."""
    return unicodedata.combining(unicodedata.normalize("NFKD", one)[0]) > 0
