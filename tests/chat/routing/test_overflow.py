"""Where a visitor waits for too long, another team helps; then leaders hear, then the visitor."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import hours, setup
from accounts.models import Member, Team, TeamMember
from chat.models import ChatGroup, Conversation, GroupMessage
from chat.posting import batches
from chat.routing import overflow
from tests.chat.helpers import check_ledger, draft_of, new_guest
from tests.conftest import hire

from .desk import act, connect, disconnect, events_of, holder, look, notice, set_routing, wait

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def vip(enterprise):
    return setup.find_or_create_team(enterprise, "vip", "VIP")


@pytest.fixture
def carol(vip):
    return hire("carol", vip.enterprise, team=vip, nickname="小卡")


@pytest.fixture
def desk(team, vip, alice, bob, carol):
    """A team that assigns and overflows into another one, whose carol has a socket."""
    set_routing(team, "assign", overflow=vip, overflow_minutes=5)
    connect(carol)
    return team


def waited(team, minutes: float, guest=None) -> str:
    """A visitor who has waited for so long."""
    group = wait(team, guest)
    since = timezone.now() - timedelta(minutes=minutes)
    Conversation.objects.filter(uuid=group).update(waiting_since=since)
    return group


def seated(group: str, member: Member) -> bool:
    return ChatGroup.objects.in_group(group).for_member(member.uuid).exists()


def test_after_its_minutes_the_other_teams_agents_help(desk, vip, carol):
    early, late = waited(desk, 4.9), waited(desk, 5)
    look()
    assert not seated(early, carol) and holder(early) == ""
    assert holder(late) == carol.uuid
    assert events_of(late) == ["opened", "overflowed", "claimed", "assigned"]
    said = notice(late, "overflowed")
    assert (said.data["to"], said.data["to_name"]) == ("vip", "VIP")
    assert said.message_type == GroupMessage.Type.AGENT_NOTICE
    assert Conversation.objects.get(uuid=late).team == desk, "its team stays"
    check_ledger()


def test_the_minutes_are_those_of_working_hours(desk, carol):
    opened = timezone.now().replace(second=0, microsecond=0)
    begin = opened.hour * 60 + opened.minute
    hours = {"zone": "UTC", "week": [[[begin, begin + 540]]] * 7, "holidays": []}
    Team.objects.filter(pk=desk.pk).update(hours=hours)
    group = waited(desk, 6 * 60)
    helped = ["opened", "overflowed", "claimed", "assigned"]
    for seconds, events in ((1, ["opened"]), (299, ["opened"]), (301, helped)):
        look(after=(opened - timezone.now()).total_seconds() + seconds)
        assert events_of(group) == events, seconds


def test_it_happens_once_in_a_wait(desk, carol):
    group = waited(desk, 6)
    look()
    act("release", carol, group)
    act("leave", carol, group)
    look()
    assert events_of(group).count("overflowed") == 1 and not seated(group, carol)


def test_a_later_wait_overflows_again(desk, carol, alice):
    guest = new_guest(desk)
    group = waited(desk, 6, guest)
    look()
    batches.post(draft_of(carol, group))
    act("close", carol, group)
    act("leave", carol, group)
    waited(desk, 6, guest)
    look()
    assert events_of(group).count("overflowed") == 2


def test_nobody_helps_who_is_not_eligible(desk, vip, carol):
    group = waited(desk, 6)
    today = timezone.now().date().isoformat()
    off = {"zone": "UTC", "week": [[]] * 7, "holidays": [[today, ""]]}
    disconnect(carol)
    look()
    assert not seated(group, carol)
    connect(carol)
    person = Member.objects.filter(pk=carol.pk)
    own, other = (Team.objects.filter(pk=one.pk) for one in (desk, vip))
    for row, change in (
        (person, {"busy": True}),
        (own, {"capacity": 0}),
        (other, {"hours": off}),
        (own, {"hours": off}),
    ):
        before = row.values(*change).get()
        row.update(**change)
        look()
        assert not seated(group, carol), change
        row.update(**before)
    look()
    assert holder(group) == carol.uuid, "as soon as somebody is"


def test_a_claimed_conversation_does_not_overflow(desk, alice, carol):
    group = waited(desk, 20)
    act("claim", alice, group)
    look()
    assert events_of(group) == ["opened", "claimed"]


def test_a_team_that_leaves_claims_to_everyone_overflows_too(desk, carol):
    set_routing(desk, "everyone")
    group = waited(desk, 6)
    look()
    assert seated(group, carol) and holder(group) == ""


def test_then_leaders_are_told_and_then_the_visitor(desk, alice, bob, carol):
    disconnect(carol)
    place = alice.places.get()
    place.member_type = TeamMember.Type.LEADER
    place.save()
    group = waited(desk, 9.9)
    look()
    assert events_of(group) == ["opened"]
    since = timezone.now() - timedelta(minutes=10)
    Conversation.objects.filter(uuid=group).update(waiting_since=since)
    look()
    look()
    assert events_of(group) == ["opened", "overdue"]
    told = notice(group, "overdue")
    assert told.data["minutes"] == 10 and told.data["leaders"] == [alice.uuid]
    seats = ChatGroup.objects.in_group(group)
    assert seats.for_member(alice.uuid).get().mentioned_seq == told.seq
    assert seats.for_member(bob.uuid).get().mentioned_seq == 0
    look(after=300)
    look(after=301)
    assert events_of(group) == ["opened", "overdue", "no_answer"]
    assert notice(group, "no_answer").message_type == GroupMessage.Type.NOTICE
    connect(carol)
    look(after=302)
    assert seated(group, carol), "help that comes late is help"


def test_everything_that_is_due_happens_at_once_after_an_outage(desk, carol):
    group = waited(desk, 60)
    look()
    wanted = ["opened", "overflowed", "overdue", "no_answer", "claimed", "assigned"]
    assert events_of(group) == wanted
    check_ledger()


def test_a_team_that_overflows_into_itself_asks_nobody_twice(desk, alice, bob):
    """The administration and the command refuse it; an imported table may have it."""
    Team.objects.filter(pk=desk.pk).update(overflow=desk)
    group = waited(desk, 6)
    look()
    look(after=1)
    assert "overflowed" not in events_of(group) and holder(group) == ""
    connect(alice)
    look(after=2)
    assert holder(group) == alice.uuid and "overflowed" not in events_of(group)
    check_ledger()


def test_teams_in_a_circle_do_not_send_a_conversation_around(desk, vip, carol, alice):
    Team.objects.filter(pk=vip.pk).update(overflow=desk, overflow_minutes=1)
    group = waited(desk, 6)
    look()
    look(after=600)
    assert events_of(group).count("overflowed") == 1


def test_working_hours_are_walked_once_for_all_who_wait(desk, carol, monkeypatch):
    walk = Mock(wraps=hours.ago)
    monkeypatch.setattr(hours, "ago", walk)
    late = [waited(desk, 6) for _ in range(3)]
    look()
    assert all("overflowed" in events_of(group) for group in late)
    assert walk.call_count == len(overflow.AFTER)


def test_those_who_were_helped_keep_nobody_from_help(desk, carol, monkeypatch):
    monkeypatch.setattr(overflow, "BATCH", 3)
    set_routing(desk, "everyone")
    for _ in range(3):
        waited(desk, 20)
    look()
    late = waited(desk, 6)
    look()
    assert "overflowed" in events_of(late)


def test_where_nobody_can_help_a_look_writes_nothing(desk, carol):
    disconnect(carol)
    for _ in range(10):
        waited(desk, 20)
    look()
    with CaptureQueriesContext(connection) as seen:
        look()
    assert not [one for one in seen if one["sql"].startswith(("UPDATE", "INSERT", "BEGIN"))]
    assert len(seen) < 20


def test_helpers_of_an_earlier_wait_are_called_again(desk, vip, carol, alice):
    set_routing(desk, "everyone")
    guest = new_guest(desk)
    group = waited(desk, 6, guest)
    look()
    batches.post(draft_of(alice, group, "an answer"))
    act("release", alice, group)
    batches.post(guest.draft("and now?", group=group))
    since = timezone.now() - timedelta(minutes=6)
    Conversation.objects.filter(uuid=group).update(waiting_since=since)
    look()
    look()
    assert events_of(group).count("overflowed") == 2
    assert notice(group, "overflowed").data["members"] == [carol.uuid]
    check_ledger()
