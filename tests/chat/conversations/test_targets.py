"""Until when a visitor who waits is to have an answer: what is stored, and when it changes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.setup import find_or_create_team, join_team
from chat.models import Conversation
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from tests.chat.actions import do, facts
from tests.chat.helpers import check_ledger, draft_of, new_guest, within

pytestmark = pytest.mark.django_db


def left(group: str) -> int | None:
    """Seconds from the beginning of the wait to the target; None where nobody waits."""
    row = facts(group)
    assert (row.waiting_since is None) == (row.due_at is None)
    return row.due_at and round((row.due_at - row.waiting_since).total_seconds())


@pytest.fixture
def paced(team):
    """The team, with another target for further replies than for the first."""
    team.answer_seconds, team.next_seconds = 60, 300
    team.save()
    return team


@pytest.fixture
def sales(enterprise, carol):
    team = find_or_create_team(enterprise, "sales", "Sales")
    team.answer_seconds = 30
    team.save()
    join_team(carol, team)
    return team


def test_the_first_reply_and_further_ones_have_targets_of_their_own(paced, guest, alice):
    group = batches.post(guest.draft("hello"))["group"]
    assert left(group) == 60
    batches.post(guest.draft("still here", group=group))
    assert left(group) == 60, "the wait goes on"
    batches.post(draft_of(alice, group))
    assert left(group) is None
    batches.post(guest.draft("one more", group=group))
    assert left(group) == 300
    do("close", alice, group)
    assert left(group) is None
    batches.post(guest.draft("again", group=group))
    assert left(group) == 60, "another reception"
    assert check_ledger()


def test_a_reply_and_the_next_message_in_one_transaction_count_as_told(paced, guest, alice):
    group = batches.post(guest.draft("hello"))["group"]
    batches.settle([draft_of(alice, group), guest.draft("and", group=group)])
    assert left(group) == 300


def test_a_hand_on_takes_the_other_teams_target_and_keeps_a_longer_wait(
    guest, alice, carol, sales, group
):
    since = facts(group).waiting_since
    do("transfer", alice, group, team="sales")
    assert left(group) == 30 and facts(group).waiting_since == since
    batches.post(draft_of(carol, group))
    do("transfer", carol, group, team="service")
    assert left(group) == 120


def test_a_block_ends_it_and_afterwards_it_is_there_again(alice, guest, group):
    before = facts(group).due_at
    action = {"minutes": 60, "reason": "spam"}
    batches.do(VisitorAction("block", alice.uuid, group, **action))
    assert left(group) is None
    batches.do(VisitorAction("unblock", alice.uuid, group))
    assert facts(group).due_at == before


def test_it_counts_within_the_hours(team, guest, alice):
    opens = timezone.now() + timedelta(days=2)
    day = [[opens.hour * 60 + opens.minute, opens.hour * 60 + opens.minute + 30]]
    week = [day if number == opens.weekday() else [] for number in range(7)]
    team.hours = {"zone": "UTC", "week": week, "holidays": []}
    team.save()
    group = batches.post(guest.draft("hello"))["group"]
    opening = opens.replace(second=0, microsecond=0)
    assert facts(group).due_at == opening + timedelta(seconds=120)


def test_another_target_and_other_hours_change_it_for_all_who_wait(paced, alice, bob, guest):
    first = batches.post(guest.draft("hello"))["group"]
    second = batches.post(new_guest(paced).draft("me, too"))["group"]
    answered = batches.post(new_guest(paced).draft("and I"))["group"]
    batches.post(draft_of(alice, second))
    batches.post(draft_of(alice, answered))
    Conversation.objects.filter(uuid=second).update(waiting_since=timezone.now())
    paced.answer_seconds, paced.next_seconds = 90, 600
    paced.save()
    assert [left(group) for group in (first, second, answered)] == [90, 600, None]
    opens = timezone.now() + timedelta(days=1)
    week = [[[0, 1440]] if number == opens.weekday() else [] for number in range(7)]
    paced.hours = {"zone": "UTC", "week": week, "holidays": []}
    paced.save()
    midnight = opens.replace(hour=0, minute=0, second=0, microsecond=0)
    assert facts(first).due_at == midnight + timedelta(seconds=90)


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_agents_are_told_with_the_wait_and_the_visitor_is_not(paced, guest, alice, connect):
    desk, page = await connect(alice), await connect(guest)
    accepted = await page.say("hello")
    told = await desk.until("conversation", group=accepted["group"])
    assert told["due_at"] > told["waiting_since"] and told["target"] == 60
    await desk.say("hi", group=accepted["group"])
    told = await desk.until("conversation", waiting_since=None)
    assert told["due_at"] is None
    assert "due_at" not in (await connect(guest)).hello["groups"][0]
