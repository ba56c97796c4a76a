"""`manage.py doctor`: looks at everything that an owner can misconfigure.

A check is a function without arguments that yields findings, or nothing if all is well. It
changes nothing, and it stands in the module of what it looks at.
"""

from collections.abc import Iterator

from . import database, machine, redis, site
from .finding import ERROR, Finding, warning

CHECKS = [
    *(*site.CHECKS, *machine.CHECKS, *redis.CHECKS),
    *(database.database, *database.CHECKS, database.migrations, *site.TABLE_CHECKS),
]
GATES = (database.database, database.migrations)
"""When one of these finds something, those after it would only say the same again."""


def examine(checks=None) -> Iterator[tuple[str, Finding]]:
    """(name of the check, finding) of all checks. One that fails itself is a finding too."""
    for check in checks or CHECKS:
        name, found = check.__name__, False
        try:
            for finding in check():
                found = True
                yield name, finding
        except Exception as reason:
            what = f"{name.replace('_', ' ')} could not be checked: {one_line(reason)}"
            yield name, warning(what, "mend that, and run the doctor again")
        if found and check in GATES:
            return


def one_line(reason: Exception) -> str:
    return " ".join(str(reason).split()) or type(reason).__name__


def is_bad(findings: list[tuple[str, Finding]]) -> bool:
    return any(finding.severity == ERROR for _name, finding in findings)
