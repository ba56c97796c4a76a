"""What the parts of bin/test count: tests that passed, failed and were skipped."""

import os
import typing
from collections import Counter
from xml.etree import ElementTree

from _bootstrap import run

NO_TESTS = 5  # pytest's exit code when it collected none


class Result(typing.NamedTuple):
    """How many tests of a part passed, failed and were skipped, and the names of those that
    passed at the second try only."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    shaky: tuple = ()


def run_single(command, **environment):
    """Run a command that counts as one test."""
    code = run(command, env={**os.environ, **environment})
    return Result(passed=1) if code == 0 else Result(failed=1)


def run_counted(command, report, environment=None):
    """Run a command that writes `report` in JUnit's form; return what it counted."""
    return result_of(run(command, env=environment), report)


def result_of(code, report):
    """Return what a report counts; at least one failure where the exit code tells of one."""
    result = count(report)
    if code not in (0, NO_TESTS) and result.failed == 0:
        return result._replace(failed=1)
    return result


def count(report):
    """Return the Result in a JUnit file."""
    counts = Counter(outcome for _, outcome in outcomes(report))
    return Result(counts["passed"], counts["failed"], counts["skipped"])


def outcomes(report):
    """Yield the name of each test in a JUnit file, if there is one, and what became of it."""
    for case in ElementTree.parse(report).iter("testcase") if report.exists() else ():
        tags = {child.tag for child in case}
        failed, skipped = tags & {"failure", "error"}, "skipped" in tags
        name = f"{case.get('classname')}::{case.get('name')}"
        yield name, "failed" if failed else "skipped" if skipped else "passed"
