"""A wait that was ended goes on where it was: after a block, and after a close that is undone; and
since when a visitor waits who is handed on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.setup import find_or_create_team
from chat.models import GroupMessage, QuickQuestion, Reception
from chat.posting import batches
from chat.posting.actions import Ending, Rating, Recall
from chat.posting.visitor_actions import VisitorAction
from chat.protocol.selection import Selection
from chat.reading import inbox, inbox_counts
from crash.facts import replay
from tests.chat.actions import do, facts
from tests.chat.helpers import check_ledger, draft_of, rows_of

pytestmark = pytest.mark.django_db


def since(group: str):
    """Since when the visitor waits, as stored; told to who looks, and what the rows say."""
    found = facts(group)
    notices = [row.data if row.message_type in (2, 4) else None for row in rows_of(group)]
    rows = [(row.sender, row.message_type, row.created_at) for row in rows_of(group)]
    told = [(*row, notice) for row, notice in zip(rows, notices, strict=True)]
    assert replay(told, found.visitor_id)["waiting_since"] == found.waiting_since
    return found.waiting_since


def blocked_for_a_while(member, group: str) -> None:
    for name in ("block", "unblock"):
        batches.do(VisitorAction(name, member.uuid, group, minutes=5, reason="x"))


def ago(group: str, seconds: float) -> None:
    """Lets the close have happened so many seconds earlier."""
    at = timezone.now() - timedelta(seconds=seconds)
    Reception.objects.filter(group_id=group, closed_at__isnull=False).update(closed_at=at)
    (closed,) = [row for row in rows_of(group) if (row.data or {}).get("event") == "closed"]
    GroupMessage.objects.filter(pk=closed.pk).update(created_at=at)


@pytest.mark.parametrize("leads", [False, True])
def test_a_close_that_is_undone_at_once_leaves_the_wait_as_it_was(
    guest, alice, manager, group, leads
):
    who = manager if leads else alice
    asked = since(group)
    batches.post(guest.draft("still there?", group=group))
    for _twice in range(2):
        assert do("close", who, group) is None and since(group) is None
        assert do("reopen", who, group) is None
        assert since(group) == asked
    waiting = Selection("waiting")
    assert [row["group"] for row in inbox.page(alice, chosen=waiting)[0]] == [group]
    blocked_for_a_while(alice, group)
    assert facts(group).waiting_since == asked, "after a block likewise"
    check_ledger()


@pytest.mark.parametrize("blocked", [False, True])
def test_a_close_that_is_undone_at_once_ends_no_reception(guest, alice, group, blocked):
    batches.do(Rating(guest.uuid, group, 4, "fine"))
    before = Reception.objects.values().get()
    if blocked:
        batches.do(VisitorAction("block", alice.uuid, group, minutes=5, reason="x"))
    do("close", alice, group, reason="done", summary="all said")
    assert do("reopen", alice, group) is None
    assert Reception.objects.values().get() == before
    if not blocked:
        batches.post(guest.draft("and now?", group=group))
        assert Reception.objects.count() == 1 and check_ledger()


def test_a_reopening_by_another_or_later_lets_nobody_wait(guest, alice, bob, group):
    do("close", alice, group)
    do("reopen", bob, group)
    assert since(group) is None
    blocked_for_a_while(alice, group)
    assert facts(group).waiting_since is None, "it is another reception"
    batches.post(guest.draft("and now?", group=group))
    assert since(group) == rows_of(group)[-1].created_at


@pytest.mark.parametrize("seconds", [9, 11])
def test_a_close_can_be_undone_for_ten_seconds(alice, group, seconds):
    asked = since(group)
    do("close", alice, group)
    ago(group, seconds)
    do("reopen", alice, group)
    assert since(group) == (asked if seconds < 10 else None)
    blocked_for_a_while(alice, group)
    assert facts(group).waiting_since == (asked if seconds < 10 else None)


def test_what_a_visitor_ends_and_opens_again_waits_from_then(guest, alice, group):
    batches.run([draft_of(alice, group)])
    batches.do(Ending(guest.uuid, group))
    batches.post(guest.draft("one more thing", group=group))
    assert since(group) == rows_of(group)[-1].created_at


def test_who_was_answered_does_not_wait_after_an_undone_close(guest, alice, group):
    batches.post(draft_of(alice, group, "an answer"))
    do("close", alice, group)
    do("reopen", alice, group)
    assert since(group) is None
    batches.post(guest.draft("thanks, but", group=group))
    do("close", alice, group)
    batches.post(draft_of(alice, group, "goodbye"))
    do("reopen", alice, group)
    assert since(group) is None, "while it was closed"


def test_who_is_blocked_does_not_wait_until_the_block_is_over(guest, alice, group):
    asked = since(group)
    do("close", alice, group)
    batches.do(VisitorAction("block", alice.uuid, group, minutes=5, reason="x"))
    do("reopen", alice, group)
    assert facts(group).waiting_since is None
    batches.do(VisitorAction("unblock", alice.uuid, group))
    assert facts(group).waiting_since == asked


def test_a_hand_on_while_blocked_lets_nobody_wait(guest, alice, carol, sales, group):
    batches.post(draft_of(alice, group, "an answer"))
    batches.do(VisitorAction("block", alice.uuid, group, minutes=5, reason="x"))
    assert do("transfer", alice, group, team="sales") is None
    moved = rows_of(group)[-1]
    assert facts(group).waiting_since is None
    batches.do(VisitorAction("unblock", carol.uuid, group))
    assert facts(group).waiting_since == moved.created_at, "the new team has said nothing yet"


def test_the_wait_since_a_hand_on_goes_on_after_a_block(guest, alice, carol, sales, group):
    batches.post(draft_of(alice, group, "an answer"))
    assert do("transfer", alice, group, team="sales") is None
    moved = since(group)
    batches.post(guest.draft("hello?", group=group))
    blocked_for_a_while(carol, group)
    assert facts(group).waiting_since == moved


def test_notes_recalls_and_quick_questions_change_nothing_of_it(guest, alice, team, group):
    asked = since(group)
    question = QuickQuestion.objects.create(team=team, question="When?", answer="9")
    batches.post(draft_of(alice, group, "a note", note=True))

    def press() -> None:
        pressed = guest.draft("When?", group=group)
        pressed.question = question.pk
        batches.post(pressed)

    press()
    batches.do(Recall(guest.uuid, group, 2))
    blocked_for_a_while(alice, group)
    assert facts(group).waiting_since == asked, "the wait did not end with the recall"
    answer = batches.post(draft_of(alice, group, "an answer"))
    batches.do(Recall(alice.uuid, group, answer["seq"]))
    press()
    blocked_for_a_while(alice, group)
    assert facts(group).waiting_since is None, "the answer was there"


@pytest.mark.parametrize("at_once", [True, False])
def test_spam_that_was_none_waits_since_the_message_or_since_that_is_known(
    guest, alice, group, at_once
):
    asked = since(group)
    with_reason = facts(group)
    with_reason.quarantined_for, with_reason.quarantined_since = "links", asked
    with_reason.waiting_since = None
    with_reason.save()
    batches.do(VisitorAction("spam", alice.uuid, group))
    if not at_once:
        ago(group, 60)
    batches.do(VisitorAction("not_spam", alice.uuid, group))
    begun = asked if at_once else rows_of(group)[-1].created_at
    assert facts(group).open and facts(group).waiting_since == begun
    blocked_for_a_while(alice, group)
    assert facts(group).waiting_since == begun
    for name in ("close", "reopen"):
        do(name, alice, group)
    assert facts(group).waiting_since == begun


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
