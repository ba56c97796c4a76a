"""What a check of the doctor says."""

from typing import NamedTuple

ERROR, WARNING = "error", "warning"


class Finding(NamedTuple):
    """One thing that is misconfigured: how bad, what, and what to do."""

    severity: str
    what: str
    cure: str


def error(what: str, cure: str) -> Finding:
    """Loses or reveals something, or does not work."""
    return Finding(ERROR, what, cure)


def warning(what: str, cure: str) -> Finding:
    """Works, but not as it should on a public server."""
    return Finding(WARNING, what, cure)
