"""Mails about what is left while nobody is there: to the team, once for each reception."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Enterprise, Member
from chat.mail import jobs, reminders
from chat.models import Conversation, Reception, Visitor
from chat.posting import batches
from chat.presence import leases
from tests.chat.helpers import draft_of, new_guest
from tests.chat.presence.days_off import rest

pytestmark = pytest.mark.django_db


@pytest.fixture
def reached(team, alice, bob, settings):
    """alice and bob can be mailed; nobody is there."""
    settings.PUBLIC_URL = "https://chat.example.com"
    Member.objects.filter(pk=bob.pk).update(email="bob@example.com", language="zh-hans")
    return team


def look(minutes: float = 2) -> list[str]:
    """Who gets a mail by a look so much later."""
    mail.outbox = []
    jobs.send(reminders.take_due(timezone.now() + timedelta(minutes=minutes)))
    return sorted(one.to[0].partition("@")[0] for one in mail.outbox)


def test_what_is_left_while_nobody_is_there_is_mailed_once(reached, group, guest):
    assert look(0.5) == [], "an agent may be about to reload"
    assert look() == ["alice", "bob"]
    english, chinese = sorted(mail.outbox, key=lambda one: one.to)
    assert english.subject == f"1 visitor left a message in {reached.name}"
    assert f"https://chat.example.com/agent/c/{group}/" in english.body
    named = Conversation.objects.get(uuid=group).visitor.label
    assert f"{named}, for 2 min\n" in english.body
    assert "first" not in english.body, "what the visitor wrote"
    assert reached.name in chinese.subject and "left" not in chinese.subject + chinese.body
    batches.post(guest.draft("still here", group=group))
    assert look() == look(60) == []


def test_the_next_reception_is_another_mail(reached, alice, group, guest):
    look()
    batches.post(draft_of(alice, group, "an answer"))
    Conversation.objects.filter(uuid=group).update(open=False)
    batches.post(guest.draft("again", group=group))
    assert Reception.objects.count() == 2
    assert look(11) == [], "the last mail is nine minutes old"
    assert look(12) == ["alice", "bob"]


def test_nobody_is_mailed_while_somebody_is_there_in_working_hours(reached, alice, group):
    leases.renew([alice.uuid], life=timedelta(hours=1))
    assert look() == []
    rest(reached)
    assert look() == ["alice", "bob"], "outside of them nobody is expected"


def test_several_are_one_mail_with_a_link_for_each(reached, group):
    other = batches.post(new_guest(reached).draft("me too"))["group"]
    assert look() == ["alice", "bob"]
    (one, _other) = mail.outbox
    assert "2" in one.subject and group in one.body and other in one.body


def test_a_team_that_wants_none_and_what_is_looked_after_are_not_mailed(reached, alice, group):
    Conversation.objects.update(claimed_by=alice.uuid)
    assert look() == []
    Conversation.objects.update(claimed_by="", snoozed_until=timezone.now() + timedelta(hours=1))
    assert look() == []
    Conversation.objects.update(snoozed_until=None)
    Visitor.objects.update(blocked=True)
    assert look() == []
    Visitor.objects.update(blocked=False)
    reached.mail_left = False
    reached.save()
    assert look() == []
    reached.mail_left = True
    reached.save()
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    assert look() == []
    Enterprise.objects.update(status=Enterprise.Status.OPEN)
    assert look(60 * 25) == [], "a day later it is no news"
    assert look() == ["alice", "bob"]


def test_who_is_told_at_once_is_not_told_again_for_waiting(reached, group):
    reached.mail_minutes = 10
    reached.save()
    assert look() == ["alice", "bob"]
    assert look(11) == []


def test_of_two_looks_at_once_one_takes_it(reached, group):
    now = timezone.now() + timedelta(minutes=2)
    rows = [(group, Reception.objects.get().pk)]
    people = list(reached.members.all())
    first = reminders.left_in(reached, people, rows, now)
    assert len(first) == 1 and reminders.left_in(reached, people, rows, now) == []
