"""The report of each week or month by mail."""

from datetime import datetime, timedelta, timezone

import pytest
from django.core import mail

from accounts.models import Enterprise, Member
from chat.mail import jobs
from chat.models import MailJob, ReportMail
from chat.posting import batches
from chat.reports import report_mail
from tests.chat.helpers import draft_of, new_guest
from tests.chat.threads import at_once

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 11, 27, 12, tzinfo=timezone.utc)
MONDAY = datetime(2026, 11, 30, tzinfo=timezone.utc)
"""Midnight of UTC, 8:00 in Shanghai."""


@pytest.fixture
def clock(monkeypatch):
    """Calls with a time make it the present."""
    present = [FRIDAY]
    monkeypatch.setattr("django.utils.timezone.now", lambda: present[0])
    return lambda moment: present.__setitem__(0, moment)


@pytest.fixture
def reader(clock, manager, settings):
    settings.PUBLIC_URL = "https://chat.example.com"
    Member.objects.filter(pk=manager.pk).update(email="manager@example.com", language="en")
    Enterprise.objects.update(zone="Asia/Shanghai")
    manager.refresh_from_db()
    return manager


def look(now: datetime) -> list[str]:
    """The subjects of what is mailed by a look at that time."""
    mail.outbox = []
    jobs.send(report_mail.take_due(now))
    return [one.subject for one in mail.outbox]


def test_the_last_week_is_mailed_once_on_monday_at_eight(reader, alice, team, clock):
    guest = new_guest(team)
    group = batches.post(guest.draft("hello"))["group"]
    clock(FRIDAY + timedelta(seconds=90))
    batches.post(draft_of(alice, group, "an answer"))
    report_mail.choose(reader, "week", FRIDAY)
    clock(MONDAY)
    assert look(MONDAY - timedelta(seconds=1)) == []
    name = reader.enterprise.name
    assert look(MONDAY) == [f"{name}: report from 2026-11-23 to 2026-11-29"]
    text = mail.outbox[0].body
    assert mail.outbox[0].to == ["manager@example.com"]
    assert "Receptions: 1 (0)\n" in text
    assert "First reply, median: 1 min 30 s (–)\n" in text
    assert "https://chat.example.com/admin/reports/?from=2026-11-23&to=2026-11-29" in text
    assert "Asia/Shanghai" in text and "小艾" not in text
    assert look(MONDAY + timedelta(days=6)) == [], "not twice"
    assert len(look(MONDAY + timedelta(days=7))) == 1
    assert not MailJob.objects.exists()


def test_a_month_is_the_last_whole_one(reader):
    report_mail.choose(reader, "month", FRIDAY)
    first = datetime(2026, 12, 1, tzinfo=timezone.utc)
    assert look(first - timedelta(minutes=1)) == []
    assert "from 2026-11-01 to 2026-11-30" in look(first)[0]
    assert "from 2026-12-01 to 2026-12-31" in look(first + timedelta(days=40))[0], "a late look"


def test_several_processes_send_one(reader, transactional_db):
    report_mail.choose(reader, "week", FRIDAY)
    taken: list = []
    at_once(*[lambda: taken.extend(report_mail.take_due(MONDAY)) for _ in range(4)])
    assert len(taken) == 1


def test_a_look_makes_so_many_and_the_next_the_rest(reader, alice, monkeypatch):
    monkeypatch.setattr(report_mail, "BATCH", 1)
    Member.objects.filter(pk=alice.pk).update(role=Member.Role.MANAGER, email="alice@example.com")
    for each in (reader, alice):
        report_mail.choose(each, "week", FRIDAY)
    assert [len(look(MONDAY)) for _ in range(3)] == [1, 1, 0]
    assert not MailJob.objects.exists()


def test_what_a_process_took_that_died_is_due_again(reader):
    report_mail.choose(reader, "week", FRIDAY)
    assert len(report_mail.take_due(MONDAY)) == 1
    assert look(MONDAY) == [], "as long as it may still be sent"
    jobs.find_lost(MONDAY + timedelta(days=1))
    assert len(look(MONDAY)) == 1


def test_who_may_see_no_report_any_more_gets_none(reader):
    report_mail.choose(reader, "week", FRIDAY)
    Member.objects.filter(pk=reader.pk).update(role=Member.Role.AGENT)
    assert look(MONDAY) == []
    assert not ReportMail.objects.exists() and not MailJob.objects.exists()


def test_who_was_disabled_or_whose_enterprise_is_closed_gets_none(reader):
    report_mail.choose(reader, "week", FRIDAY)
    Member.objects.filter(pk=reader.pk).update(status=Member.Status.CLOSED)
    assert look(MONDAY) == []
    Member.objects.filter(pk=reader.pk).update(status=Member.Status.NORMAL)
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    assert look(MONDAY) == []


def test_a_leader_reads_of_their_teams_alone(reader, leader, clock):
    Member.objects.filter(pk=leader.pk).update(email="leader@example.com", language="zh-hans")
    leader.refresh_from_db()
    new_team = reader.enterprise.teams.create(slug="other", name="Another team")
    batches.post(new_guest(new_team).draft("hello"))
    report_mail.choose(leader, "week", FRIDAY)
    clock(MONDAY)
    assert len(look(MONDAY)) == 1
    assert "Another team" not in mail.outbox[0].body
    assert "接待" in mail.outbox[0].body and "Receptions" not in mail.outbox[0].body


def test_it_speaks_what_was_read_when_it_was_chosen(reader, browser_of):
    Member.objects.filter(pk=reader.pk).update(language="")
    browser = browser_of(reader)
    browser.post("/admin/reports/mail/", {"every": "week"}, headers={"accept-language": "zh-CN"})
    ReportMail.objects.update(sent_at=FRIDAY)
    assert "报表" in look(MONDAY)[0]
    Member.objects.filter(pk=reader.pk).update(language="en")
    assert "report from" in look(MONDAY + timedelta(days=7))[0], "one's own language comes first"


def test_it_is_chosen_on_the_page_of_the_reports(reader, browser_of):
    browser = browser_of(reader)
    page = browser.post("/admin/reports/mail/", {"every": "month"}, follow=True)
    text = page.content.decode()
    assert "on the first of each month" in text
    assert '<option value="month" selected>' in text
    assert ReportMail.objects.get().every == "month"
    sent = ReportMail.objects.get().sent_at
    browser.post("/admin/reports/mail/", {"every": "month"})
    assert ReportMail.objects.get().sent_at == sent, "the same choice delays nothing"
    assert browser.post("/admin/reports/mail/", {"every": "day"}).status_code == 400
    assert ReportMail.objects.get().every == "month"
    browser.post("/admin/reports/mail/", {"every": ""})
    assert not ReportMail.objects.exists()


def test_a_zone_that_is_none_harms_nobody(reader, other_manager, browser_of):
    Member.objects.filter(pk=other_manager.pk).update(email="olga@example.com")
    other_manager.refresh_from_db()
    for member in (reader, other_manager):
        report_mail.choose(member, "week", FRIDAY)
    Enterprise.objects.filter(members=reader).update(zone="Bad/Zone")
    assert len(look(MONDAY + timedelta(hours=9))) == 2
    reader.refresh_from_db()
    for page in ("admin/", "admin/reports/", "admin/archive/", "admin/live/", "agent/figures/"):
        assert browser_of(reader).get(f"/{page}").status_code in (200, 302), page
    assert browser_of(reader).get("/chat/acme/").status_code == 200
