"""Articles in parts of some paragraphs, as they stand there."""

import re

SIZE = 600
"""Characters of a part: a paragraph or three, so that several articles fit into a request."""
PARAGRAPH = re.compile(r"(?:#{1,6}[ \t][^\n]*\n+)*(?:[^\n]|\n(?![ \t]*\n))*\n*")
"""A paragraph with its headings, and the blank lines behind it."""
SENTENCE = re.compile(
    rf"[^。！？!?\n]{{0,{SIZE}}}?(?:[。！？!?\n]+|\.\s|\Z)|.{{1,{SIZE}}}", re.DOTALL
)


def parts(body: str) -> list[str]:
    """The text in parts of about SIZE characters, cut where a paragraph or at least a sentence
    ends; no heading is parted from what follows it."""
    found = [""]
    for paragraph in PARAGRAPH.findall(body):
        pieces = [paragraph] if len(paragraph) <= SIZE else SENTENCE.findall(paragraph)
        for piece in pieces:
            if len(found[-1]) + len(piece) > SIZE:
                found.append("")
            found[-1] += piece
    return [part.strip() for part in found if part.strip()]
