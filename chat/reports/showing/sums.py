"""Adds what was counted up to the lines of a report.

A year has millions of replies, and each counts in four lines. So the loops over single things are
few and short: packs have them by team and member, and whole lists are joined from sorted ones.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from chat.reports.counting.packs import Pack
from chat.reports.figures import DURATIONS, Calendar, Lines


@dataclass
class Adding:
    """Adds packs to lines, which have nothing but quarters of the calendar: of `teams` (None: of
    all), and with `only` what is credited to that member."""

    lines: Lines
    calendar: Calendar
    teams: set[int] | None
    only: str | None
    hours: bool
    """Whether working hours count instead of all."""
    key: Callable[[str], str]
    """By what a member (uuid) is grouped; "" for nobody."""
    durations: dict[str, dict[tuple[int | None, str], list[float]]] = field(
        default_factory=lambda: {name: defaultdict(list) for name in DURATIONS}
    )
    """The durations of each team and member."""
    begun: Counter = field(default_factory=Counter)
    unanswered: Counter = field(default_factory=Counter)
    """Receptions by quarter of an hour."""

    def add(self, packs: Iterable[Pack]) -> Lines:
        for pack in packs:
            self.add_receptions(pack)
            for name, pieces in pack.durations.items():
                self.add_durations(name, pieces)
            self.add_scores(pack)
            self.add_messages(pack)
        self.finish()
        return self.lines

    def credit(self, team: int | None, who: str) -> str | None:
        """The member that something counts for, "" for nobody; None where it does not count."""
        key = self.key(who)
        asked = (self.teams is None or team in self.teams) and self.only in (None, key)
        return key if asked else None

    def add_receptions(self, pack: Pack) -> None:
        for team, wrote, answered, unanswered in pack.begun:
            members = {self.key(who) for who in wrote}
            if self.only is not None:
                members &= {self.only}
            if (self.teams is not None and team not in self.teams) or (self.only and not members):
                continue
            n = len(answered) + len(unanswered)
            if not n:
                continue
            for line in (self.lines.totals, self.lines.teams[team]):
                line.receptions += n
                line.unanswered += len(unanswered)
            for who in members:
                self.lines.members[who].receptions += n
            self.begun.update(answered)
            self.begun.update(unanswered)
            self.unanswered.update(unanswered)

    def add_durations(self, name: str, pieces: list) -> None:
        days = [getattr(line, name) for line in self.lines.days]
        day_of = self.calendar.day_of
        for team, who, seconds, worked, quarters in pieces:
            key = self.credit(team, who)
            if key is None or not quarters:
                continue
            values = worked if self.hours and worked is not None else seconds
            self.durations[name][team, key].extend(values)
            if not days:
                continue
            for value, quarter in zip(values, quarters, strict=True):
                days[day_of[quarter]].append(value)

    def add_scores(self, pack: Pack) -> None:
        for team, who, scores, quarters in pack.scores:
            key = self.credit(team, who)
            if key is None or not scores:
                continue
            for line in self.lines.credited(team, key):
                line.ratings += len(scores)
                line.stars += sum(scores)
            if not self.lines.days:
                continue
            for score, quarter in zip(scores, quarters, strict=True):
                day = self.lines.days[self.calendar.day_of[quarter]]
                day.ratings += 1
                day.stars += score

    def add_messages(self, pack: Pack) -> None:
        for team, who, numbers, quarters in pack.messages:
            key = self.credit(team, who)
            if key is None or not numbers:
                continue
            name = "messages_out" if key else "messages_in"
            for line in self.lines.credited(team, key):
                setattr(line, name, getattr(line, name) + sum(numbers))
            if not self.lines.days:
                continue
            sums: Counter = Counter()
            for n, quarter in zip(numbers, quarters, strict=True):
                sums[self.calendar.day_of[quarter]] += n
            for number, n in sums.items():
                day = self.lines.days[number]
                setattr(day, name, getattr(day, name) + n)

    def finish(self) -> None:
        """What is only known at the end: days and hours of receptions, and the order of durations:
        lists are joined from lists that are sorted, which is sorted soon."""
        for quarter, n in self.begun.items() if self.lines.days else ():
            number, weekday, hour = self.calendar.slots[quarter]
            self.lines.hours[weekday][hour] += n
            self.lines.days[number].receptions += n
            self.lines.days[number].unanswered += self.unanswered[quarter]
        for name, lists in self.durations.items():
            for (team, who), values in lists.items():
                values.sort()
                getattr(self.lines.teams[team], name).extend(values)
                if who:
                    getattr(self.lines.members[who], name).extend(values)
            for line in [
                *self.lines.teams.values(),
                *self.lines.members.values(),
                *self.lines.days,
            ]:
                getattr(line, name).sort()
            for line in self.lines.teams.values():
                getattr(self.lines.totals, name).extend(getattr(line, name))
            getattr(self.lines.totals, name).sort()
