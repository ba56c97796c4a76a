"""How a text becomes words for the full-text index of a database.

Of Han text each character and each pair of neighbours, of the rest each word. Each is written as
the hexadecimal digits of its bytes after a letter, which every full-text index takes as one word,
whatever its own rules are.
"""

import re
import unicodedata

WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|[^\W_]+")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
LONGEST = 20
"""Characters of a word that count: MariaDB's longest token has 84 bytes."""


def tokens(text: str) -> list[str]:
    """The words of a text in order, repeated as often as they stand there."""
    found = []
    for run in WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        if HAN.match(run):
            found += [*run, *(run[at : at + 2] for at in range(len(run) - 1))]
        else:
            found.append(run[:LONGEST])
    return [f"w{word.encode().hex()}" for word in found]
