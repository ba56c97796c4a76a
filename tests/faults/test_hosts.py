"""Guarantee 23 in small: several machines whose network fails lose nothing, and are not late."""

import pytest

from .network import run_scenarios, skip_without_network

pytestmark = [pytest.mark.hosts, pytest.mark.once]


def test_forgotten_connections_are_noticed_and_nothing_is_lost(tmp_path):
    skip_without_network()
    names = ["redis forgotten", "database forgotten"]
    code, result, told = run_scenarios(tmp_path, "kefu.asgi:application", names)
    assert code == 0, told
    assert [row["fault"] for row in result["cycles"]] == names
    for row in result["cycles"]:
        assert row["acked"] == row["sent"] > 50
        assert row["told"] < 15 and row["pushes"] < 15
