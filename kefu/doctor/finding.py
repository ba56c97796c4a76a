"""The result of a check."""

from typing import NamedTuple

ERROR, WARNING = "error", "warning"


class Finding(NamedTuple):
    """A misconfiguration: ERROR or WARNING, what is wrong, and what to do."""

    severity: str
    what: str
    cure: str


def error(what: str, cure: str) -> Finding:
    """A finding for what loses or reveals data, or does not work."""
    return Finding(ERROR, what, cure)


def warning(what: str, cure: str) -> Finding:
    """A finding for what works, but not as it should on a public server."""
    return Finding(WARNING, what, cure)
