"""First messages that look like spam: quarantined for agents, and what these do about them."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Enterprise, Team
from chat.care import quarantine, retention
from chat.mail import reminders
from chat.models import Conversation, GroupMessage, QuickQuestion, Visitor
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.presence import unattended_teams, visitor_queue
from chat.protocol.errors import Refused
from chat.protocol.selection import VIEWS
from chat.reading import inbox, inbox_counts
from chat.visitors import spam
from chat.visitors.invitations import ShownText
from tests.chat.actions import do
from tests.chat.helpers import (
    JSON,
    Guest,
    act_of,
    check_ledger,
    draft_of,
    new_guest,
    refused,
    rows_of,
    seat_of,
)
from tests.chat.spam import LINKS, groups, row_of, say, write, write_quarantined

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("careful")]


def test_it_is_stored_and_answered_as_always_and_seen_nowhere_else(team, alice, bob, manager):
    guest = new_guest(team)
    answer = write(guest, LINKS)
    assert answer.status_code == 200 and answer.json()["seq"] == 2
    group = guest.group
    row = row_of(guest)
    assert row.quarantined_for == "links" and row.open and row.waiting_since is None
    assert [row.message_content for row in rows_of(group)][1] == LINKS
    for member in (alice, bob):
        for view in VIEWS:
            assert groups(member, view) == ([group] if view == "quarantined" else [])
        counts = inbox_counts.view_counts(member)
        assert counts == {"waiting": 0, "mine": 0, "unclaimed": 0, "mentioned": 0, "quarantined": 1}
        assert inbox_counts.numbers(member)[0] == seat_of(member, group).unread == 0
    assert inbox.rows_of(alice.uuid, alice.enterprise.code, [group])[0]["quarantined"] == "links"
    assert unattended_teams.of_enterprise(team.enterprise.code) == []
    visitor_queue.queues.clear()
    assert group not in visitor_queue.read_queue(team.enterprise.code).places
    later = timezone.now() + timedelta(hours=1)
    Team.objects.update(mail_minutes=1, mail_left=True)
    type(alice).objects.update(email="a@example.com")
    assert reminders.take_due(later) == []
    write(guest, "and one more, without a link")
    assert inbox_counts.numbers(alice)[0] == 0 and row_of(guest).waiting_since is None
    assert groups(alice) == [] and check_ledger() == 3


def test_its_visitor_sees_nothing_unusual(team, alice):
    pages = []
    for content in (LINKS, "an ordinary one"):
        guest = new_guest(team)
        write(guest, content)
        text = guest.browser().get(f"/chat/{team.enterprise.code}/").content.decode()
        history = guest.browser().get(f"/chat/{team.enterprise.code}/messages/").content.decode()
        assert "quarantine" not in history and "quarantine" not in text
        assert "spam" not in text.lower()
        pages.append(text.count("<article") + text.count("data-seq"))
    assert pages[0] == pages[1]


def test_other_messages_cost_no_query_more(team, alice, guest):
    """A quarantined conversation costs a message what another one costs, and a first one, too."""
    counts = []
    for content in ("first", "first", LINKS):
        guest = new_guest(team)
        with CaptureQueriesContext(connection) as first:
            write(guest, content)
        group = guest.group
        with CaptureQueriesContext(connection) as next_one:
            batches.post(guest.draft("again", group=group))
        counts.append((len(first), len(next_one)))
    # One less: nothing is unread; and one for the target of a wait, which there is none of. One
    # more for the first: the stream is told that it is in quarantine.
    assert counts[2] == (counts[1][0] - 1, counts[1][1] - 1)


def test_no_spam_becomes_an_ordinary_conversation(team, alice, bob):
    guest = write_quarantined(team)
    group = guest.group
    since = row_of(guest).quarantined_since
    batches.post(guest.draft("hello?", group=group))
    say("not_spam", alice, group)
    row = row_of(guest)
    assert (row.quarantined_since, row.quarantined_for) == (None, "")
    assert row.waiting_since == since, "the visitor has waited since then"
    assert groups(bob) == groups(bob, "unclaimed") == [group] and groups(bob, "quarantined") == []
    assert inbox_counts.numbers(bob)[0] == 2
    by = {"by": alice.uuid, "by_name": alice.display_name}
    assert rows_of(group)[-1].data == {"event": "not_spam", **by}
    batches.post(guest.draft(LINKS, group=group))
    batches.do(act_of("close", alice.uuid, group))
    batches.post(guest.draft(LINKS))
    assert row_of(guest).open and not row_of(guest).quarantined_since, "never again"
    say("not_spam", alice, group)
    check_ledger()


def test_spam_is_closed_and_its_visitor_blocked(team, alice, bob):
    guest = write_quarantined(team)
    say("spam", alice, guest.group)
    row, visitor = row_of(guest), Visitor.objects.get(uuid=guest.uuid)
    assert not row.open and not row.quarantined_since and row.quarantined_for == "links"
    assert visitor.is_blocked and visitor.blocked_until is None and visitor.block_reason == "Spam"
    assert row.reception.reason == "Spam" and row.reception.closed_by == alice.uuid
    assert groups(bob, "quarantined") == [] and groups(bob, "closed") == [guest.group]
    assert refused(write(guest, "hello")) == (403, "closed_out")
    before = len(rows_of(guest.group))
    say("spam", bob, guest.group)
    assert len(rows_of(guest.group)) == before, "so already"
    check_ledger()


def test_the_way_back_from_spam(team, alice, bob):
    guest = write_quarantined(team)
    say("spam", alice, guest.group)
    say("not_spam", alice, guest.group)
    assert not Visitor.objects.get(uuid=guest.uuid).is_blocked
    assert row_of(guest).open and groups(bob) == [guest.group]
    assert inbox_counts.numbers(bob)[0] == 1
    assert write(guest, LINKS).status_code == 200 and not row_of(guest).quarantined_since
    check_ledger()


def test_who_answers_takes_it_for_no_spam(team, alice, bob):
    guest = write_quarantined(team)
    batches.post(draft_of(alice, guest.group, "looks odd", note=True))
    assert row_of(guest).quarantined_since, "a word among colleagues is no answer"
    assert inbox_counts.numbers(bob)[0] == 1
    batches.post(draft_of(alice, guest.group, "which of these do you mean?"))
    row = row_of(guest)
    assert not row.quarantined_since and row.waiting_since is None and row.reception.first_reply_at
    assert groups(bob) == [guest.group] and inbox_counts.numbers(bob)[0] == 3
    check_ledger()


@pytest.mark.parametrize("name", ["claim", "close", "tag", "snooze", "transfer", "invite"])
def test_nothing_else_is_done_with_what_is_quarantined(team, alice, bob, name):
    guest = write_quarantined(team)
    before = len(rows_of(guest.group))
    more = {"member": bob.uuid, "tag": "x", "minutes": 5}
    assert do(name, alice, guest.group, **more) == "conflict"
    assert len(rows_of(guest.group)) == before


def test_an_ordinary_conversation_is_no_spam(alice, guest, group):
    with pytest.raises(Refused, match="not in quarantine"):
        say("spam", alice, group)
    say("not_spam", alice, group)
    assert len(rows_of(group)) == 2 and not Visitor.objects.get(uuid=guest.uuid).is_blocked


def test_another_team_is_no_way_around_it(team, alice):
    guest = write_quarantined(team)
    sales = Team.objects.create(enterprise=team.enterprise, slug="sales", name="Sales")
    elsewhere = Guest(team.enterprise, sales, guest.token)
    batches.post(elsewhere.draft("hello"))
    assert row_of(elsewhere).quarantined_for == "links" and row_of(elsewhere).quarantined_since
    say("not_spam", alice, guest.group)
    assert not row_of(elsewhere).quarantined_since, "what is said of one is said of all"
    third = Team.objects.create(enterprise=team.enterprise, slug="third", name="Third")
    again = Guest(team.enterprise, third, guest.token)
    batches.post(again.draft(LINKS))
    assert not row_of(again).quarantined_since


def test_who_ends_it_and_comes_back_is_quarantined_again(team, alice):
    guest = write_quarantined(team)
    guest.browser().post(f"/chat/{team.enterprise.code}/end/", **JSON)
    assert not row_of(guest).open and groups(alice, "quarantined") == []
    write(guest, "hello again")
    assert row_of(guest).quarantined_since and groups(alice, "quarantined") == [guest.group]
    assert groups(alice) == [] and inbox_counts.numbers(alice)[0] == 0
    guest.browser().post(f"/chat/{team.enterprise.code}/end/", **JSON)
    batches.do(act_of("reopen", alice.uuid, guest.group))
    assert not row_of(guest).quarantined_since, "an agent wants to see it"
    check_ledger()


def test_colleagues_get_the_whole_row_of_one_that_an_agent_reopens(team, alice, bob):
    guest = write_quarantined(team)
    guest.browser().post(f"/chat/{team.enterprise.code}/end/", **JSON)
    mail = {"from": "li@customer.example"}
    GroupMessage.objects.filter(sender=guest.uuid).update(data={"mail": mail})
    Enterprise.objects.update(hide_contacts=True)
    outcome = batches.settle([act_of("reopen", alice.uuid, guest.group)])
    events = [
        (json.loads(event), people) for one in outcome.announcements for people, event in one.events
    ]
    rows = [people for event, people in events if "members" in event and "last_seq" in event]
    assert [sorted(people) for people in rows] == [sorted([alice.uuid, bob.uuid])]
    said = [event["message"] for event, _people in events if event["type"] == "message.posted"]
    assert said[0]["content"] == LINKS, "pages alert by what the visitor wrote"
    assert said[0]["data"]["mail"]["from"] == "l…@…"


def test_a_quick_question_is_never_quarantined_and_no_way_out_either(team, alice, monkeypatch):
    question = QuickQuestion.objects.create(team=team, question="when", answer="yes")
    monkeypatch.setattr(spam, "classify", lambda *_: "same")
    guest = new_guest(team)
    form = {"content": "when", "client_id": guest.draft().client_id, "question": question.pk}
    guest.browser().post(f"/chat/{team.enterprise.code}/messages/", form, **JSON)
    assert not row_of(guest).quarantined_since and groups(alice) == [guest.group]
    assert row_of(guest).waiting_since is None and groups(alice, "waiting") == []
    other = new_guest(team)
    form["client_id"] = other.draft().client_id
    write(other, "spam")
    other.browser().post(f"/chat/{team.enterprise.code}/messages/", form, **JSON)
    assert row_of(other).quarantined_since and inbox_counts.numbers(alice)[0] == 2
    check_ledger()


def test_a_greeting_by_rule_changes_nothing_of_that(team, alice):
    question = QuickQuestion.objects.create(team=team, question="when", answer="yes")
    for pressed, quarantined_now in ((question.pk, False), (None, True)):
        draft = new_guest(team).draft("when")
        draft.opening.suspicion, draft.opening.words = "same", ShownText("Hello!", "Acme")
        draft.question = pressed
        group = batches.post(draft)["group"]
        row = Conversation.objects.get(uuid=group)
        assert bool(row.quarantined_since) is quarantined_now and row.waiting_since is None
    check_ledger()


def test_whom_an_agent_has_invited_is_never_quarantined(team, alice):
    draft = new_guest(team).draft(LINKS)
    draft.opening.suspicion = "links"
    draft.opening.words = ShownText("Can I help you?", alice.display_name, alice.uuid)
    group = batches.post(draft)["group"]
    assert groups(alice) == [group] and not Conversation.objects.get().quarantined_since


def test_what_is_quarantined_for_a_week_is_closed_by_itself(team, alice, enterprise):
    guest, fresh = write_quarantined(team), write_quarantined(team)
    now = timezone.now()
    Conversation.objects.filter(uuid=guest.group).update(quarantined_since=now - quarantine.AGE)
    quarantine.expire(now)
    quarantine.expire(now)
    assert not row_of(guest).open and not row_of(guest).quarantined_since
    assert row_of(fresh).quarantined_since and groups(alice, "quarantined") == [fresh.group]
    assert [row.data["event"] for row in rows_of(guest.group) if row.data][-1] == "quarantine_over"
    assert not Visitor.objects.get(uuid=guest.uuid).is_blocked
    enterprise.retention_days = 30
    enterprise.save()
    Conversation.objects.update(last_activity=now - timedelta(days=40))
    for row in rows_of(guest.group):
        type(row).objects.filter(pk=row.pk).update(created_at=now - timedelta(days=40))
    retention.expire(0)
    assert Visitor.objects.get(uuid=guest.uuid).is_erased
    check_ledger()


def test_an_erased_visitor_is_quarantined_no_more(team, alice, manager):
    guest = write_quarantined(team)
    batches.do(VisitorAction("erase", manager.uuid, guest.group))
    row = Conversation.objects.get(visitor_id=guest.uuid)
    assert (row.quarantined_since, row.quarantined_for) == (None, "")


def test_what_is_quarantined_is_found_by_an_index(team, alice):
    if connection.vendor == "sqlite":
        due = Conversation.objects.filter(
            ent_id__in=["acme"], quarantined_since__lte=timezone.now()
        )
        assert "conversation_quarantined" in due.explain()
