"""Mails about what waits for too long: visitors whom nobody has claimed, notes that mention
somebody.

Finds and takes what is due; jobs.py sends it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Enterprise, Member, Team
from chat import sweeps
from chat.database import aware_datetime, select
from chat.models import ChatGroup, Conversation, Reception, not_snoozed, ordered_join
from chat.presence import leases

from . import jobs
from .jobs import Reminder, Undo, gathered

BATCH = 200
"""Mentions of one team that one run takes."""
LEFT_FOR = timedelta(minutes=1)
"""How long a visitor has been waiting before it counts as nobody being there: agents reload."""
LEFT_AT_MOST = timedelta(days=1)
"""What is older was told of otherwise, or waited before there was a server to mail."""
LEFT_PAUSE = timedelta(minutes=10)
"""Between two mails to one team of what is left: what comes meanwhile is in the next one, so that
who writes from many browsers fills nobody's mailbox."""
LINKS = 20
"""Conversations that one mail leads to."""


def take_due(now: datetime | None = None) -> list[Reminder]:
    """Takes all that is due, of every team that wants mails; whoever calls sends it."""
    return gathered(due(now or timezone.now()))


def due(now: datetime) -> Iterator[Reminder]:
    teams = Team.objects.filter(
        mail_minutes__isnull=False, enterprise__status=Enterprise.Status.OPEN
    )
    for team in teams.select_related("enterprise"):
        for take in (unclaimed, mentions):
            yield from sweeps.run_step(take, team, now) or []
    yield from left(now)


def left(now: datetime) -> list[Reminder]:
    """One mail to each member of a team about all that visitors left while nobody was there: it is
    closed, or nobody has come since. Once for each reception."""
    wanted = Team.objects.filter(mail_left=True, enterprise__status=Enterprise.Status.OPEN)
    codes = set(wanted.values_list("enterprise__code", flat=True))
    waiting = Conversation.objects.whole().filter(
        not_snoozed(now),
        ent_id__in=codes,
        open=True,
        claimed_by="",
        team__mail_left=True,
        visitor__blocked=False,
        waiting_since__range=(now - LEFT_AT_MOST, now - LEFT_FOR),
        reception__mailed_at=None,
    )
    by_team: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for team_id, group, reception in waiting.values_list("team_id", "uuid", "reception_id"):
        by_team[team_id].append((group, reception))
    found = []
    for team in wanted.filter(pk__in=by_team).select_related("enterprise"):
        people = team.members.filter(status=Member.Status.NORMAL).exclude(email="")
        if people.exists() and leases.is_team_away(team, now):
            rows = by_team[team.pk][:BATCH]
            found += sweeps.run_step(left_in, team, list(people), rows, now) or []
    return found


def left_in(
    team: Team, people: list[Member], rows: list[tuple[str, int]], now: datetime
) -> list[Reminder]:
    """Takes those of (group, reception) that no other process has taken."""
    free = Q(left_mailed_at=None) | Q(left_mailed_at__lte=now - LEFT_PAUSE)
    with transaction.atomic():
        if not Team.objects.filter(free, pk=team.pk).update(left_mailed_at=now):
            return []
        mine = {}
        for group, reception in rows:
            if Reception.objects.filter(pk=reception, group_id=group, mailed_at=None).update(
                mailed_at=now
            ):
                mine[reception] = group  # noqa: PERF403  (each UPDATE takes one)
        if not mine:
            return []
        left = Conversation.objects.filter(uuid__in=mine.values())
        conversations = list(left.values_list("pk", flat=True))
        # The mail about whoever waits for too long would tell of them once more.
        Conversation.objects.filter(pk__in=conversations).update(reminded_at=now)
        job = jobs.store(
            Undo(Team, [team.pk], "left_mailed_at", now),
            Undo(Reception, list(mine), "mailed_at", now),
            Undo(Conversation, conversations, "reminded_at", now),
        )
    facts = {"team": team.name, "count": len(mine), "rows": waiting_rows(conversations, now)}
    mails = [mail(one, left_subject, facts, "left") for one in people]
    return [Reminder(job, team.enterprise_id, mails, automatic=True)]


def waiting_rows(conversations: list[int], now: datetime) -> list[dict]:
    """Whom a mail names and where it leads, those who have waited longest first; LINKS at most."""
    found = Conversation.objects.filter(pk__in=conversations).order_by("waiting_since", "pk")
    facts = found.values_list("uuid", "visitor__label", "waiting_since")
    return [
        {"visitor": label, "minutes": minutes(now - since), "link": leading_to(group)}
        for group, label, since in facts[:LINKS]
    ]


def readers(team: Team) -> dict[str, Member]:
    """The members of the team's enterprise who can be mailed, by uuid."""
    members = Member.objects.filter(enterprise=team.enterprise, status=Member.Status.NORMAL)
    return {member.uuid: member for member in members.exclude(email="")}


