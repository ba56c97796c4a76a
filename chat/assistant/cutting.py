"""Articles in parts of some paragraphs, as they stand there."""

import re

SIZE = 600
"""Characters of a part: a paragraph or three, so that several articles fit into a request."""
PIECE = re.compile(r"(?:[^\n]|\n(?![ \t]*\n))+\n*|\n+")
HEADING = re.compile(r"#{1,6}[ \t][^\n]*\n*")
SENTENCE = re.compile(r"[^。！？!?\n]*?(?:[。！？!?\n]+|\.\s|\Z)|.", re.DOTALL)


def parts(body: str) -> list[str]:
    """The text in parts of about SIZE characters, cut where a paragraph or at least a sentence
    ends; no heading is parted from what follows it."""
    found: list[str] = []
    part = before = ""
    for piece in pieces(body):
        if part and len(part) + len(piece) > SIZE and not HEADING.fullmatch(before):
            found.append(part)
            part = ""
        part, before = part + piece, piece
    return [one.strip() for one in [*found, part] if one.strip()]


def pieces(body: str):
    for paragraph in PIECE.findall(body):
        if len(paragraph) <= SIZE:
            yield paragraph
            continue
        for sentence in SENTENCE.findall(paragraph):
            yield from (sentence[at : at + SIZE] for at in range(0, len(sentence), SIZE))
