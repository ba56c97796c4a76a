"""Routing where one team, one conversation or one moment stands in the way of the others."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from accounts import setup
from chat.conversations import claims
from chat.delivery import announce
from chat.models import Conversation
from chat.routing import facts
from tests.conftest import hire

from .desk import act, connect, events_of, holder, look, offered, set_routing, wait

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_team_whose_agents_are_full_hides_no_other_teams_visitor(team, alice, monkeypatch):
    monkeypatch.setattr(facts, "BATCH", 3)
    vip = setup.find_or_create_team(team.enterprise, "vip", "VIP")
    carol = hire("carol", vip.enterprise, team=vip)
    set_routing(team, "assign", capacity=0)
    set_routing(vip, "assign")
    connect(alice, carol)
    for _ in range(4):
        wait(team)
    Conversation.objects.update(waiting_since=timezone.now() - timedelta(minutes=10))
    group = wait(vip)
    look()
    assert holder(group) == carol.uuid


@pytest.mark.parametrize("mode", ["offer", "assign"])
def test_a_snooze_whose_time_is_over_ends_with_the_decision(team, alice, bob, mode):
    set_routing(team, mode)
    group = wait(team)
    act("snooze", bob, group, minutes=1)
    connect(alice)
    sent = []
    with patch.object(announce, "send", lambda batch: sent.append(batch)):
        look(61)
    assert alice.uuid in (offered(group), holder(group))
    assert Conversation.objects.get(uuid=group).snoozed_until is None
    assert events_of(group).count("back") == 1
    assert len(sent) == 1, "it is decided once"


def test_a_conversation_that_cannot_be_assigned_stops_no_other(team, alice, bob):
    set_routing(team, "assign")
    connect(alice, bob)
    bad, good = wait(team), wait(team)
    real = claims.assign

    def assign(thread, *args, **kwargs):
        if thread.uuid == bad:
            raise RuntimeError("cannot be assigned")
        return real(thread, *args, **kwargs)

    with patch.object(claims, "assign", assign):
        look()
        assert holder(good) and not holder(bad)
    look()
    assert holder(bad)
