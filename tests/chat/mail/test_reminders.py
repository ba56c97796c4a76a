"""Mails about what waits too long: once, to those who can be reached, without what was written."""

import asyncio
from datetime import timedelta
from itertools import chain
from unittest.mock import Mock

import pytest
from django.core import mail
from django.db import OperationalError
from django.utils import timezone

from accounts.models import Enterprise, Member
from chat.conversations import changes
from chat.mail import answers, jobs, reminders
from chat.models import Conversation, GroupMessage, Visitor
from chat.posting import batches
from chat.posting.actions import Recall
from chat.routing import overflow
from tests.chat.actions import do, make_leader
from tests.chat.helpers import database, do_task, draft_of, new_guest, within
from tests.chat.threads import in_threads

pytestmark = pytest.mark.django_db
MINUTES = 10


def later(minutes: float):
    return timezone.now() + timedelta(minutes=minutes)


def look(minutes: float = MINUTES + 1) -> dict[str, int]:
    """What a look so much later sends: how many mails to whom."""
    mail.outbox = []
    jobs.send(reminders.take_due(later(minutes)))
    to = [one.to[0].partition("@")[0] for one in mail.outbox]
    return {who: to.count(who) for who in to}


def note(member, group, called) -> int:
    """A note that calls a colleague; its seq."""
    draft = draft_of(member, group, "a secret word", note=True, mentions=(called.uuid,))
    return batches.post(draft)["seq"]


def many(team, alice, bob, count: int) -> None:
    """Visitors who have waited, and mentions that nobody read, for an hour."""
    before = timezone.now() - timedelta(hours=1)
    for number in range(count):
        group = batches.post(new_guest(team).draft(f"number {number}"))["group"]
        if number % 2:
            do("claim", bob, group)
            note(bob, group, alice)
    Conversation.objects.update(waiting_since=before)
    GroupMessage.objects.update(created_at=before)


def visitor_of(group) -> str:
    return Conversation.objects.get(uuid=group).visitor.label


BOTH = {"alice": 1, "bob": 1}


def test_an_unclaimed_visitor_who_waits_for_too_long_is_mailed_to_the_team_once(wanting, group):
    assert look(MINUTES - 1) == {}
    assert look() == BOTH
    english, chinese = sorted(mail.outbox, key=lambda one: one.to)
    assert english.subject == f"1 visitor is waiting in {wanting.name}"
    assert "https://chat.example.com/agent/?view=unclaimed" in english.body
    assert f"{visitor_of(group)}, for 11 min" in english.body and wanting.name in english.body
    assert chinese.subject != english.subject and wanting.name in chinese.subject
    for one in mail.outbox:
        assert "first" not in one.subject + one.body, "what the visitor wrote"
    assert look() == {} and look(60 * 24) == {}


def test_several_who_wait_are_one_mail_and_the_next_comes_after_a_while(wanting, group):
    batches.post(new_guest(wanting).draft("me too"))
    assert look() == BOTH
    assert mail.outbox[0].subject == f"2 visitors are waiting in {wanting.name}"
    newcomer = batches.post(new_guest(wanting).draft("and I"))["group"]
    Conversation.objects.filter(uuid=newcomer).update(waiting_since=later(2))
    assert look(MINUTES + 3) == {}, "it is due, but the last mail is two minutes old"
    assert look(2 * MINUTES + 2) == BOTH
    assert mail.outbox[0].subject == f"1 visitor is waiting in {wanting.name}"


def test_who_is_looked_after_is_not_mailed(wanting, alice, bob, group, guest):
    do("claim", alice, group)
    assert look() == {}
    do("release", alice, group)
    do("snooze", alice, group, minutes=60)
    assert look() == {}
    assert look(61) == BOTH
    batches.post(draft_of(alice, group, "an answer"))
    assert look(120) == {}
    batches.post(guest.draft("again", group=group))
    Conversation.objects.filter(uuid=group).update(waiting_since=later(120))
    assert look(125) == {}
    Visitor.objects.update(blocked=True)
    assert look(131) == {}, "nobody need answer who is blocked"
    Visitor.objects.update(blocked=False)
    assert look(131) == BOTH, "another wait is another mail"
    Conversation.objects.filter(uuid=group).update(waiting_since=later(200))
    do("close", alice, group)
    assert look(300) == {}


def test_nobody_is_mailed_unless_the_team_wants_it_and_they_can_be(
    wanting, alice, bob, carol, manager, group, other_group
):
    Member.objects.filter(pk__in=[carol.pk, manager.pk]).update(email="other@example.com")
    wanting.mail_minutes = None
    wanting.save()
    assert look() == {}
    wanting.mail_minutes = MINUTES
    wanting.save()
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    assert look() == {}
    Enterprise.objects.update(status=Enterprise.Status.OPEN)
    Member.objects.filter(pk__in=[alice.pk, bob.pk]).update(email="")
    assert look() == {}
    Member.objects.filter(pk=alice.pk).update(email="alice@example.com", status=1)
    Member.objects.filter(pk=bob.pk).update(email="bob@example.com")
    assert look() == {"bob": 1}, "what nobody could be told of was still due"


