"""What pages are told when an agent reopens a conversation that was closed in quarantine."""

import json

import pytest

from accounts import setup
from accounts.models import Enterprise
from chat.models import ChatGroup
from chat.posting import batches
from chat.reading import inbox
from tests.chat.helpers import JSON, act_of
from tests.chat.spam import write_quarantined

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(enterprise, team, alice) -> str:
    """The group of a conversation that its visitor closed while it was in quarantine."""
    enterprise.hold = Enterprise.Hold.BOTH
    enterprise.save()
    guest = write_quarantined(team)
    guest.browser().post(f"/chat/{team.enterprise.code}/end/", **JSON)
    return guest.group


def told(who: str, action) -> list[dict]:
    """The `conversation` events that a person gets for an action, in order."""
    outcome = batches.settle([action])
    sent = [pair for one in outcome.announcements for pair in one.events]
    events = [json.loads(event) for people, event in sent if who in people]
    return [event for event in events if event["type"] == "conversation"]


def test_a_manager_without_a_seat_sees_what_their_own_reopening_changed(closed, manager):
    assert not ChatGroup.objects.filter(uuid=closed, member_id=manager.uuid).exists()

    (event,) = told(manager.uuid, act_of("reopen", manager.uuid, closed))

    assert event["open"] is True and event["quarantined"] is None


def test_whoever_joins_by_the_reopening_gets_their_own_unread_count(closed, alice, team):
    dora = setup.create_member("dora", enterprise=team.enterprise)
    setup.join_team(dora, team)

    events = told(dora.uuid, act_of("reopen", alice.uuid, closed))

    assert (
        events[-1]["unread"]
        == inbox.rows_of(dora.uuid, dora.enterprise.code, [closed])[0]["unread"]
        == 0
    )
