"""The day so far, beside the same weekday a week before up to the same time of day.

Every figure is one of a report (docs/reports.md): this module asks two questions, of today and of
the day a week ago.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts import hours
from accounts.models import Member, Team
from chat.models import Channel, theirs
from chat.protocol import channels
from chat.reports.figures import Lines, Measures, at_position
from chat.reports.showing import facts, question
from chat.reports.showing.facets import Facets
from chat.reports.showing.question import Question

WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Day:
    """What was counted of a day, and of the one a week before until the same time of day."""

    asked: Question
    lines: Lines
    before: Lines
    mails: Lines | None = None
    """Of `lines` what was counted of conversations by mail; None for an enterprise without."""

    @property
    def hours(self) -> tuple[list[int], list[int]]:
        """Receptions by the hour in which they began, of both days."""
        weekday = self.asked.first.weekday()
        return self.lines.hours[weekday], self.before.hours[weekday]


def ask(member: Member, code: str | None, now: datetime) -> Question:
    """The question about today, of everything that the member may see of an enterprise (its code).
    By working hours, as limits are. Raises `Refused` as a report does."""
    asked = question.ask(member, {"enterprise": code}, now)
    today = now.astimezone(asked.zone).date()
    return replace(asked, first=today, last=today, brief=True, hours=True)


def count(asked: Question) -> Day:
    """The figures of the question and of the week before."""
    until = same_time(asked)
    day = asked.first - WEEK
    before = replace(asked, first=day, last=day, until=until)
    own = Channel.objects.filter(theirs(asked.enterprise.code), kind=channels.MAIL)
    mails = [replace(asked, facets=Facets(channel=channels.MAIL))] * own.exists()
    lines, earlier, *by_mail = facts.counted_together([asked, before, *mails])
    return Day(asked, lines, earlier, *by_mail)


def same_time(asked: Question) -> datetime:
    """The moment of now on the clocks of a week ago; where these skipped it, that of the change."""
    local = asked.now.astimezone(asked.zone).replace(tzinfo=None) - WEEK
    return hours.moments(local.replace(tzinfo=asked.zone))[0]


def median(one: Measures) -> float | None:
    return at_position(one.first_reply, 50) if one.first_reply else None


def in_time(
    lines: Lines, teams: Iterable[Team], late: int = 0, mails: Lines | None = None
) -> int | None:
    """How many of a hundred first replies came within the limit that their team has now, rounded
    down, so that a hundred are all; None without any. So many visitors who still wait for theirs
    are `late`: they count among the hundred, too. `mails` are those of the lines that came by mail:
    the team has another limit for these."""
    within = n = 0
    for team in teams:
        values, slow = first_replies(lines, team), first_replies(mails, team)
        within += bisect_right(values, team.target(False)) - bisect_right(slow, team.target(False))
        within += bisect_right(slow, team.target(False, by_mail=True))
        n += len(values)
    return within * 100 // (n + late) if n + late else None


def first_replies(lines: Lines | None, team: Team) -> list[float]:
    return lines.teams[team.pk].first_reply if lines and team.pk in lines.teams else []
