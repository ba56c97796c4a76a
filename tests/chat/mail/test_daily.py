from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.models import Team
from chat.mail import answers, daily, jobs
from chat.mail.jobs import Reminder, Undo
from chat.models import AutomaticMail, ChatGroup, Conversation, GroupMessage, MailJob, Visitor

from .answered import BASE, answer, look

pytestmark = pytest.mark.django_db


def shown() -> list[str]:
    """Why messages wait, as agents see it."""
    rows = GroupMessage.objects.filter(data__delivery__isnull=False).order_by("seq")
    return [row.data["delivery"]["reason"] for row in rows]


def test_what_is_over_waits_for_the_next_day(guest, alice, bot, group, settings, monkeypatch):
    """A person's mail brings what waits along."""
    settings.PUBLIC_URL = BASE
    Visitor.objects.update(contact="li@example.com", contact_by="visitor", language="en")
    answer(alice, group)
    assert len(look()) == 1
    now = timezone.now() + timedelta(days=1)
    day_of = daily.day_of
    monkeypatch.setattr(daily, "day_of", lambda _now: now.date())
    assert [daily.take("li@example.com", now) for _each in range(11)] == [True] * 10 + [False]
    assert not daily.take("Li+x@example.com", now) and daily.take("bo@example.com", now)
    answer(bot, group, "by a program", service=True)
    assert look() == [] and look() == []
    assert shown() == ["daily_limit"]
    job = MailJob.objects.get()
    assert job.taken_at == daily.next_day(now)
    AutomaticMail.objects.update(day="2020-01-01")
    jobs.find_lost(job.taken_at + jobs.LOST)
    assert "by a program" in look()[0].body and shown() == []
    assert not MailJob.objects.exists() and AutomaticMail.objects.count() == 1

    monkeypatch.setattr(daily, "day_of", day_of)
    clock = []
    monkeypatch.setattr(timezone, "now", lambda: clock[-1])
    for minutes in (-60, -4, 3):
        clock.append(job.taken_at - timedelta(hours=1))
        AutomaticMail.objects.update(count=daily.MOST)
        answer(bot, group, f"by a program {minutes}", service=True)
        assert look() == []
        clock.append(job.taken_at + timedelta(minutes=minutes))
        answer(alice, group, "by a person")
        (message,) = look()
        assert f"by a program {minutes}" in message.body and "by a person" in message.body
        assert shown() == []


def test_what_was_read_does_not_wait_any_more(guest, alice, bot, group, settings):
    settings.PUBLIC_URL = BASE
    Visitor.objects.update(contact="li@example.com", contact_by="visitor", language="en")
    answer(alice, group)
    assert len(look()) == 1
    for _each in range(daily.MOST):
        daily.take("li@example.com", timezone.now())
    answer(bot, group, "by a program", service=True)
    assert look() == [] and shown() == ["daily_limit"]
    ChatGroup.objects.filter(uuid=group).update(unread=0)
    jobs.find_lost(daily.next_day(timezone.now()) + jobs.LOST)
    assert look() == [] and shown() == []


def test_whoever_has_had_ten_today_is_told_the_next_day(team, enterprise, mailoutbox):
    now = timezone.now()
    Team.objects.filter(pk=team.pk).update(reminded_at=now)
    for _each in range(daily.MOST):
        daily.take("alice@example.com", now)
    mails = [EmailMessage("x", to=[f"{name}@example.com"]) for name in ("alice", "bob")]
    job = jobs.store(Undo(Team, [team.pk], "reminded_at", now))
    jobs.send([Reminder(job, enterprise.pk, mails, automatic=True)])
    assert [mail.to for mail in mailoutbox] == [["bob@example.com"]]
    jobs.find_lost(daily.next_day(now) + jobs.LOST)
    assert Team.objects.get(pk=team.pk).reminded_at is None, "nobody was told who was left out"


def test_an_answer_leaves_alone_what_else_waits_for_the_next_day(group, alice):
    row = Conversation.objects.get(uuid=group)
    kept = jobs.store(Undo(Conversation, [row.pk], "reminded_at", timezone.now()))
    mine = jobs.store(Undo(Conversation, [row.pk], "mailed_seq", 1, 0))
    jobs.hold(kept)
    jobs.hold(mine)
    answers.release(row)
    assert MailJob.objects.get().pk == kept
