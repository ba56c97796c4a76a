import pytest

from chat.channels.mail.parsing import Part
from chat.models import GroupMessage

from .mails import answer, comes, mail, state_of

pytestmark = pytest.mark.django_db


def report(ours, status="5.1.1", action="failed", **more):
    fields = (
        f"Reporting-MTA: dns; mx\n\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 no such user\n"
    )
    parts = [
        Part("", "message/delivery-status", fields.encode()),
        Part("", "text/rfc822-headers", f"Message-ID: {ours['Message-ID']}".encode()),
    ]
    more = {"mime": "multipart/report", "return_path": "<>", "parts": parts} | more
    return mail("mailer-daemon@mx.example", "Sorry", "Undelivered", **more)


def test_a_bounce_marks_its_message_and_others_are_only_stored(box, server, alice):
    group = comes(box, mail())
    row = answer(box, alice, group)
    (ours,) = server.mails
    assert comes(box, report(ours, "4.4.1", action="delayed")) != group
    assert state_of(row) == ("sent", ""), "a delay is none"
    forged = {"Message-ID": ours["Message-ID"].replace(".", ".0", 1)}
    assert comes(box, report(forged)) and state_of(row) == ("sent", "")
    assert comes(box, report(ours)) == "" and state_of(row) == ("failed", "5.1.1")
    notice = GroupMessage.objects.filter(group_id=group).order_by("seq").last()
    assert notice.data["event"] == "undelivered" and notice.data["of"] == row.seq


def test_a_bounce_that_keeps_to_no_standard_marks_its_message(box, server, alice):
    group = comes(box, mail())
    row = answer(box, alice, group)
    text = f"很抱歉，您的邮件被退回。\n550 5.2.2 mailbox full\n> {server.mails[0]['Message-ID']}"
    bounce = mail("postmaster@qq.com", text, "系统退信/Systems bounce", raw=text.encode())
    comes(box, bounce)
    assert state_of(row) == ("failed", "5.2.2")


def test_a_report_that_a_person_passes_on_is_a_mail(box, server, alice):
    group = comes(box, mail())
    row = answer(box, alice, group)
    (ours,) = server.mails
    assert comes(box, mail(text="Look", parts=report(ours).parts, answers=ours)) == group
    assert state_of(row) == ("sent", "")
