"""Mails about what waits too long: a visitor whom nobody has claimed, a note that calls somebody.

Whichever process looks first takes what is due, by an UPDATE that only one can make, and sends it
after that: nothing is mailed twice. If no mail server takes any of it, it is due again.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import timezone as zones

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import Error, connection
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.mails import deliver
from accounts.models import Enterprise, Member, Team

from . import presence
from .models import ChatGroup, Conversation, Reception, awake, in_order

log = logging.getLogger("kefu.mail")

UTC = zones.utc
AT_ONCE = 200
"""Mentions of one team that one look takes."""
LEFT_FOR = timedelta(minutes=1)
"""How long a visitor has been waiting before it counts as nobody being there: agents reload."""
LEFT_AT_MOST = timedelta(days=1)
"""What is older was told of otherwise, or waited before there was a server to mail."""
LEFT_PAUSE = timedelta(minutes=10)
"""Between two mails to one team of what is left: what comes meanwhile is in the next one, so that
who writes from many browsers fills nobody's mailbox."""
LINKS = 20
"""Conversations that one mail leads to."""
GIVE_UP = 60
"""Seconds after which a mail server that has taken nothing yet is not asked any more."""
POST = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kefu-mail")
"""Not the one of password links: somebody waits for those."""


@dataclass(slots=True)
class Reminder:
    """What was taken: its mails, and how it becomes due again if none can be sent."""

    undo: Callable[[], object]
    mails: list[EmailMessage] = field(default_factory=list)


def take(now: datetime | None = None) -> list[Reminder]:
    """Takes all that is due, of every team that wants mails; whoever calls sends it."""
    return gathered(due(now or timezone.now()))


def gathered(found: Iterator[Reminder]) -> list[Reminder]:
    """What a look takes, also where the database fails in the middle of it: what was taken counts
    as mailed, and is not found again."""
    taken = []
    try:
        for each in found:
            taken.append(each)
    except Error as error:
        if not taken:
            raise
        log.warning("a look for mails ended early: %s", error)
        connection.close()
    return taken


def due(now: datetime) -> Iterator[Reminder]:
    teams = Team.objects.filter(
        mail_minutes__isnull=False, enterprise__status=Enterprise.Status.OPEN
    )
    for team in teams.select_related("enterprise"):
        yield from unclaimed(team, now)
        yield from mentions(team, now)
    yield from left(now)