def unclaimed(team: Team, now: datetime) -> list[Reminder]:
    """One mail to each of the team's members about all visitors who wait for too long by now; the
    team's next one comes no sooner than after the same time again."""
    before = now - timedelta(minutes=team.mail_minutes)
    due = Conversation.objects.whole().filter(
        not_snoozed(now),
        Q(reminded_at=None) | Q(reminded_at__lt=F("waiting_since")),
        ent_id=team.enterprise.code,
        open=True,
        claimed_by="",
        team=team,
        waiting_since__lte=before,
        visitor__blocked=False,
    )
    people = team.members.filter(status=Member.Status.NORMAL).exclude(email="")
    if not due.exists() or not people.exists():
        return []
    free = Q(reminded_at=None) | Q(reminded_at__lte=before)
    with transaction.atomic():
        if not Team.objects.filter(free, pk=team.pk).update(reminded_at=now):
            return []
        rows = dict(due.values_list("pk", "waiting_since"))
        if not rows:
            transaction.set_rollback(True)  # Claimed just now: the next one to wait has to be told.
            return []
        Conversation.objects.filter(pk__in=rows).update(reminded_at=now)
        job = jobs.store(
            Undo(Team, [team.pk], "reminded_at", now),
            Undo(Conversation, list(rows), "reminded_at", now),
        )
    facts = {
        "team": team.name,
        "count": len(rows),
        "rows": waiting_rows(list(rows), now),
        "link": link(reverse("workspace") + "?view=unclaimed"),
    }
    mails = [mail(member, waiting_subject, facts, "waiting") for member in people]
    return [Reminder(job, team.enterprise_id, mails, automatic=True)]


def mentions(team: Team, now: datetime) -> list[Reminder]:
    """One mail to each member whom notes in this team's conversations call, and who has not read
    them for too long; with a link for each."""
    people = readers(team)
    before = now - timedelta(minutes=team.mail_minutes)
    calls: dict[str, list[tuple[int, int, str, str, str, datetime]]] = defaultdict(list)
    for seat, who, *call in unread_mentions(team, list(people), before):
        calls[who].append((seat, *call))
    found = []
    for who, due in calls.items():
        with transaction.atomic():
            called = [each for each in due if take_mention(*each[:2])]
            changes = [Undo(ChatGroup, [seat], "reminded_seq", seq, 0) for seat, seq, *_ in called]
            job = jobs.store(*changes) if called else None
        if not called:
            continue
        facts = {
            "team": team.name,
            "count": len(called),
            "by": called[0][3],
            "rows": [
                {
                    "by": by,
                    "visitor": label,
                    "minutes": minutes(now - at),
                    "link": leading_to(group),
                }
                for _, _, group, by, label, at in called
            ],
        }
        mails = [mail(people[who], mention_subject, facts, "mention")]
        found.append(Reminder(job, team.enterprise_id, mails, automatic=True))
    return found


def take_mention(seat: int, seq: int) -> bool:
    """Whether this process is the one that mails of it."""
    mine = ChatGroup.objects.filter(pk=seat, mentioned_seq=seq, reminded_seq__lt=seq)
    return bool(mine.update(reminded_seq=seq))


def unread_mentions(team: Team, people: list[str], before: datetime) -> list[tuple]:
    """(seat, member, seq, group, whose note, about which visitor, since when) of the last unread
    notes that call these members, and that no mail told of yet."""
    if not people:
        return []
    marks = ",".join(["%s"] * len(people))
    moment = connection.ops.adapt_datetimefield_value(before)
    rows = select(
        "SELECT s.id, s.member_id, s.mentioned_seq, s.uuid, m.sender_name, v.label,"
        f" m.created_at FROM chat_group s {ordered_join()} conversation c ON c.uuid = s.uuid"
        " JOIN group_message m ON m.group_id = s.uuid AND m.seq = s.mentioned_seq"
        " JOIN visitor v ON v.uuid = c.visitor_id"
        " AND +c.ent_id = +s.ent_id AND +m.ent_id = +s.ent_id AND +v.ent_id = +s.ent_id"
        f" WHERE +s.ent_id = %s AND s.member_id IN ({marks})"
        " AND s.mentioned_seq > 0 AND s.mentioned_seq > s.read_seq"
        " AND s.mentioned_seq > s.reminded_seq AND c.team_id = %s AND m.created_at <= %s"
        " LIMIT %s",
        [team.enterprise.code, *people, team.pk, moment, BATCH],
    )
    return [(*row, aware_datetime(at)) for *row, at in rows]


def minutes(waited: timedelta) -> int:
    return int(waited.total_seconds() // 60)


def link(path: str) -> str:
    """Where a mail leads; empty where nothing says under which address Kefu is reached."""
    return settings.PUBLIC_URL and settings.PUBLIC_URL + path


def leading_to(group: str) -> str:
    return link(reverse("conversation", args=[group]))


def waiting_subject(facts: dict) -> str:
    return ngettext(
        "%(count)d visitor is waiting in %(team)s",
        "%(count)d visitors are waiting in %(team)s",
        facts["count"],
    )


def left_subject(facts: dict) -> str:
    return ngettext(
        "%(count)d visitor left a message in %(team)s",
        "%(count)d visitors left messages in %(team)s",
        facts["count"],
    )


def mention_subject(facts: dict) -> str:
    if facts["count"] > 1:
        return _("You are called %(count)d times in %(team)s")
    # A leader is called by a wait, and by no colleague.
    if facts["by"]:
        return _("%(by)s mentioned you in %(team)s")
    return _("You are called to a visitor in %(team)s")


def mail(member: Member, subject: Callable[[dict], str], facts: dict, template: str):
    """In the member's language. Who, where and since when; no word of what was written: mails lie
    about."""
    with translation.override(member.language or settings.LANGUAGE_CODE):
        line = " ".join((subject(facts) % facts).split())
        text = render_to_string(f"chat/mail/{template}.txt", {"member": member, **facts})
    return EmailMessage(line, text, to=[member.email])
