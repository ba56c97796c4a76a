"""What a change of people means for conversations that they sit in."""

import pytest

from accounts.models import Member, TeamMember
from chat.conversations import seating
from chat.ledger import access
from chat.posting import batches

from .actions import do, facts, seated
from .helpers import JSON, check_ledger, new_guest

pytestmark = pytest.mark.django_db(transaction=True)


def test_dismissing_the_holder_frees_the_claim(alice, bob, team, group):
    do("claim", alice, group)
    alice.status = Member.Status.CLOSED
    alice.save()
    assert facts(group).claimed_by == ""
    do("claim", bob, group)
    TeamMember.objects.get(team=team, member=bob).delete()
    assert facts(group).claimed_by == "" and check_ledger()


def test_one_who_leaves_a_team_locks_only_where_they_sit(alice, bob, team, group, monkeypatch):
    other = batches.post(new_guest(team).draft())["group"]
    do("leave", alice, group)
    left = []
    monkeypatch.setattr(seating, "leave", lambda _who, groups, _remover: left.extend(groups))
    TeamMember.objects.get(team=team, member=alice).delete()
    assert left == [other]


def test_one_who_was_invited_and_then_deleted_holds_no_seat(alice, bob, carol, group):
    do("invite", alice, group, member=carol.uuid)
    uuid = carol.uuid
    carol.delete()
    assert uuid not in seated(group)
    do("leave", bob, group)
    assert do("leave", alice, group) == "conflict", "nobody else is there"
    Member.objects.filter(pk=alice.pk).delete()
    assert alice.uuid not in seated(group) and check_ledger()


def test_one_who_loses_the_workspace_leaves_every_seat_and_frees_the_claim(
    alice, bob, carol, group, enterprise
):
    do("transfer", alice, group, member=carol.uuid)
    carol.role = Member.Role.SUPERVISOR
    carol.save()
    assert facts(group).claimed_by == carol.uuid, "a supervisor may keep a seat"
    carol.role = Member.Role.ANALYST
    carol.save()
    assert carol.uuid not in seated(group) and facts(group).claimed_by == ""
    assert check_ledger()


def test_an_analyst_is_no_colleague_to_invite_or_to_hand_a_conversation_to(
    alice, analyst, group, browser_of
):
    for action in ("invite", "transfer"):
        assert do(action, alice, group, member=analyst.uuid) == "not_found"
    assert analyst.uuid not in seated(group) and facts(group).claimed_by == ""
    told = browser_of(alice).get("/agent/colleagues/", **JSON).json()
    assert alice.uuid in {one["member"] for one in told["members"]}
    assert analyst.uuid not in {one["member"] for one in told["members"]}


def test_a_seat_from_before_opens_nothing_for_an_analyst(alice, carol, group):
    do("invite", alice, group, member=carol.uuid)
    Member.objects.filter(pk=carol.pk).update(role=Member.Role.ANALYST)
    carol.refresh_from_db()
    assert access.conversation_for(carol, group) is None
    assert do("claim", carol, group) == "not_found"
