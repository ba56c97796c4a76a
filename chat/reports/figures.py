"""The figures of a report, from what was counted. docs/reports.md defines them."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

QUARTER_SECONDS = 900
SECOND = 1_000_000
"""Durations are counted in microseconds."""
MICROSECOND = timedelta(microseconds=1)
DURATIONS = "first_reply", "next_reply", "resolution"
METRICS = ("receptions", "messages_in", "messages_out", "unanswered", *DURATIONS, "rating")
"""What a report counts; each is a list of rows, too."""


@dataclass
class Measures:
    """The figures of one line: a team's, a member's, a day's, or the whole report's. Durations are
    in seconds, ascending."""

    receptions: int = 0
    messages_in: int = 0
    messages_out: int = 0
    unanswered: int = 0
    first_reply: list[float] = field(default_factory=list)
    next_reply: list[float] = field(default_factory=list)
    resolution: list[float] = field(default_factory=list)
    ratings: int = 0
    stars: int = 0
    """The sum of all ratings."""

    @property
    def mean_rating(self) -> float | None:
        return self.stars / self.ratings if self.ratings else None

    def shaped(self) -> dict:
        """As docs/protocol.md has it."""
        return {
            "receptions": self.receptions,
            "messages_in": self.messages_in,
            "messages_out": self.messages_out,
            "unanswered": self.unanswered,
            **{name: spread(getattr(self, name)) for name in DURATIONS},
            "rating": {"n": self.ratings, "mean": self.mean_rating},
        }


def spread(values: list[float]) -> dict:
    """Number, mean, median and 90th percentile of durations that are sorted."""
    n = len(values)
    if not n:
        return {"n": 0, "mean": None, "median": None, "p90": None}
    return {
        "n": n,
        "mean": sum(values) / n,
        "median": at_position(values, 50),
        "p90": at_position(values, 90),
    }


def at_position(values: list[float], percent: int) -> float:
    """The value at position ⌈p·n⌉, counted from 1."""
    return values[-(-percent * len(values) // 100) - 1]


class Calendar:
    """The local day, weekday and hour of each quarter of an hour of a period that counts;
    `is_asked` says which moments do."""

    def __init__(
        self,
        days: list[date],
        begin: datetime,
        end: datetime,
        zone: ZoneInfo,
        is_asked: Callable[[datetime], bool] = lambda _moment: True,
    ):
        self.slots: dict[int, tuple[int, int, int]] = {}
        moment, quarter = begin, quarter_number(begin)
        while moment < end:
            if is_asked(moment):
                local = moment.astimezone(zone)
                number = (local.date() - days[0]).days
                self.slots[quarter] = number, local.weekday(), local.hour
            moment += timedelta(seconds=QUARTER_SECONDS)
            quarter += 1
        self.day_of = {quarter: day for quarter, (day, _weekday, _hour) in self.slots.items()}


def quarter_number(moment: datetime) -> int:
    return int(moment.timestamp()) // QUARTER_SECONDS


class TeamLines(dict[int | None, Measures]):
    """Lines by the ids of teams; those of teams that are not `known` are one, under None."""

    def __init__(self, known: set[int]):
        super().__init__()
        self.known = known

    def __missing__(self, team: int | None) -> Measures:
        if team is not None and team not in self.known:
            return self[None]
        self[team] = Measures()
        return self[team]


class Lines:
    """Every line of a report. Teams are ids, members what `Adding.key` says of their uuid. Without
    days, hours are not added up, either."""

    def __init__(self, days: int, teams: set[int]):
        self.totals = Measures()
        self.teams = TeamLines(teams)
        self.members: dict[str, Measures] = defaultdict(Measures)
        self.days = [Measures() for _day in range(days)]
        self.hours = [[0] * 24 for _day in range(7)]
        """Receptions by weekday and hour."""
        self.provisional = 0
        """Resolutions that may change, as the visitor may still reopen."""
        self.demo = 0
        """Receptions that are the demo's or were imported."""

    def credited(self, team: int | None, who: str) -> list[Measures]:
        """The lines but days in which something counts that is credited to a member, or nobody."""
        found = [self.totals, self.teams[team]]
        return [*found, self.members[who]] if who else found
