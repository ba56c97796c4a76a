"""Stored receptions as the arrivals and agents of a replay.

When agents were online is not stored. An agent is taken to have been there on a day (UTC) from
their first message to their last one, wherever they wrote.
"""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta, timezone
from statistics import median

from django.db.models import Count, Max, Min
from django.db.models.functions import TruncDate

from accounts.models import Member, Team
from chat.models import Conversation, GroupMessage, Reception

from .facts import skills
from .replay import Arrival, Shift

USUAL = 600.0
"""Seconds of service where nothing tells them."""


def period(first: date, last: date) -> tuple[datetime, datetime]:
    """From the beginning of one day to the end of another one, in UTC."""
    begin = datetime.combine(first, datetime.min.time(), timezone.utc)
    return begin, begin + timedelta(days=(last - first).days + 1)


def arrivals(team: Team, begin: datetime, end: datetime) -> list[Arrival]:
    """The receptions of a team that began in this time. Their agents were busy from the first reply
    to the closing; where one is not known, as long as is usual here."""
    code = team.enterprise.code
    found = Conversation.objects.filter(ent_id=code, team=team)
    columns = ("visitor__language", "topic")
    about = {group: facts for group, *facts in found.values_list("uuid", *columns)}
    rows = Reception.objects.filter(ent_id=code, opened_at__gte=begin, opened_at__lt=end)
    listed = rows.order_by("opened_at", "id").values_list(
        "id", "group_id", "opened_at", "first_reply_at", "closed_at"
    )
    known = [row for row in listed if row[1] in about]
    lengths = {
        pk: (closed - reply).total_seconds()
        for pk, _group, _opened, reply, closed in known
        if reply and closed and closed > reply
    }
    usual = median(lengths.values()) if lengths else USUAL
    return [
        Arrival(
            str(pk),
            group,
            opened,
            lengths.get(pk, usual),
            skills([about[group][0]], [about[group][1]]),
        )
        for pk, group, opened, _reply, _closed in known
    ]


def shifts(team: Team, begin: datetime, end: datetime) -> list[Shift]:
    """The agents of a team and of the one into which it overflows, and when they were there."""
    own = {member.uuid: member for member in team.members.people()}  # type: ignore[attr-defined]
    others = team.overflow.members.people() if team.overflow else []  # type: ignore[attr-defined]
    people = own | {member.uuid: member for member in others if member.uuid not in own}
    spans, written = days_of(list(people), begin, end)
    return [
        Shift(
            who,
            tuple(spans[who]),
            member.capacity,
            skills(member.languages or (), member.topics or ()),
            helps=who not in own,
            pace=written[who] or 1,
        )
        for who, member in sorted(people.items(), key=lambda pair: pair[1].pk)
        if member.role == Member.Role.AGENT or member.takes_routed
    ]


def days_of(
    people: list[str], begin: datetime, end: datetime
) -> tuple[dict[str, list[tuple[datetime, datetime]]], Counter[str]]:
    """From when until when each of `people` wrote on each day, and how many messages in all."""
    rows = GroupMessage.objects.filter(
        sender__in=people, created_at__gte=begin, created_at__lt=end
    ).annotate(day=TruncDate("created_at", tzinfo=timezone.utc))
    days = rows.values_list("sender", "day").annotate(
        Min("created_at"), Max("created_at"), Count("pk")
    )
    spans: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    written: Counter[str] = Counter()
    for who, _day, first, last, messages in days.order_by("sender", "day"):
        spans[who].append((first, last))
        written[who] += messages
    return spans, written
