"""150 texts that want a model to say or do something."""

import re
from pathlib import Path

ESCAPED = re.compile(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")


def cases() -> list[list[str]]:
    """Where each text stands, the text, and what it wants said: a text, @rules for our own
    instructions, or @visitor for all that was said."""
    written = Path(__file__).with_name("injections.tsv").read_text()
    plain = ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), written)
    return [line.split("\t") for line in plain.splitlines()]
