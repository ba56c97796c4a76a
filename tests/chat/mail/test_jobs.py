"""Mails that a process took and did not send, since it ended: another one sends them."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.core import mail
from django.db import OperationalError
from django.utils import timezone

from accounts.models import Member
from chat.mail import answers, jobs, reminders
from chat.models import Conversation, MailJob, Visitor
from chat.posting import batches
from tests.chat.helpers import act_of, draft_of, new_guest
from tests.chat.signed_visitors import sign_in

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=11)


@pytest.fixture(params=["waiting", "left", "mention", "answer"])
def due(request, team, alice, bob, guest, group, settings):
    """Something of each kind that is due, the function that takes it, and who is to be mailed."""
    settings.PUBLIC_URL = "https://chat.example.com"
    Member.objects.filter(pk=bob.pk).update(email="bob@example.com")
    team.mail_minutes = 10 if request.param in ("waiting", "mention") else None
    team.mail_left = request.param == "left"
    team.save()
    take, to = reminders.take_due, ["alice@example.com", "bob@example.com"]
    if request.param == "mention":
        batches.do(act_of("claim", bob.uuid, group))
        batches.post(draft_of(bob, group, "look", note=True, mentions=(alice.uuid,)))
        to = ["alice@example.com"]
    elif request.param == "answer":
        Visitor.objects.update(contact="li@example.com")
        batches.post(draft_of(alice, group, "an answer"))
        take, to = answers.take_due, ["li@example.com"]
    return lambda: take(timezone.now() + LATER), to


def sent(taken: list) -> list[str]:
    mail.outbox = []
    jobs.send(taken)
    return sorted(each.to[0] for each in mail.outbox)


def lost_since(minutes: float) -> None:
    jobs.find_lost(timezone.now() + timedelta(minutes=minutes))


def test_what_a_process_took_that_ended_before_it_sent_is_sent_by_another_once(due):
    take, to = due
    assert len(take()) == 1, "and that is the end of this process"
    lost_since(4)
    assert take() == [], "it may still send"
    lost_since(6)
    lost_since(6)
    assert not MailJob.objects.exists()
    assert sent(take()) == to
    lost_since(60)
    assert take() == [] and not MailJob.objects.exists(), "it is known to be sent"


def test_of_what_no_server_takes_no_job_is_left(due, monkeypatch):
    take, to = due
    monkeypatch.setattr(jobs, "deliver", lambda each: False)
    sent(take())
    assert not MailJob.objects.exists()
    monkeypatch.undo()
    assert sent(take()) == to


def test_what_is_refused_for_good_is_due_no_more(due, monkeypatch):
    take, _to = due
    monkeypatch.setattr(jobs, "deliver", lambda each: None)
    sent(take())
    assert not MailJob.objects.exists() and take() == []


def test_who_was_too_slow_and_has_lost_it_to_another_sends_nothing(due, monkeypatch):
    take, to = due
    slow = take()
    lost_since(6)
    assert sent(take()) == to
    told = Mock()
    monkeypatch.setattr(jobs, "keep_outcome", told)
    assert sent(slow) == []
    assert not told.called, "no mail server was asked"


def test_a_process_that_is_still_sending_keeps_what_it_took(due, monkeypatch):
    take, to = due
    taken = take()
    MailJob.objects.update(taken_at=timezone.now() - timedelta(minutes=4))

    def deliver(each):
        lost_since(4)
        mail.outbox.append(each)
        return True

    monkeypatch.setattr(jobs, "deliver", deliver)
    assert sent(taken) == to


def test_a_database_that_goes_away_after_the_mail_leaves_the_job(due, monkeypatch, caplog):
    """The one way in which a mail goes out twice."""
    take, to = due
    taken = take()
    gone = Mock(side_effect=OperationalError("gone"))
    with monkeypatch.context() as broken:
        broken.setattr("django.db.models.query.QuerySet.delete", gone)
        assert sent(taken) == to
    assert "it may go out twice" in caplog.text
    lost_since(6)
    assert sent(take()) == to


def test_what_fails_each_time_keeps_no_other_mail_from_being_sent(
    team, alice, guest, group, settings, monkeypatch, caplog
):
    settings.PUBLIC_URL = "https://chat.example.com"
    first = batches.post(new_guest(team).draft("me first"))["group"]
    for each in (first, group):
        batches.post(draft_of(alice, each, "an answer"))
    Visitor.objects.update(contact="li@example.com")
    Conversation.objects.filter(uuid=first).update(last_activity=timezone.now() - LATER)
    mail_of = answers.mail_of

    def fails(conversation, *more):
        if conversation.uuid == group:
            raise ValueError("cannot be told")
        return mail_of(conversation, *more)

    monkeypatch.setattr(answers, "mail_of", fails)
    assert sent(answers.take_due(timezone.now() + LATER)) == ["li@example.com"]
    assert "the others go on" in caplog.text
    assert MailJob.objects.count() == 1, "of the other one, which is due again in a while"


def test_what_has_happened_since_is_left_as_it_is(team, alice, guest, group, settings):
    """Another mail told of the answers meanwhile: this job gives back nothing of them."""
    settings.PUBLIC_URL = "https://chat.example.com"
    Visitor.objects.update(contact="li@example.com")
    batches.post(draft_of(alice, group, "one"))
    answers.take_due(timezone.now() + LATER)
    batches.post(draft_of(alice, group, "two"))
    taken = answers.take_due(timezone.now() + LATER)
    assert sent(taken) == ["li@example.com"] and "two" in mail.outbox[0].body
    lost_since(6)
    assert answers.take_due(timezone.now() + LATER) == []


@pytest.mark.parametrize("whose", ["earlier", "later", "both"])
def test_what_no_server_takes_is_due_again_where_two_threads_have_become_one_meanwhile(
    customer, guest, alice, bob, settings, monkeypatch, whose
):
    settings.PUBLIC_URL = "https://chat.example.com"
    if whose != "later":
        batches.post(draft_of(alice, customer.group, "of the earlier one"))
    later = batches.post(guest.draft("without a name"))["group"]
    if whose != "earlier":
        batches.post(draft_of(bob, later, "of the later one"))
    else:
        Conversation.objects.filter(uuid=later).update(mailed_seq=2)
    Visitor.objects.update(contact="w@example.com")
    batches.mark(Conversation.objects.get(uuid=customer.group).visitor_id, customer.group, 3)
    taken = answers.take_due(timezone.now() + LATER)
    assert len(taken) == (2 if whose == "both" else 1)
    sign_in(guest)
    with monkeypatch.context() as refusing:
        refusing.setattr(jobs, "deliver", lambda each: False)
        jobs.send(taken)
    assert not MailJob.objects.exists()
    (again,) = answers.take_due(timezone.now() + LATER)
    for which in ("earlier", "later"):
        told = f"of the {which} one" in again.mails[0].body
        assert told is (whose in (which, "both"))
    assert sent([again]) == ["w@example.com"] and answers.take_due(timezone.now() + LATER) == []


def test_what_was_sent_is_not_due_again_where_two_threads_became_one_meanwhile(
    customer, guest, bob, settings
):
    settings.PUBLIC_URL = "https://chat.example.com"
    batches.mark(Conversation.objects.get().visitor_id, customer.group, 99)
    later = batches.post(guest.draft("without a name"))["group"]
    batches.post(draft_of(bob, later, "of the later one"))
    Visitor.objects.update(contact="w@example.com")
    taken = answers.take_due(timezone.now() + LATER)
    sign_in(guest)
    assert sent(taken) == ["w@example.com"]
    lost_since(60)
    assert answers.take_due(timezone.now() + LATER) == []
