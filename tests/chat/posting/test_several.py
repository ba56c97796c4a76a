"""Several conversations at once: each by itself, and what that means for offers and claims."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from accounts.setup import find_or_create_team, join_team
from chat.models import Conversation
from chat.posting import batches, several
from chat.protocol import checks
from chat.protocol.errors import Refused
from tests.chat.actions import do, facts, make_leader, notices, seated
from tests.chat.helpers import check_ledger, new_guest
from tests.conftest import hire

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def groups(team, leader, alice, bob) -> list[str]:
    return [batches.post(new_guest(team).draft(f"number {n}"))["group"] for n in range(3)]


def perform(actor, groups: list[str], action: str, **fields) -> several.Outcome:
    frames = [{"type": f"conversation.{action}", "group": group, **fields} for group in groups]
    return several.perform(actor, [checks.check_frame(frame, visitor=False) for frame in frames])


def codes(outcome: several.Outcome) -> dict[str, str]:
    return {group: refused.code for group, refused in outcome.refused.items()}


def test_who_leads_a_team_supervises_or_manages_acts_on_several_and_nobody_else(
    leader, supervisor, manager, alice, analyst, superuser
):
    assert [one.acts_on_several for one in (leader, supervisor, manager)] == [True] * 3
    assert not any(one.acts_on_several for one in (alice, analyst, superuser))
    with pytest.raises(Refused, match="forbidden"):
        several.refuse_others(alice)


def test_each_is_closed_with_a_notice_of_its_own(leader, groups):
    do("close", leader, groups[2])
    before = notices(groups[2])
    outcome = perform(leader, groups, "close", reason="spam wave")
    assert (outcome.done, outcome.same, outcome.refused) == (groups[:2], [groups[2]], {})
    for group in groups[:2]:
        assert notices(group) == ["opened", "closed", "closing"] and not facts(group).open
        assert facts(group).reception.reason == "spam wave"
    assert notices(groups[2]) == before, "what was closed gets no second notice"
    assert check_ledger()


def test_one_that_is_refused_stops_no_other(leader, alice, groups, other_group, carol, enterprise):
    elsewhere = find_or_create_team(enterprise, "sales", "Sales")
    join_team(carol, elsewhere)
    foreign = batches.post(new_guest(elsewhere).draft("not yours"))["group"]
    unknown = "00000000-0000-4000-8000-000000000000"
    asked = [groups[0], foreign, other_group, unknown, groups[1]]
    outcome = perform(leader, asked, "close")
    assert outcome.done == groups[:2]
    assert codes(outcome) == dict.fromkeys((foreign, other_group, unknown), "not_found")
    assert facts(foreign).open and facts(other_group).open


def test_a_supervisor_acts_where_they_sit_and_reads_the_rest(supervisor, alice, groups):
    do("invite", alice, groups[0], member=supervisor.uuid)
    outcome = perform(supervisor, groups, "close")
    assert outcome.done == groups[:1]
    assert codes(outcome) == dict.fromkeys(groups[1:], "forbidden")


def test_a_team_gets_several_and_the_one_whose_visitor_it_knows_stays(
    leader, carol, team, groups, sales
):
    visitor = Conversation.objects.get(uuid=groups[1]).visitor
    known = new_guest(sales)
    batches.post(known.draft("hello"))
    Conversation.objects.filter(uuid=known.group).update(visitor=visitor)
    outcome = perform(leader, groups, "transfer", team="sales")
    assert codes(outcome) == {groups[1]: "conflict"}
    assert outcome.done == [groups[0], groups[2]]
    for group in outcome.done:
        assert facts(group).team == sales
        assert seated(group) == {carol.uuid, facts(group).visitor_id}
        assert notices(group) == ["opened", "moved"]


def test_a_colleague_gets_more_than_their_capacity_by_hand(leader, alice, bob, groups):
    Member.objects.filter(pk=bob.pk).update(capacity=1)
    do("claim", alice, groups[0])
    outcome = perform(leader, groups, "transfer", member=bob.uuid)
    assert outcome.done == groups, "a person decides, also over what a colleague holds"
    assert {facts(group).claimed_by for group in groups} == {bob.uuid}
    assert [notices(group)[-1] for group in groups] == ["transferred"] * 3


def test_an_open_offer_ends_with_the_claim_that_is_given_by_hand(
    leader, alice, bob, groups, monkeypatch
):
    until = timezone.now() + timedelta(minutes=5)
    Conversation.objects.filter(uuid=groups[0]).update(
        offered_to=alice.uuid, offered_until=until, offer_reason="least_loaded"
    )
    assert perform(leader, groups[:2], "transfer", member=bob.uuid).done == groups[:2]
    found = facts(groups[0])
    assert (found.claimed_by, found.offered_to, found.offered_until) == (bob.uuid, "", None)
    assert do("claim", alice, groups[0]) == "claimed", "who had the offer comes too late"
    assert check_ledger()


def test_an_agent_of_one_team_who_leads_another_gets_no_more_rights_in_the_first(
    team, enterprise, alice, bob, groups
):
    sales = find_or_create_team(enterprise, "sales", "Sales")
    lee = hire("lee", enterprise, team=sales)
    place = lee.places.get()
    place.member_type = place.Type.LEADER
    place.save()
    lee = Member.objects.get(pk=lee.pk)
    do("invite", alice, groups[0], member=lee.uuid)
    do("claim", alice, groups[0])
    outcome = perform(lee, groups[:2], "transfer", member=bob.uuid)
    assert codes(outcome) == {groups[0]: "claimed", groups[1]: "not_found"}
    assert outcome.refused[groups[0]].facts["claimed_name"] == "小艾"


def test_undoing_a_closing_gives_the_claims_back(leader, team, alice, bob, groups):
    do("claim", alice, groups[0])
    make_leader(bob, team, groups[0])
    bob = Member.objects.get(pk=bob.pk)
    assert perform(bob, groups, "close").done == groups
    assert perform(bob, groups, "reopen").done == groups
    assert perform(bob, groups[:1], "transfer", member=alice.uuid).done == groups[:1]
    assert facts(groups[0]).claimed_by == alice.uuid and facts(groups[0]).open
    assert check_ledger()
