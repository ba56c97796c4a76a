#!/usr/bin/env python3
"""Count the type errors of each package: they may only become fewer.

  .venv/bin/python bin/_mypy.py           what bin/test runs; fails if a package has more errors
                                          than bin/type_errors.json allows, and names the new ones
  .venv/bin/python bin/_mypy.py --lower   writes fewer errors into that file

A package that is not in that file may have none. What mypy checks stands in pyproject.toml.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from _bootstrap import ROOT, VENV, run_main, say

ALLOWED = ROOT / "bin" / "type_errors.json"
# The errors of the last run that passed, by which a later one knows the new ones.
KNOWN = ROOT / ".mypy_cache" / "kefu-errors.json"
LINE = re.compile(r"(?P<file>[^:]+):\d+: error: .*")
FAILED = 2  # mypy's exit code when it could not check


def main():
    """Compare the errors with what is allowed; return the exit code."""
    errors, output, code = find_errors()
    if code >= FAILED or (code and not errors):
        say(output)
        return 1
    allowed = json.loads(ALLOWED.read_text())
    known = json.loads(KNOWN.read_text()) if KNOWN.exists() else {}
    for package in grown(errors, allowed):
        say(f"{package}: {len(errors[package])} errors, allowed {allowed.get(package, 0)}; new:")
        say("\n".join(new_ones(errors[package], known.get(package, []))))
    if grown(errors, allowed):
        return 1
    KNOWN.write_text(json.dumps(errors))
    numbers = {name: len(errors.get(name, ())) for name in allowed}
    fewer = {name: number for name, number in numbers.items() if number < allowed[name]}
    if fewer and sys.argv[1:] == ["--lower"]:
        left = {name: number for name, number in (allowed | fewer).items() if number}
        ALLOWED.write_text(json.dumps(left, indent=1, sort_keys=True) + "\n")
    elif fewer:
        say(f"fewer errors, keep it so by `bin/_mypy.py --lower`: {fewer}")
    say(f"{sum(map(len, errors.values()))} type errors, none of them new")
    return 0


def find_errors():
    """Run mypy; return {package: its error lines}, all that it printed, and its exit code."""
    with tempfile.TemporaryDirectory(prefix="kefu-data-") as folder:
        # Its plugin loads the settings.
        environment = {"DATA_DIR": folder, "DATABASE_URL": "", "REDIS_URL": ""}
        done = subprocess.run(
            [str(VENV / "bin" / "mypy"), "--no-error-summary"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    errors = collections.defaultdict(list)
    for line in done.stdout.splitlines():
        if found := LINE.fullmatch(line):
            errors[str(pathlib.PurePath(found["file"]).parent)].append(line)
    return errors, done.stdout, done.returncode


def grown(errors, allowed):
    """Return the packages with more errors than they are allowed."""
    return [name for name in sorted(errors) if len(errors[name]) > allowed.get(name, 0)]


def new_ones(lines, known):
    """Return those of `lines` that are not among the known ones, wherever they stand by now."""
    left = collections.Counter(map(without_number, known))
    new = []
    for line in lines:
        left[without_number(line)] -= 1
        if left[without_number(line)] < 0:
            new.append(line)
    return new


def without_number(line):
    """Return an error without the number of its line, which changes with every line above."""
    return re.sub(r":\d+:", ":", line, count=1)


if __name__ == "__main__":
    run_main(main)
