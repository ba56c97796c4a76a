"""A team's working hours: a weekly table and holidays, in the team's own time zone.

`Team.hours` stores them as JSON: {"zone": a name of the tz database, "week": seven lists, Monday
first, of [from, to] in minutes after midnight, "holidays": [[date, name] …]}. A row [date, name,
"worked"] is a working day instead, on a weekday that is usually off (调休).

A span that ends after midnight has an end above 1440. It belongs to the day on which it begins, so
a holiday removes all of it. Without any span the team works around the clock, except on holidays.
What is stored and says nothing of that kind counts as no hours, and a zone that is none as UTC: one
team's row must not end a look at all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

UNREADABLE = AttributeError, LookupError, OSError, TypeError, ValueError
"""What comes of a zone that is none, and of hours of another form."""
DAY = 24 * 60
WEEK = 7
WORKED = "worked"
MINUTE = timedelta(minutes=1)
MAX_HOLIDAYS = 200
"""Days that one team may list."""
LONGEST = 400
"""Days in which an answer is due at the latest: more than MAX_HOLIDAYS in a row."""


def are_sound(stored: object) -> bool:
    """Whether `stored` is of the form above, with a zone that there is."""
    try:
        return Hours.read(stored) is None or is_zone(stored["zone"])
    except UNREADABLE:
        return False


def zone_named(name: str) -> ZoneInfo:
    """The time zone with this name in the tz database; UTC where there is none."""
    return ZoneInfo(name if is_zone(name) else "UTC")


def is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except UNREADABLE:
        return False


def moments(shown: datetime) -> list[datetime]:
    """The first and the last moment in UTC at which the clocks of its zone show this.

    They differ only where clocks are put back. A time that is left out because clocks are put
    forward means the moment of that change.
    """
    while True:
        both = [shown.replace(fold=fold).astimezone(timezone.utc) for fold in (0, 1)]
        if both[0] <= both[1]:
            return both
        # Clocks skip this minute, and at most an hour of them.
        shown = shown.replace(second=0, microsecond=0) + MINUTE


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours that can be asked about. `week` has seven tuples of (from, to), Monday first.
    No span begins on `holidays`; days in `worked` have the spans of an earlier weekday."""

    zone: ZoneInfo
    week: tuple[tuple[tuple[int, int], ...], ...]
    holidays: frozenset[date]
    worked: frozenset[date]

    @classmethod
    def from_stored(cls, stored: dict) -> "Hours | None":
        """The hours in `Team.hours`, or None for a team that always works."""
        try:
            return cls.read(stored)
        except UNREADABLE:
            return None

    @classmethod
    def read(cls, stored: dict) -> "Hours | None":
        """The same; raises one of UNREADABLE."""
        week = tuple(tuple(map(tuple, spans)) for spans in stored.get("week", ()))
        holidays, worked = set(), set()
        for day, _name, *kind in stored.get("holidays", ()):
            (worked if kind == [WORKED] else holidays).add(date.fromisoformat(day))
        if not any(week):
            if not holidays:
                return None
            week = (((0, DAY),),) * WEEK
        if len(week) != WEEK or not all(
            0 <= begin < end <= begin + DAY < 2 * DAY for spans in week for begin, end in spans
        ):
            raise ValueError("no spans of a week")
        return cls(zone_named(stored["zone"]), week, frozenset(holidays), frozenset(worked))

    def spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The spans that begin on `day`, as (from, to) in UTC, without those that a change of the
        clocks leaves out."""
        if day in self.holidays:
            return
        for minutes in self.week[self.hours_weekday(day)]:
            begin, end = (self.earliest_and_latest(day, each) for each in minutes)
            if begin[0] < end[1]:
                yield begin[0], end[1]

    def hours_weekday(self, day: date) -> int:
        """The weekday (0 to 6) whose hours apply: on a day in `worked` the latest weekday that has
        hours, otherwise the day's own."""
        number = day.weekday()
        if day in self.worked:
            return next(each for each in range(number, number - WEEK, -1) if self.week[each]) % WEEK
        return number

    def earliest_and_latest(self, day: date, minutes: int) -> list[datetime]:
        """The first and the last moment at which local clocks show this time of the day."""
        days, minute = divmod(minutes, DAY)
        shown = datetime.combine(day + timedelta(days), time(*divmod(minute, 60)), self.zone)
        return moments(shown)

    def spans_since_yesterday(
        self, moment: datetime, days: int
    ) -> Iterator[tuple[datetime, datetime]]:
        """The spans of `days` days and the day before `moment`, in order: a span of yesterday may
        still last."""
        first = moment.astimezone(self.zone).date() - timedelta(1)
        for number in range(days + 1):
            yield from self.spans(first + timedelta(number))


