"""The report of the last week or month by mail, to each member who wants it.

A process takes what is due by an UPDATE that only one can make; chat/mail/jobs.py sends it, and
makes it due again where that process ends first.
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import hours
from accounts.models import Enterprise, Member
from chat import sweeps
from chat.mail import jobs
from chat.mail.jobs import Reminder, Undo, gathered
from chat.mail.reminders import link
from chat.models import MailJob, ReportMail
from chat.protocol.errors import Refused

from .page import Page
from .showing import facts
from .showing.question import ask

log = logging.getLogger("kefu.reports")

HOUR = time(8)
"""When a report is due, on a Monday or the first of a month, by the enterprise's clock."""
BATCH = 20
"""Reports of one look, each of which takes up to a second. Other tasks wait for it, and a mail is
sent once all of them are made."""
Every = ReportMail.Every
CHOICES = {
    "": (gettext_lazy("never"), gettext_lazy("No reports are mailed to you.")),
    Every.WEEK.value: (
        gettext_lazy("every week"),
        gettext_lazy("A report is mailed to you every Monday at 8:00."),
    ),
    Every.MONTH.value: (
        gettext_lazy("every month"),
        gettext_lazy("A report is mailed to you on the first of each month at 8:00."),
    ),
}
"""What a member may choose: how the page names it, and what it says once it is chosen."""


def choose(member: Member, every: str, now: datetime) -> None:
    """Keeps what a member wants: `week`, `month`, or "" for no mail. The first one comes when the
    running week or month is over. Raises `Refused`: `bad_field`."""
    if every not in CHOICES:
        raise Refused("bad_field", "every is week, month or empty.", field="every")
    wanted = ReportMail.objects.filter(member=member)
    if not every:
        wanted.delete()
    elif not wanted.filter(every=every).exists():
        chosen = {"every": every, "sent_at": now, "language": translation.get_language() or ""}
        ReportMail.objects.update_or_create(member=member, defaults=chosen)


def chosen(member: Member) -> str | None:
    """What a member chose: `week`, `month`, "" for no mail; None where none can be sent, as the
    member belongs to no enterprise or has no address."""
    if member.enterprise_id is None or not member.email:
        return None
    return ReportMail.objects.filter(member=member).values_list("every", flat=True).first() or ""


def take_due(now: datetime | None = None) -> list[Reminder]:
    """Takes what is due; whoever calls sends it, and the next look finds the rest."""
    return gathered(islice(due(now or timezone.now()), BATCH))


def due(now: datetime) -> Iterator[Reminder]:
    wanted = ReportMail.objects.filter(
        member__status=Member.Status.NORMAL, member__enterprise__status=Enterprise.Status.OPEN
    ).exclude(member__email="")
    for row in wanted.select_related("member__enterprise"):
        zone = hours.zone_named(row.member.enterprise.zone)
        if row.sent_at is None or row.sent_at < last_turn(row.every, now, zone):
            yield from sweeps.run_step(take, row, now, zone) or []


def last_turn(every: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The last moment at which reports of ended weeks, or months, became due."""
    today = now.astimezone(zone).date()
    turn = datetime.combine(period_begin(every, today), HOUR, zone)
    if turn > now:
        turn = datetime.combine(period_begin(every, turn.date() - timedelta(1)), HOUR, zone)
    return turn


def period_begin(every: str, day: date) -> date:
    """The Monday of a day's week, or the first of its month."""
    return day.replace(day=1) if every == Every.MONTH else day - timedelta(day.weekday())


def take(row: ReportMail, now: datetime, zone: ZoneInfo) -> list[Reminder]:
    """The mail, unless another process has taken it, or the member may see no report any more."""
    with transaction.atomic():
        mine = ReportMail.objects.filter(pk=row.pk, sent_at=row.sent_at)
        if not mine.update(sent_at=now):
            return []
        job = jobs.store(Undo(ReportMail, [row.pk], "sent_at", now))
    turn = last_turn(row.every, now, zone).astimezone(zone).date()
    try:
        return [Reminder(job, row.member.enterprise_id, [mail(row, turn, now)])]
    except Refused as refused:
        if refused.code == "forbidden":
            ReportMail.objects.filter(pk=row.pk).delete()
            MailJob.objects.filter(pk=job).delete()
        else:  # Due again once the job is given back.
            log.warning("the report of member %s waits: %s", row.member_id, refused)
        return []


def mail(row: ReportMail, turn: date, now: datetime) -> EmailMessage:
    """The figures of the period before `turn`, beside those of the one before, in the member's
    language and as far as they may see them. Raises `Refused` as `question.ask` does."""
    member, every = row.member, row.every
    last = turn - timedelta(1)
    first = period_begin(every, last)
    before = period_begin(every, first - timedelta(1))
    with translation.override(member.language or row.language or settings.LANGUAGE_CODE):
        page = page_of(member, first, last, now)
        earlier = page_of(member, before, first - timedelta(1), now)
        context = {
            "member": member,
            "asked": page.question,
            "totals": page.cells(page.lines.totals),
            "before": earlier.cells(earlier.lines.totals),
            "teams": page.teams(),
            "every": every,
            "link": link(page.address("reports")),
        }
        subject = _("%(enterprise)s: report from %(first)s to %(last)s") % {
            "enterprise": member.enterprise.name,
            "first": first.isoformat(),
            "last": last.isoformat(),
        }
        text = render_to_string("chat/mail/report.txt", context)
    return EmailMessage(" ".join(subject.split()), text, to=[member.email])


def page_of(member: Member, first: date, last: date, now: datetime) -> Page:
    question = ask(member, {"from": first.isoformat(), "to": last.isoformat()}, now)
    today = now.astimezone(question.zone).date()
    return Page(question, facts.counted(question), member, today)
