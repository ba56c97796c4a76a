"""docs/reliability.md names its proofs; every one of them is there."""

import ast
import re

import pytest

from crash.options import ROOT

pytestmark = pytest.mark.once

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_proof_that_is_named_is_there():
    text = (ROOT / "docs" / "reliability.md").read_text()
    named = NAMED.findall(text)
    assert len(named) > 20
    for path, name in named:
        tree = ast.parse((ROOT / path).read_text())
        names = {node.name for node in tree.body if hasattr(node, "name")}
        assert name in names, f"{path} has no {name}"


def test_every_promise_has_a_proof():
    text = (ROOT / "docs" / "reliability.md").read_text()
    rows = re.findall(r"^\| (\d+) \|.*\|$", text, re.MULTILINE)
    numbers = [int(row) for row in rows]
    assert numbers == sorted(set(numbers)) and numbers[:18] == list(range(1, 19))
    assert all("tests/" in row for row in re.findall(r"^\| \d+ \|.*\|$", text, re.MULTILINE))
