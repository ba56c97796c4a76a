"""Nobody whom the enterprise's site knows is in quarantine: what a sign-in makes of what was."""

import pytest
from django.utils import timezone

from accounts.models import Team
from chat.care import quarantine
from chat.models import Conversation
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.reading import inbox_counts
from tests.chat.helpers import (
    JSON,
    Guest,
    act_of,
    check_ledger,
    database,
    draft_of,
    new_guest,
    seat_of,
    within,
)
from tests.chat.signed_visitors import WANG, exchange, session_guest, sign_in, signed
from tests.chat.spam import LINKS, groups, row_of, say, write_quarantined

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("careful")]
PLACE = "/chat/acme/messages/"


def write_expired(team: Team) -> Guest:
    """Somebody whose first message was quarantined until it was closed by itself."""
    guest = write_quarantined(team)
    Conversation.objects.filter(uuid=guest.group).update(
        quarantined_since=timezone.now() - quarantine.AGE
    )
    quarantine.expire()
    assert not row_of(guest).open and row_of(guest).quarantined_for == "links"
    return guest


def test_who_signs_in_after_a_week_and_writes_again_is_heard(team, alice):
    guest = write_expired(team)
    browser = guest.browser()
    exchange(browser, signed(team.enterprise, "7", **WANG))
    row = Conversation.objects.get()
    assert not row.open and (row.quarantined_for, row.waiting_since) == ("", None)
    assert seat_of(alice, row.uuid).unread == 1, "which nobody has read"
    check_ledger()
    assert browser.post(PLACE, {"content": "hello again"}, **JSON).status_code == 200
    row = Conversation.objects.get()
    assert row.open and not row.quarantined_since and row.waiting_since
    assert groups(alice, "unclaimed") == [row.uuid] and inbox_counts.numbers(alice)[0] == 2
    check_ledger()


def test_what_was_quarantined_once_is_not_silent_after_two_threads_have_become_one(team, alice):
    exchange(write_expired(team).browser(), signed(team.enterprise, "7", **WANG))
    later = new_guest(team)
    batches.post(later.draft("without a name"))
    sign_in(later)
    row = Conversation.objects.get()
    assert row.open and row.waiting_since and row.quarantined_for == ""
    assert groups(alice, "unclaimed") == [row.uuid] and inbox_counts.numbers(alice)[0] == 2
    check_ledger()


@pytest.mark.parametrize("open_since", [None, timezone.now()])
def test_a_merge_takes_away_what_the_other_one_is_quarantined_for(
    customer, guest, alice, open_since
):
    theirs = Conversation.objects.filter(uuid=customer.group)
    theirs.update(
        quarantined_for="links", quarantined_since=open_since, open=open_since is not None
    )
    batches.post(guest.draft("without a name"))
    sign_in(guest)
    row = Conversation.objects.get()
    assert (
        row.open
        and row.waiting_since
        and (row.quarantined_for, row.quarantined_since) == ("", None)
    )
    assert seat_of(alice, row.uuid).unread == 1
    check_ledger()


def test_an_agent_who_sat_with_the_quarantined_one_alone_has_it_unread(
    customer, team, alice, carol
):
    guest = write_quarantined(team)
    batches.post(draft_of(alice, guest.group, "do you know them?", note=True))
    batches.do(act_of("leave", alice.uuid, customer.group))
    sign_in(guest)
    assert groups(alice) == [customer.group] and seat_of(alice, customer.group).unread == 1
    check_ledger()


def test_what_is_quarantined_with_other_teams_quarantines_nothing_of_a_person(
    enterprise, team, customer
):
    Conversation.objects.update(quarantined_for="links")
    sales = Team.objects.create(enterprise=enterprise, slug="sales", name="Sales")
    again = session_guest(enterprise, sales, "7", **WANG)
    group = batches.post(again.draft("to sales"))["group"]
    assert not Conversation.objects.get(uuid=group).quarantined_since


def test_no_spam_of_one_who_is_blocked_waits_from_the_end_of_the_block(team, alice):
    guest = write_quarantined(team)
    since = row_of(guest).quarantined_since
    block = VisitorAction("block", alice.uuid, guest.group, minutes=60, reason="rude")
    batches.do(block)
    say("not_spam", alice, guest.group)
    row = row_of(guest)
    assert row.open and not row.quarantined_since and row.waiting_since is None
    assert row.visitor.is_blocked, "which was for something else"
    batches.do(VisitorAction("unblock", alice.uuid, guest.group))
    assert row_of(guest).waiting_since <= since
    check_ledger()


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_agents_hear_aloud_of_what_was_quarantined_until_it_joined(
    connect, customer, team, alice
):
    guest = await database(write_quarantined)(team)
    page = await connect(alice)
    await database(exchange)(guest.browser(), signed(team.enterprise, "7", **WANG))
    event = await page.until("conversation", open=True)
    assert event["quarantined"] is None and event["unread"] == 1 and event["waiting_since"]
    message = (await page.until("message.posted"))["message"]
    assert (message["content"], message["sender_role"]) == (LINKS, "visitor")
