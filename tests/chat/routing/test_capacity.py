"""The ends of what a capacity can be."""

import pytest

from tests.chat.helpers import check_ledger

from .desk import connect, holder, look, notice, offered, set_routing, wait

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_capacity_of_none_gives_nothing_and_one_of_ten_thousand_all(team, alice):
    connect(alice)
    set_routing(team, "assign", capacity=0)
    groups = [wait(team) for _ in range(30)]
    look()
    assert {holder(group) for group in groups} == {""}
    set_routing(team, "assign", capacity=10_000)
    look()
    assert {holder(group) for group in groups} == {alice.uuid}
    assert notice(groups[-1], "assigned").data["limit"] == 10_000
    set_routing(team, "offer", capacity=0)
    more = wait(team)
    look()
    assert offered(more) == "" and holder(more) == ""
    check_ledger()
