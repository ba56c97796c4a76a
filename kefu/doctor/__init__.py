"""The checks of `manage.py doctor`: what can be misconfigured, by module.

A check is a function without arguments that yields findings, or nothing if all is well. It changes
nothing. Only the commands `doctor`, `prepare` and `migrate` import this package, and `kefu/urls.py`
for the superusers' home.
"""

from collections.abc import Iterator

from django.core.cache import cache
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from . import database, machine, redis, site, tables
from .finding import ERROR, Finding, warning

CHECKS = [
    *(*site.CHECKS, *machine.CHECKS, *redis.CHECKS),
    *(database.database, *database.CHECKS, database.upgrade_path, database.migrations),
    *tables.CHECKS,
]
GATES = (database.database, database.upgrade_path, database.migrations)
"""If one of these finds something, no more checks run: they would report the same again."""

CACHED, KEPT = "doctor", 300


def run_checks(checks=None) -> Iterator[tuple[str, Finding]]:
    """Runs `checks`, by default all. Yields the name of the check and the finding; an exception in
    a check is a finding, too."""
    for check in checks or CHECKS:
        name, found = check.__name__, False
        try:
            for finding in check():
                found = True
                yield name, finding
        except Exception as reason:
            finding = warning(
                _("{check} could not be checked: {reason}"),
                _("mend that, and run the doctor again"),
                check=name.replace("_", " "),
                reason=one_line(reason),
            )
            yield name, finding
        if found and check in GATES:
            return


def recent() -> list[tuple[str, Finding]]:
    """What all checks found in the last KEPT seconds, in this process, in the present language."""
    kept_as = f"{CACHED}-{get_language()}"
    found = cache.get(kept_as)
    if found is None:
        found = list(run_checks())
        cache.set(kept_as, found, KEPT)
    return found


def one_line(reason: Exception) -> str:
    """The message of an exception in one line, or its class if it has none."""
    return " ".join(str(reason).split()) or type(reason).__name__


def has_errors(findings: list[tuple[str, Finding]]) -> bool:
    return any(finding.severity == ERROR for _name, finding in findings)
