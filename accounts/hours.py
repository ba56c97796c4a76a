"""When a team is there: a table of the week and holidays, in the team's own time zone.

`Team.hours` holds it as JSON: {"zone": a name of the tz database, "week": seven lists (from Monday
on) of [from, to] in minutes after midnight, "holidays": [[date, name] …]}; with "worked" behind
its name a day is none, but is worked although its weekday is not (调休). A span that ends after
midnight goes beyond 1,440 and belongs to the day on which it begins, so a holiday takes it away
whole. Without any span the team is there around the clock, but for holidays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

DAY = 24 * 60
WEEK = 7
WORKED = "worked"
MINUTE = timedelta(minutes=1)
MOST_HOLIDAYS = 200


@dataclass(frozen=True, slots=True)
class Hours:
    """`week` has seven lists of (from, to); `holidays` the days on which nothing begins, `worked`
    those that have the spans of a weekday before."""

    zone: ZoneInfo
    week: tuple[tuple[tuple[int, int], ...], ...]
    holidays: frozenset[date]
    worked: frozenset[date]

    @classmethod
    def of(cls, stored: dict) -> "Hours | None":
        """What `Team.hours` says; None for a team that is always there."""
        week = tuple(tuple(map(tuple, spans)) for spans in stored.get("week", ()))
        holidays, worked = set(), set()
        for day, _name, *kind in stored.get("holidays", ()):
            (worked if kind == [WORKED] else holidays).add(date.fromisoformat(day))
        if not any(week):
            if not holidays:
                return None
            week = (((0, DAY),),) * WEEK
        return cls(ZoneInfo(stored["zone"]), week, frozenset(holidays), frozenset(worked))

    def spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The spans that begin on this day there, in UTC; none of which clocks show nothing."""
        if day in self.holidays:
            return
        for minutes in self.week[self.weekday(day)]:
            begin, end = (self.moments(day, each) for each in minutes)
            if begin[0] < end[1]:
                yield begin[0], end[1]

    def weekday(self, day: date) -> int:
        """Whose hours count: on a day that is worked, those of the last weekday that has some."""
        number = day.weekday()
        if day in self.worked:
            return next(each for each in range(number, number - WEEK, -1) if self.week[each]) % WEEK
        return number

    def moments(self, day: date, minutes: int) -> list[datetime]:
        """When clocks there show this time of that day, first and last, in UTC: twice the same, but
        where they are put back. Where they are put forward and leave it out, it is the moment in
        which they are."""
        days, minute = divmod(minutes, DAY)
        shown = datetime.combine(day + timedelta(days), time(*divmod(minute, 60)), self.zone)
        while True:
            both = [shown.replace(fold=fold).astimezone(timezone.utc) for fold in (0, 1)]
            if both[0] <= both[1]:
                return both
            shown += MINUTE  # Left out; the first that is shown again comes within the hour.

    def from_day_before(self, moment: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """The spans that begin from the day before `moment` on, for so many days, in order."""
        first = moment.astimezone(self.zone).date() - timedelta(1)
        for number in range(days + 1):
            yield from self.spans(first + timedelta(number))


def is_open(team, moment: datetime) -> bool:
    """Whether the team works at this moment."""
    hours = Hours.of(team.hours)
    if hours is None:
        return True
    return any(begin <= moment < end for begin, end in hours.from_day_before(moment, 1))


def opens_next(team, moment: datetime) -> datetime | None:
    """When it works again: `moment` itself while it does; None where holidays take all of it."""
    hours = Hours.of(team.hours)
    if hours is None:
        return moment
    # Each holiday takes one opening of the week away at the most.
    for begin, end in hours.from_day_before(moment, WEEK * (len(hours.holidays) + 1) + 1):
        if moment < end:
            return max(begin, moment)
    return None


def closes_next(team, moment: datetime) -> datetime | None:
    """When the present opening ends, spans that touch taken together; None while it is closed, and
    where that is further ahead than a week."""
    hours = Hours.of(team.hours)
    if hours is None:
        return None
    until = moment
    for begin, end in hours.from_day_before(moment, WEEK + 1):
        if begin <= until < end:
            until = end
    return until if moment < until < moment + timedelta(WEEK) else None
