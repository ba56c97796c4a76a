"""What the parts of bin/test count: tests that passed, failed and were skipped, and their time."""

import collections
import json
import pathlib
import typing
from xml.etree import ElementTree

from _bootstrap import ROOT, say

NO_TESTS = 5  # pytest's exit code when it collected none
TIMES = ROOT / ".pytest_cache" / "kefu" / "times.json"
SLOWEST = 15  # files that are named at the end


class Result(typing.NamedTuple):
    """How many tests passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


def result_of(code, report):
    """Return what a JUnit file counts; at least one failure if the exit code says so."""
    counts = collections.Counter(map(outcome, cases(report)))
    failed = counts["failed"] or int(code not in (0, NO_TESTS))
    return Result(counts["passed"], failed, counts["skipped"])


def cases(report):
    """Return the tests in a JUnit file, if there is one."""
    return ElementTree.parse(report).iter("testcase") if report.exists() else ()


def outcome(case):
    """Return what became of a test: passed, failed or skipped."""
    tags = {child.tag for child in case}
    return "failed" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "passed"


def seconds_of(reports):
    """Return {test file: seconds} of pytest's JUnit files."""
    seconds = collections.Counter()
    for report in reports:
        for case in cases(report):
            if (file := case.get("file", "")).startswith("tests/"):
                seconds[file] += float(case.get("time"))
    return seconds


def keep_times(seconds):
    """Remember the seconds of test files for `kept_times`."""
    TIMES.parent.mkdir(parents=True, exist_ok=True)
    TIMES.write_text(json.dumps(kept_times() | seconds, indent=0, sort_keys=True))


def kept_times():
    """Return {test file: seconds} of the last runs."""
    return json.loads(TIMES.read_text()) if TIMES.exists() else {}


def say_times(seconds):
    """Print the slowest test files, and the seconds of each folder."""
    folders = collections.Counter()
    for file, time in seconds.items():
        folders["/".join(pathlib.PurePath(file).parts[:-1][:3])] += time
    for title, counter in (("slowest files", seconds), ("seconds of each folder", folders)):
        say(f"\n{title}:")
        for name, time in counter.most_common(SLOWEST if counter is seconds else None):
            say(f"{time:8.1f}  {name}")
