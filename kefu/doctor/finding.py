"""The result of a check.

Its sentences are in the language that is active while the check runs: a page shows them in its
reader's, a command in English. A bare command is the same in all languages.
"""

from typing import NamedTuple

ERROR, WARNING = "error", "warning"


class Finding(NamedTuple):
    """A misconfiguration: ERROR or WARNING, what is wrong, and what to do."""

    severity: str
    what: str
    cure: str


def error(what: str, cure: str, /, **facts: object) -> Finding:
    """A finding for what loses or reveals data, or does not work. `facts` are for both sentences,
    which name them in braces."""
    return Finding(ERROR, what.format(**facts), cure.format(**facts))


def warning(what: str, cure: str, /, **facts: object) -> Finding:
    """A finding for what works, but not as it should on a public server."""
    return Finding(WARNING, what.format(**facts), cure.format(**facts))
