"""The figures of a report, from what was counted. docs/reports.md defines them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

QUARTER_SECONDS = 900
SECOND = 1_000_000
"""Durations are counted in microseconds."""
DURATIONS = "first_reply", "next_reply", "resolution"
METRICS = ("receptions", "messages_in", "messages_out", "unanswered", *DURATIONS, "rating")
"""What a report counts; each is a list of rows, too."""


class Value(NamedTuple):
    """One thing counted: a duration in microseconds, a score, or a number of messages. `quarter` is
    the quarter of an hour that it counts in, since 1970 in UTC."""

    value: int
    quarter: int
    team: int | None
    member: str


class Begun(NamedTuple):
    """A reception, by the quarter of an hour in which it began."""

    quarter: int
    team: int | None
    members: tuple[str, ...]
    replied: bool


@dataclass
class Counted:
    """Everything that a report is made of."""

    receptions: list[Begun] = field(default_factory=list)
    durations: dict[str, list[Value]] = field(
        default_factory=lambda: {name: [] for name in DURATIONS}
    )
    scores: list[Value] = field(default_factory=list)
    messages: list[Value] = field(default_factory=list)
    """Those of visitors have no member."""
    provisional: list[str] = field(default_factory=list)
    """To whom resolutions are credited that may change, as the visitor may still reopen."""


@dataclass
class Measures:
    """The figures of one line: a team's, a member's, a day's, or the whole report's."""

    receptions: int = 0
    messages_in: int = 0
    messages_out: int = 0
    unanswered: int = 0
    first_reply: list[int] = field(default_factory=list)
    next_reply: list[int] = field(default_factory=list)
    resolution: list[int] = field(default_factory=list)
    scores: list[int] = field(default_factory=list)

    def shaped(self) -> dict:
        """As docs/protocol.md has it. Durations were added in the order of their length."""
        n = len(self.scores)
        return {
            "receptions": self.receptions,
            "messages_in": self.messages_in,
            "messages_out": self.messages_out,
            "unanswered": self.unanswered,
            **{name: spread(getattr(self, name)) for name in DURATIONS},
            "rating": {"n": n, "mean": sum(self.scores) / n if n else None},
        }


def spread(values: list[int]) -> dict:
    """Number, mean, median and 90th percentile in seconds of durations in microseconds, which are
    sorted."""
    n = len(values)
    if not n:
        return {"n": 0, "mean": None, "median": None, "p90": None}
    return {
        "n": n,
        "mean": sum(values) / n / SECOND,
        "median": at_position(values, 50),
        "p90": at_position(values, 90),
    }


def at_position(values: list[int], percent: int) -> float:
    """The value at position ⌈p·n⌉, counted from 1, in seconds."""
    return values[-(-percent * len(values) // 100) - 1] / SECOND


class Calendar:
    """The local day and hour of each quarter of an hour of a period."""

    def __init__(self, days: list[date], begin: datetime, end: datetime, zone: ZoneInfo):
        self.days = days
        self.begin = quarter_number(begin)
        self.slots: list[tuple[int, int, int]] = []
        moment = begin
        while moment < end:
            local = moment.astimezone(zone)
            number = (local.date() - days[0]).days
            self.slots.append((number, local.weekday(), local.hour))
            moment += timedelta(seconds=QUARTER_SECONDS)

    def day(self, quarter: int) -> int:
        """The number of the day within the period."""
        return self.slots[quarter - self.begin][0]

    def hour(self, quarter: int) -> tuple[int, int]:
        """The weekday, Monday 0, and the hour."""
        return self.slots[quarter - self.begin][1:]


def quarter_number(moment: datetime) -> int:
    return int(moment.timestamp()) // QUARTER_SECONDS


@dataclass
class Lines:
    """Every line of a report. Teams are ids, members uuids, days numbers."""

    totals: Measures
    teams: dict[int | None, Measures]
    members: dict[str, Measures]
    days: list[Measures]
    hours: list[list[int]]
    """Receptions by weekday and hour."""
    provisional: int = 0
    """Resolutions that may change, as the visitor may still reopen."""


def summed(counted: Counted, calendar: Calendar, member: Iterable[str] | None) -> Lines:
    """Adds up what was counted; with `member` only what is credited to these members (uuids)."""
    lines = Lines(
        Measures(), {}, {}, [Measures() for _day in calendar.days], [[0] * 24 for _day in range(7)]
    )
    only = None if member is None else frozenset(member)
    add_receptions(lines, counted.receptions, calendar, only)
    for name, values in counted.durations.items():
        add_values(lines, name, sorted(values, key=itemgetter(0)), calendar, only)
    add_values(lines, "scores", counted.scores, calendar, only)
    add_messages(lines, counted.messages, calendar, only)
    lines.provisional = sum(only is None or who in only for who in counted.provisional)
    return lines


def add_receptions(lines: Lines, begun: list[Begun], calendar: Calendar, only) -> None:
    for one in begun:
        members = one.members if only is None else only.intersection(one.members)
        if only is not None and not members:
            continue
        weekday, hour = calendar.hour(one.quarter)
        lines.hours[weekday][hour] += 1
        team = measures(lines.teams, one.team)
        for line in (lines.totals, team, lines.days[calendar.day(one.quarter)]):
            line.receptions += 1
            line.unanswered += not one.replied
        for who in members:
            measures(lines.members, who).receptions += 1


def add_values(lines: Lines, name: str, values: list[Value], calendar: Calendar, only) -> None:
    """Adds values to the lists of this name, in their order."""
    everything = getattr(lines.totals, name)
    days = [getattr(day, name) for day in lines.days]
    for value, quarter, team, who in values:
        if only is not None and who not in only:
            continue
        everything.append(value)
        days[calendar.day(quarter)].append(value)
        getattr(measures(lines.teams, team), name).append(value)
        if who:
            getattr(measures(lines.members, who), name).append(value)


def add_messages(lines: Lines, messages: list[Value], calendar: Calendar, only) -> None:
    for n, quarter, team, who in messages:
        if only is not None and who not in only:
            continue
        name = "messages_out" if who else "messages_in"
        found = [lines.totals, lines.days[calendar.day(quarter)], measures(lines.teams, team)]
        if who:
            found.append(measures(lines.members, who))
        for line in found:
            setattr(line, name, getattr(line, name) + n)


def measures(lines: dict, key) -> Measures:
    found = lines.get(key)
    if found is None:
        found = lines[key] = Measures()
    return found
