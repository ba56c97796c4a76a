"""The report's mail, as a mail server gets it that is reached by EMAIL_URL."""

from datetime import datetime, timedelta, timezone

import pytest

from accounts.models import Enterprise, Member
from chat.mail import jobs
from chat.models import ReportMail
from chat.reports import report_mail
from kefu import environment
from tests.fakes.smtp import SMTP

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 11, 27, 12, tzinfo=timezone.utc)
MONDAY = datetime(2026, 11, 30, tzinfo=timezone.utc)


@pytest.fixture
def mailbox(settings, monkeypatch):
    with SMTP() as server:
        monkeypatch.setenv("EMAIL_URL", server.url)
        for name, value in environment.email().items():
            setattr(settings, name, value)
        settings.DEFAULT_FROM_EMAIL = "客服 <kefu@example.com>"
        settings.PUBLIC_URL = "https://chat.example.com"
        yield server


@pytest.fixture
def reader(manager):
    Member.objects.filter(pk=manager.pk).update(email="manager@example.com", language="zh-hans")
    Enterprise.objects.update(zone="Asia/Shanghai", name="茶馆 🍵")
    manager.refresh_from_db()
    report_mail.choose(manager, "week", FRIDAY)
    return manager


def test_a_mail_server_gets_the_report_whole(mailbox, reader):
    jobs.send(report_mail.take_due(MONDAY))
    (mail,) = mailbox.mails
    assert (mailbox.senders, mailbox.to) == (["kefu@example.com"], [["manager@example.com"]])
    assert mail["From"] == "客服 <kefu@example.com>"
    assert mail["Subject"].strip() == "茶馆 🍵：2026-11-23 至 2026-11-29 报表"
    text = mail.get_content()
    assert mail.get_content_charset() == "utf-8"
    assert "接待" in text
    assert "https://chat.example.com/admin/reports/?from=2026-11-23&to=2026-11-29" in text
    jobs.send(report_mail.take_due(MONDAY))
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("answer, tries", [("450 try again later", 2), ("550 no such mailbox", 1)])
def test_what_a_mail_server_refuses_for_now_is_due_again(mailbox, reader, answer, tries):
    mailbox.refuses["manager@example.com"] = answer
    jobs.send(report_mail.take_due(MONDAY))
    assert mailbox.mails == []
    mailbox.refuses.clear()
    jobs.send(report_mail.take_due(MONDAY + timedelta(minutes=1)))
    assert len(mailbox.mails) == tries - 1
    assert ReportMail.objects.exists(), "next week is another week"