def test_a_mention_that_is_not_read_is_mailed_to_whom_it_calls_once(wanting, alice, bob, group):
    do("claim", bob, group)
    seq = note(bob, group, alice)
    assert look(MINUTES - 1) == {}
    assert look() == {"alice": 1}
    (one,) = mail.outbox
    assert wanting.name in one.subject
    assert f"https://chat.example.com/agent/c/{group}/" in one.body
    assert one.subject == f"小博 mentioned you in {wanting.name}"
    assert f"小博 about {visitor_of(group)}, 11 min ago\nhttps://" in one.body
    for secret in ("a secret word", "first"):
        assert secret not in one.subject + one.body, "mails lie about"
    assert look() == {} and look(300) == {}
    assert note(bob, group, alice) > seq
    assert look() == {"alice": 1}, "another note is another mail"


def test_a_mention_that_was_read_or_recalled_is_not_mailed(wanting, alice, bob, carol, group):
    do("claim", bob, group)
    batches.mark(alice.uuid, group, note(bob, group, alice))
    assert look() == {}
    seq = note(bob, group, alice)
    batches.do(Recall(bob.uuid, group, seq))
    assert look() == {}
    note(alice, group, bob)
    Member.objects.filter(pk=bob.pk).update(email="")
    assert look() == {}


def test_several_mentions_are_one_mail_with_a_link_for_each(wanting, alice, bob, group):
    second = batches.post(new_guest(wanting).draft("me too"))["group"]
    for one in (group, second):
        do("claim", bob, one)
        note(bob, one, alice)
    assert look() == {"alice": 1}
    (one,) = mail.outbox
    assert f"/agent/c/{group}/" in one.body and f"/agent/c/{second}/" in one.body
    assert one.subject == f"You are called 2 times in {wanting.name}"


def test_a_leader_who_is_called_has_a_mail_in_which_nobody_mentions_them(wanting, alice, group):
    make_leader(alice, wanting, group)
    with changes.begin() as change:
        overflow.tell_leaders(change.lock_one(group), 10)
    look()
    (one,) = [one for one in mail.outbox if "called" in one.subject]
    assert one.subject == f"You are called to a visitor in {wanting.name}"
    assert f"\n{visitor_of(group)} had waited for long, 11 min ago\nhttps://" in one.body


def test_a_mention_in_a_team_without_mails_keeps_to_the_page(
    wanting, alice, bob, carol, group, sales
):
    elsewhere = batches.post(new_guest(sales).draft("hello"))["group"]
    do("invite", carol, elsewhere, member=alice.uuid)
    note(carol, elsewhere, alice)
    do("claim", bob, group)
    assert look() == {}


def test_without_an_own_address_mails_tell_the_way_instead_of_a_link(
    wanting, alice, bob, group, settings
):
    settings.PUBLIC_URL = ""
    waiting = batches.post(new_guest(wanting).draft("me too"))["group"]
    do("claim", bob, group)
    note(bob, group, alice)
    assert look() == {"alice": 2, "bob": 1}
    english = [one.body for one in mail.outbox if one.to == ["alice@example.com"]]
    for body, name in zip(english, (visitor_of(waiting), visitor_of(group)), strict=True):
        assert name in body and "/agent/" not in body
    assert "in the list “Unclaimed”" in english[0] and "in the list “@Me”" in english[1]


def test_of_what_one_server_took_the_rest_is_due_again(wanting, alice, bob, group, monkeypatch):
    do("claim", bob, group)
    note(bob, group, alice)
    batches.post(new_guest(wanting).draft("hello"))
    sent = []

    def to_bob_alone(each) -> bool:
        sent.extend(each.to)
        return each.to == ["bob@example.com"]

    monkeypatch.setattr(jobs, "deliver", to_bob_alone)
    look()
    assert sorted(sent) == ["alice@example.com"] * 2 + ["bob@example.com"]
    sent.clear()
    look()
    assert sent == ["alice@example.com"], "the mention alone: of the wait somebody heard"


@pytest.mark.parametrize(("answer", "tries"), [(False, 1), (None, 2)], ids=["fails", "refuses"])
def test_a_server_that_hangs_is_not_waited_for_by_a_whole_team(
    wanting, group, monkeypatch, answer, tries
):
    """One that slowly refuses an address for good has answered: the others are not lost."""
    clock = iter(range(0, 10_000, jobs.GIVE_UP + 1))
    tried = []
    monkeypatch.setattr(jobs.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(jobs, "deliver", lambda each: tried.append(each) or answer)
    jobs.send(reminders.take_due(later(MINUTES + 1)))
    assert len(tried) == tries


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_the_periodic_tasks_send_them(wanting, alice, bob, house, monkeypatch):
    # Whatever becomes of the answers to visitors.
    monkeypatch.setattr(answers, "take_due", Mock(side_effect=OperationalError(1213, "Deadlock")))
    await database(many)(wanting, alice, bob, 2)
    mail.outbox = []
    await do_task(answers.take_due)
    await do_task(reminders.take_due)
    while len(mail.outbox) < 3:
        await asyncio.sleep(0.02)
    assert sorted(each.to[0] for each in mail.outbox) == [
        "alice@example.com",
        "alice@example.com",
        "bob@example.com",
    ]


@pytest.mark.django_db(transaction=True)
def test_of_several_processes_that_look_at_once_one_sends(wanting, alice, bob):
    many(wanting, alice, bob, 6)
    found = [*chain.from_iterable(in_threads(4, lambda _number: reminders.take_due()))]
    links = [each.body.count("/agent/c/") for one in found for each in one.mails]
    assert sum(links) == 3, "each mention once, in whichever mail"
    waiting = [each for one in found for each in one.mails if "/agent/c/" not in each.body]
    assert sorted(each.to[0] for each in waiting) == ["alice@example.com", "bob@example.com"]
