"""Conversations are assigned and offered: what is stored, and what makes a decision possible."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import setup
from accounts.models import Member, Team, TeamMember
from chat.models import Conversation, GroupMessage, MemberType
from chat.posting import batches
from chat.presence import leases
from chat.routing import facts, live
from tests.chat.helpers import check_ledger, draft_of, new_guest
from tests.conftest import hire

from .desk import (
    OFFLINE,
    act,
    connect,
    conversation,
    disconnect,
    events_of,
    holder,
    look,
    notice,
    offered,
    set_routing,
    wait,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(team, alice, bob):
    """The team, which assigns, and its agents with sockets."""
    set_routing(team, "assign")
    connect(alice, bob)
    return team


def test_who_waits_is_assigned_with_the_reason(desk, alice, bob):
    first, second = wait(desk), wait(desk)
    look()
    assert (holder(first), holder(second)) == (alice.uuid, bob.uuid)
    assert events_of(first) == ["opened", "claimed", "assigned"]
    said = notice(first, "assigned")
    assert said.message_type == GroupMessage.Type.AGENT_NOTICE
    assert said.data["member"] == alice.uuid and said.data["name"] == alice.display_name
    why = said.data["reason"], said.data["taken"], said.data["limit"]
    assert why == ("longest_idle", 0, 4)
    assert conversation(first).waiting_since, "they still wait for the answer"
    check_ledger()


def test_nothing_is_decided_for_a_team_that_leaves_it_to_everyone(team, alice):
    connect(alice)
    group = wait(team)
    look()
    assert holder(group) == offered(group) == ""


def test_a_look_where_nobody_waits_is_one_statement(desk, alice):
    group = wait(desk)
    look()
    act("close", alice, group)
    with CaptureQueriesContext(connection) as seen:
        look()
    assert len(seen) == 1
    Team.objects.update(routing="everyone")
    wait(desk)
    with CaptureQueriesContext(connection) as seen:
        look()
    assert len(seen) == 1, "nor where a visitor waits and no team routes"


@pytest.mark.parametrize(
    "change",
    [
        {"capacity": 0},
        {"busy": True},
        {"online_status": OFFLINE},
        {"missed_offers": leases.MAX_MISSED},
        {"status": Member.Status.CLOSED},
        {"role": Member.Role.MANAGER},
    ],
    ids=str,
)
def test_who_is_not_there_or_full_is_assigned_nothing(desk, alice, bob, change):
    disconnect(bob)
    row = Member.objects.filter(pk=alice.pk)
    before = row.values(*change).get()
    row.update(**change)
    group = wait(desk)
    look()
    assert holder(group) == ""
    row.update(**before)
    look()
    assert holder(group) == (alice.uuid if "status" not in change else "")


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


def test_only_a_socket_and_input_make_eligible(desk, alice, bob):
    disconnect(bob)
    disconnect(alice)
    leases.renew_page_lease(alice.uuid)
    group = wait(desk)
    look()
    assert holder(group) == "", "a page without a socket"
    connect(alice, away=[alice])
    look()
    assert holder(group) == "", "nobody at the desk"
    connect(alice)
    look()
    assert holder(group) == alice.uuid


def test_a_manager_takes_conversations_once_they_have_chosen_so(team, manager):
    setup.join_team(manager, team)
    set_routing(team)
    connect(manager)
    group = wait(team)
    look()
    assert holder(group) == ""
    Member.objects.filter(pk=manager.pk).update(takes_routed=True)
    look()
    assert holder(group) == manager.uuid


def test_a_snoozed_a_quarantined_and_a_closed_one_ask_for_nobody(desk, alice, bob):
    groups = [wait(desk) for _ in range(3)]
    act("snooze", alice, groups[0], minutes=5)
    Conversation.objects.filter(uuid=groups[1]).update(
        quarantined_since=timezone.now(), quarantined_for="text"
    )
    act("close", alice, groups[2])
    look()
    assert not any(holder(group) for group in groups)


def test_snoozed_claims_leave_room(desk, alice, bob):
    disconnect(bob)
    Member.objects.update(capacity=1)
    first, second = wait(desk), wait(desk)
    look()
    assert (holder(first), holder(second)) == (alice.uuid, "")
    act("snooze", alice, first, minutes=5)
    look()
    assert holder(second) == alice.uuid


def test_claims_in_all_teams_count(desk, enterprise, alice, bob):
    vip = setup.find_or_create_team(enterprise, "vip")
    setup.join_team(alice, vip)
    disconnect(bob)
    set_routing(desk, capacity=1)
    set_routing(vip, capacity=2)
    first, second = wait(vip), wait(desk)
    look()
    assert (holder(first), holder(second)) == (alice.uuid, "")
    third = wait(vip)
    look()
    assert (holder(third), holder(second)) == (alice.uuid, "")


def test_a_visitor_who_comes_back_gets_who_held_it_last(desk, alice, bob):
    guest = new_guest(desk)
    group = wait(desk, guest)
    look()
    act("release", alice, group)
    act("claim", bob, group)
    act("close", bob, group)
    wait(desk, guest)
    look()
    assert holder(group) == bob.uuid
    assert notice(group, "assigned").data["reason"] == "sticky"
    act("close", bob, group)
    long_ago = timezone.now() - timedelta(days=31)
    Conversation.objects.filter(uuid=group).update(last_held_at=long_ago)
    wait(desk, guest)
    look()
    assert holder(group) == alice.uuid


def test_a_language_and_a_topic_prefer_who_knows_them(desk, alice, bob):
    Member.objects.filter(pk=bob.pk).update(languages=["zh-hans"], topics=["Returns"])
    group = wait(desk)
    Conversation.objects.filter(uuid=group).update(topic="Returns")
    look()
    assert holder(group) == bob.uuid
    assert notice(group, "assigned").data["reason"] == "skill"


def test_who_gives_a_claim_up_comes_after_the_others(desk, alice, bob):
    group = wait(desk)
    look()
    act("release", alice, group)
    look()
    assert holder(group) == bob.uuid
    disconnect(alice)
    act("release", bob, group)
    look()
    look(59)
    assert holder(group) == "", "nobody else is there, and they have just given it up"
    look(61)
    assert holder(group) == bob.uuid


def test_whose_claim_a_leader_frees_comes_after_the_others(desk, alice, bob):
    TeamMember.objects.filter(team=desk, member=bob).update(member_type=MemberType.LEADER)
    group = wait(desk)
    look()
    assert holder(group) == alice.uuid
    act("release", bob, group)
    assert events_of(group)[-1] == "freed"
    look()
    assert holder(group) == bob.uuid, "not back to alice, who held it last"


def test_a_sole_agent_whose_claim_is_freed_gets_it_again_after_a_minute(desk, alice, bob, manager):
    disconnect(bob)
    group = wait(desk)
    look()
    act("release", manager, group)
    look()
    look(59)
    assert holder(group) == ""
    look(61)
    assert holder(group) == alice.uuid


@pytest.mark.parametrize("answered", [False, True])
def test_a_conversation_that_is_handed_on_is_assigned_there(desk, enterprise, alice, bob, answered):
    vip = setup.find_or_create_team(enterprise, "vip")
    carol = hire("carol", enterprise, team=vip)
    set_routing(vip)
    connect(carol)
    group = wait(desk)
    look()
    if answered:
        batches.post(draft_of(alice, group))
    assert bool(conversation(group).waiting_since) is not answered
    act("transfer", alice, group, team="vip")
    look()
    assert holder(group) == carol.uuid and conversation(group).waiting_since


@pytest.mark.parametrize("answered", [False, True])
def test_whoever_hands_on_to_a_team_of_theirs_comes_after_its_others(
    desk, enterprise, alice, bob, answered
):
    vip = setup.find_or_create_team(enterprise, "vip")
    set_routing(vip)
    carol = hire("carol", enterprise, team=vip)
    setup.join_team(alice, vip)
    connect(carol)
    group = wait(desk)
    look()
    assert holder(group) == alice.uuid
    if answered:
        batches.post(draft_of(alice, group))
    act("transfer", alice, group, team="vip")
    look()
    assert holder(group) == carol.uuid


def test_an_enterprise_does_not_get_agents_of_another(desk, other_team, outsider, alice, bob):
    disconnect(alice)
    disconnect(bob)
    set_routing(other_team)
    connect(outsider)
    mine, theirs = wait(desk), wait(other_team)
    look()
    assert (holder(mine), holder(theirs)) == ("", outsider.uuid)


def test_more_than_one_transactions_worth_is_decided_in_one_look(desk, alice, bob, monkeypatch):
    monkeypatch.setattr(live, "BATCH", 3)
    set_routing(desk, capacity=5)
    groups = [wait(desk) for _ in range(12)]
    look()
    assert sum(bool(holder(group)) for group in groups) == 10
    assert [bool(holder(group)) for group in groups] == [True] * 10 + [False] * 2


def test_what_changed_before_the_locks_is_seen(desk, alice, bob):
    group = wait(desk)
    wanted = live.decide(facts.read(desk.enterprise.code, timezone.now()))
    assert [one.who for one in wanted] == [alice.uuid]
    act("claim", bob, group)
    live.carry_out(desk.enterprise.code, wanted, timezone.now())
    assert holder(group) == bob.uuid
    assert events_of(group).count("claimed") == 1
