"""Which spellings of an id another database takes for one.

Whether case, accents, and spaces at the end count is said by the collation of a column. The
database is asked letter by letter; only rules for several letters at once are not found so.
"""

import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

from .database import Database


def rule(database: Database, *columns: tuple[str, str]) -> Callable[[str], str]:
    """A function that gives two ids the same text where these columns, each a table's and its name,
    take them for one. Where the columns differ, none may tell the two apart."""
    collations = frozenset(database.collation(table, name) for table, name in columns)
    is_padded, letters = asked(database, collations)
    return lambda id: (id.rstrip(" ") if is_padded else id).translate(letters)


@lru_cache(maxsize=2)
def asked(database: Database, collations: frozenset[str]) -> tuple[bool, dict[int, str]]:
    """Whether a space at the end counts for nothing, and what to write instead of letters."""

    def alike(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        for collation in collations:
            pairs = database.alike(collation, pairs)
        return pairs

    # What has lost its accents comes last, and so goes before.
    letters = alike(pairs_of(str.casefold)) + alike(pairs_of(bare))
    return bool(alike([("a ", "a")])), str.maketrans(dict(letters))


@cache
def pairs_of(plain: Callable[[str], str]) -> list[tuple[str, str]]:
    """The letters that `plain` changes, each with what it becomes."""
    letters = map(chr, range(0x10000))
    return [(letter, plain(letter)) for letter in letters if plain(letter) != letter]


def bare(letter: str) -> str:
    """A letter without case and accents; "" for an accent."""
    parts = unicodedata.normalize("NFD", letter.casefold())
    kept = "".join(part for part in parts if unicodedata.category(part) != "Mn")
    return unicodedata.normalize("NFC", kept)
