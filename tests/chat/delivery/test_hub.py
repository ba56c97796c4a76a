"""A member's unread over all groups, from values that come in any order."""

import itertools

import pytest

from chat.delivery import hub
from chat.delivery.hub import Hub, Totals

pytestmark = pytest.mark.once


def test_the_newest_value_of_a_group_counts_in_whatever_order_they_come():
    values = [(3, 5), (0, 8), (1, 9), (0, 11)]
    for order in itertools.permutations(values):
        totals = Totals()
        totals.put("other", 2, 1)
        for value, version in order:
            totals.put("group", value, version)
        assert totals.sum == 2 and totals.groups == {"other": (2, 1)}
        totals.put("group", 4, 12)
        assert totals.sum == 6


def test_groups_that_were_read_fill_no_memory(monkeypatch):
    monkeypatch.setattr(hub, "KEPT", 10)
    totals = Totals()
    for number in range(100):
        totals.put(f"group {number}", 1, 1)
    for number in range(100):
        totals.put(f"group {number}", 0, 2)
        totals.put(f"group {number}", 1, 1)
    assert not totals.sum and not totals.groups and len(totals.read) == 10


def test_what_is_read_while_thousands_are_counted_again_stays_read(monkeypatch):
    monkeypatch.setattr(hub, "KEPT", 3)
    own = Hub()
    totals = own.totals["who"] = Totals()
    own.load("who", [("who", f"group {number}", 1, 1) for number in range(5)])
    counted = own.counted("who")
    totals.put("group 0", 0, 2)
    rows = [("who", f"group {number}", 1, 1) for number in range(4)]
    own.load("who", rows, counted)
    assert totals.sum == 3, "neither the one that was read nor the one that is gone"
