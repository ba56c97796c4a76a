"""Since when a visitor waits, where their conversation is handed on."""

import pytest

from accounts.setup import find_or_create_team, join_team
from chat.posting import batches
from chat.protocol.selection import Selection
from chat.reading import inbox, inbox_counts
from tests.chat.actions import do, facts
from tests.chat.helpers import check_ledger, draft_of, rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales(enterprise, carol):
    team = find_or_create_team(enterprise, "sales", "Sales")
    join_team(carol, team)
    return team


def test_a_hand_on_to_a_team_lets_wait_who_was_answered_and_keeps_a_longer_wait(
    guest, alice, carol, sales, group
):
    asked = facts(group).waiting_since
    assert do("transfer", alice, group, team="sales") is None
    assert facts(group).waiting_since == asked, "the longer wait"
    batches.post(draft_of(carol, group, "one moment"))
    assert facts(group).waiting_since is None
    assert do("transfer", carol, group, team="service") is None
    moved = rows_of(group)[-1]
    assert moved.data["event"] == "moved" and facts(group).waiting_since == moved.created_at
    waiting = Selection("waiting")
    assert [row["group"] for row in inbox.page(alice, chosen=waiting)[0]] == [group]
    assert inbox_counts.view_counts(alice)["waiting"] == 1
    batches.post(guest.draft("still here", group=group))
    assert facts(group).waiting_since == moved.created_at
    batches.post(draft_of(alice, group, "here I am"))
    assert facts(group).waiting_since is None and check_ledger()


def test_a_hand_on_to_a_member_lets_nobody_wait_as_the_member_holds_it(alice, carol, group):
    batches.post(draft_of(alice, group, "an answer"))
    assert do("transfer", alice, group, member=carol.uuid) is None
    assert facts(group).claimed_by == carol.uuid and facts(group).waiting_since is None


def test_a_hand_on_that_is_refused_lets_nobody_wait(alice, enterprise, team, group):
    batches.post(draft_of(alice, group, "an answer"))
    find_or_create_team(enterprise, "night", "Night")
    assert do("transfer", alice, group, team="night") == "conflict"
    assert do("transfer", alice, group, team=team.slug)["open"] is True, "it is there already"
    assert facts(group).waiting_since is None