def left(now: datetime) -> list[Reminder]:
    """One mail to each member of a team about all that visitors left while nobody was there: it is
    closed, or nobody has come since. Once for each reception."""
    wanted = Team.objects.filter(mail_left=True, enterprise__status=Enterprise.Status.OPEN)
    codes = set(wanted.values_list("enterprise__code", flat=True))
    waiting = Conversation.objects.filter(
        awake(now),
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
        if people.exists() and presence.is_away(team, now):
            found += left_in(team, list(people), by_team[team.pk][:AT_ONCE], now)
    return found


def left_in(
    team: Team, people: list[Member], rows: list[tuple[str, int]], now: datetime
) -> list[Reminder]:
    """Takes those of (group, reception) that no other process has taken."""
    free = Q(left_mailed_at=None) | Q(left_mailed_at__lte=now - LEFT_PAUSE)
    if not Team.objects.filter(free, pk=team.pk).update(left_mailed_at=now):
        return []
    mine = {}
    for group, reception in rows:
        if Reception.objects.filter(pk=reception, mailed_at=None).update(mailed_at=now):
            mine[reception] = group
    if not mine:
        return []
    conversations = Conversation.objects.filter(uuid__in=mine.values())
    # The mail about whoever waits for too long would tell of them once more.
    conversations.update(reminded_at=now)

    def undo():
        Team.objects.filter(pk=team.pk, left_mailed_at=now).update(left_mailed_at=None)
        Reception.objects.filter(pk__in=mine, mailed_at=now).update(mailed_at=None)
        conversations.filter(reminded_at=now).update(reminded_at=None)

    paths = [reverse("conversation", args=[group]) for group in list(mine.values())[:LINKS]]
    facts = {"team": team.name, "count": len(mine), "links": [link(path) for path in paths]}
    return [Reminder(undo, [mail(member, left_subject, facts, "left") for member in people])]


def readers(team: Team) -> dict[str, Member]:
    """The members of the team's enterprise who can be mailed, by uuid."""
    members = Member.objects.filter(enterprise=team.enterprise, status=Member.Status.NORMAL)
    return {member.uuid: member for member in members.exclude(email="")}


def unclaimed(team: Team, now: datetime) -> list[Reminder]:
    """One mail to each of the team's members about all visitors who wait for too long by now; the
    team's next one comes no sooner than after the same time again."""
    before = now - timedelta(minutes=team.mail_minutes)
    due = Conversation.objects.filter(
        awake(now),
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
    if not Team.objects.filter(free, pk=team.pk).update(reminded_at=now):
        return []
    rows = dict(due.values_list("pk", "waiting_since"))
    taken = Conversation.objects.filter(pk__in=rows)
    taken.update(reminded_at=now)

    def undo():
        taken.filter(reminded_at=now).update(reminded_at=None)
        Team.objects.filter(pk=team.pk, reminded_at=now).update(reminded_at=None)

    facts = {
        "team": team.name,
        "count": len(rows),
        "minutes": minutes(now - min(rows.values())),
        "link": link(reverse("workspace") + "?view=unclaimed"),
    }
    return [Reminder(undo, [mail(member, waiting_subject, facts, "waiting") for member in people])]


def mentions(team: Team, now: datetime) -> list[Reminder]:
    """One mail to each member whom notes in this team's conversations call, and who has not read
    them for too long; with a link for each."""
    people = readers(team)
    before = now - timedelta(minutes=team.mail_minutes)
    calls: dict[str, list[tuple[int, int, str, datetime]]] = defaultdict(list)
    for seat, group, who, seq, at in unread_mentions(team, list(people), before):
        mine = ChatGroup.objects.filter(pk=seat, mentioned_seq=seq, reminded_seq__lt=seq)
        if mine.update(reminded_seq=seq):
            calls[who].append((seat, seq, group, at))
    found = []
    for who, called in calls.items():
        facts = {
            "team": team.name,
            "count": len(called),
            "minutes": minutes(now - min(at for *_, at in called)),
            "links": [link(reverse("conversation", args=[group])) for _, _, group, _ in called],
        }
        undo = due_again(called)
        found.append(Reminder(undo, [mail(people[who], mention_subject, facts, "mention")]))
    return found


def due_again(called: list[tuple]) -> Callable[[], None]:
    def undo():
        for seat, seq, _group, _at in called:
            ChatGroup.objects.filter(pk=seat, reminded_seq=seq).update(reminded_seq=0)

    return undo


def unread_mentions(team: Team, people: list[str], before: datetime) -> list[tuple]:
    """(seat, group, member, seq, since when) of the last unread notes that call these members,
    and that no mail told of yet."""
    if not people:
        return []
    marks = ",".join(["%s"] * len(people))
    moment = connection.ops.adapt_datetimefield_value(before)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id, s.uuid, s.member_id, s.mentioned_seq, m.created_at FROM chat_group s"
            f" {in_order()} conversation c ON c.uuid = s.uuid JOIN group_message m"
            f" ON m.group_id = s.uuid AND m.seq = s.mentioned_seq WHERE s.member_id IN ({marks})"
            " AND s.mentioned_seq > 0 AND s.mentioned_seq > s.read_seq"
            " AND s.mentioned_seq > s.reminded_seq AND c.team_id = %s AND m.created_at <= %s"
            " LIMIT %s",
            [*people, team.pk, moment, AT_ONCE],
        )
        rows = cursor.fetchall()
    return [(*row, aware(at)) for *row, at in rows]


def aware(at) -> datetime:
    """A raw query's time: SQLite's are text."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return at.replace(tzinfo=UTC)


def minutes(waited: timedelta) -> int:
    return int(waited.total_seconds() // 60)


def link(path: str) -> str:
    """Where a mail leads; empty where nothing says under which address Kefu is reached."""
    return settings.PUBLIC_URL and settings.PUBLIC_URL + path


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
    return _("A note in %(team)s calls you")


def mail(member: Member, subject: Callable[[dict], str], facts: dict, template: str):
    """In the member's language. No word of what was written, nor who wrote it: mails lie about."""
    with translation.override(member.language or settings.LANGUAGE_CODE):
        line = " ".join((subject(facts) % facts).split())
        text = render_to_string(f"chat/mail/{template}.txt", {"member": member, **facts})
    return EmailMessage(line, text, to=[member.email])


def post(reminders: list[Reminder]) -> Future:
    """Sends what was taken, on a thread that may wait."""

    def work():
        try:
            send(reminders)
        finally:
            connection.close()

    return POST.submit(work)


def send(reminders: list[Reminder]) -> None:
    """Sends what was taken. What no server takes is due again."""
    for reminder in reminders:
        began, told = time.monotonic(), []
        for each in reminder.mails:
            told.append(deliver(each))
            if not any(told) and time.monotonic() - began > GIVE_UP:
                break
        # An address that is refused for good (None) is not tried again.
        if not any(told) and False in told:
            give_back(reminder)


def give_back(reminder: Reminder) -> None:
    try:
        reminder.undo()
    except Error as error:
        log.warning("what could not be mailed is not due again: %s", error)