def is_open(team, moment: datetime) -> bool:
    """Whether `moment` is within the working hours of `team`, a `Team`."""
    hours = Hours.from_stored(team.hours)
    if hours is None:
        return True
    return any(begin <= moment < end for begin, end in hours.spans_since_yesterday(moment, 1))


def next_opening(team, moment: datetime) -> datetime | None:
    """When the team works next: `moment` while it works; None if holidays remove every span."""
    hours = Hours.from_stored(team.hours)
    if hours is None:
        return moment
    # Each holiday removes at most one of the weekly spans, so this is far enough.
    for begin, end in hours.spans_since_yesterday(moment, WEEK * (len(hours.holidays) + 1) + 1):
        if moment < end:
            return max(begin, moment)
    return None


def next_closing(team, moment: datetime) -> datetime | None:
    """When the current working time ends; spans without a gap between them count as one. None while
    the team does not work, and if the end is more than a week ahead."""
    hours = Hours.from_stored(team.hours)
    if hours is None:
        return None
    until = moment
    # One day more than a week has: where clocks are put forward, the last one ends earlier.
    for begin, end in hours.spans_since_yesterday(moment, WEEK + 2):
        if begin <= until < end:
            until = end
    return until if moment < until < moment + timedelta(WEEK) else None


def passed(hours: Hours | None, since: datetime, seconds: float) -> datetime:
    """When so many seconds of working time have passed since a moment; by the clock for a team that
    always works, and for one that does not work so long within LONGEST days."""
    left = timedelta(seconds=seconds)
    if hours is not None:
        for begin, end in hours.spans_since_yesterday(since, LONGEST):
            # A span that ends after midnight may overlap one of the next day.
            begin = max(begin, since)
            if begin >= end:
                continue
            if end - begin >= left:
                return begin + left
            left -= end - begin
            since = end
    return since + left


def ago(hours: Hours | None, moment: datetime, seconds: int) -> datetime:
    """Since when so many seconds of working time have passed: as `passed`, backwards."""
    wanted = timedelta(seconds=seconds)
    for days in (1, WEEK, LONGEST):
        since = moment - wanted - timedelta(days)
        over = worked(hours, since, moment) - wanted
        if over >= timedelta():
            return passed(hours, since, over.total_seconds())
    return moment - wanted


@dataclass(frozen=True)
class Calendar:
    """A team's hours and those that it had before, each until a moment, the oldest first."""

    hours: Hours | None
    former: tuple[tuple[datetime, Hours | None], ...] = ()

    @classmethod
    def of(cls, team) -> "Calendar":
        """The calendar of a `Team`; its former hours are read, or were prefetched."""
        rows = sorted(team.former_hours.all(), key=lambda row: row.until)
        former = tuple((row.until, Hours.from_stored(row.hours)) for row in rows)
        return cls(Hours.from_stored(team.hours), former)

    def worked(self, begin: datetime, end: datetime) -> timedelta:
        """How much of the time from `begin` to `end` the team worked, by the hours of that
        time."""
        total = timedelta()
        for until, hours in self.former:
            if begin < until:
                total += worked(hours, begin, min(until, end))
                begin = until
        return total + worked(self.hours, begin, end)


def worked(hours: Hours | None, begin: datetime, end: datetime) -> timedelta:
    """How much of the time from `begin` to `end` is within working hours; nothing where it ends
    before it begins."""
    if hours is None or end <= begin:
        return max(end - begin, timedelta())
    days = (end.astimezone(hours.zone).date() - begin.astimezone(hours.zone).date()).days + 1
    total, counted = timedelta(), begin
    for opens, closes in hours.spans_since_yesterday(begin, days):
        # A span that ends after midnight may overlap one of the next day.
        opens, closes = max(opens, counted), min(closes, end)
        if opens < closes:
            total += closes - opens
            counted = closes
    return total
