"""What the page of a report shows: tables whose numbers lead to their rows, charts, a heat map."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from chat.protocol import channels

from . import charts, form
from .figures import Lines, Measures, at_position
from .showing.breakdown import Split
from .showing.question import REMOVED, Question
from .showing.report import by_member, by_team

DURATIONS = {"first_reply": (50, 90), "next_reply": (50,), "resolution": (50,)}
"""The percentiles that a line shows."""

BY = {
    "topic": (gettext_lazy("By topic"), gettext_lazy("Topic"), gettext_lazy("Without a topic")),
    "tag": (gettext_lazy("By tag"), gettext_lazy("Tag"), gettext_lazy("Without tags")),
    "page": (gettext_lazy("By page"), gettext_lazy("Page"), gettext_lazy("Page not known")),
    "channel": (gettext_lazy("By channel"), gettext_lazy("Channel"), gettext_lazy("Chat page")),
}
"""For each facet the names of its table, of its column and of what has none."""


@dataclass
class Cell:
    """A number of a table. `kind` says how it is written: number, duration or score; `href` leads
    to its rows."""

    kind: str
    value: float | None
    n: int
    href: str


@dataclass
class Line:
    label: str
    cells: list[Cell]
    href: str = ""
    """The report about this line alone."""


def query_of(question: Question, superuser: bool, **more) -> dict[str, str]:
    """The fields of an address that asks the same question, but for `more`; those that are empty
    are left out."""
    fields = form.fields_of(question) | question.facets.fields
    if not superuser:
        del fields["enterprise"]
    if question.zone.key == question.enterprise.zone:
        del fields["zone"]
    if question.slot is not None:
        fields |= {"weekday": str(question.slot[0]), "hour": str(question.slot[1])}
    fields |= more
    return {name: value for name, value in fields.items() if value != ""}


class Page:
    """The context of the template."""

    def __init__(
        self,
        question: Question,
        lines: Lines,
        reader: Member,
        today: date,
        split: Split | None = None,
        before: tuple[Question, Lines] | None = None,
    ):
        """`before` has the sums of the period before this one."""
        self.question = question
        self.lines = lines
        self.split = split
        self.superuser = reader.is_superuser
        self.today = today
        self.before = before

    def context(self) -> dict:
        return {
            "asked": self.question,
            "totals": self.cells(self.lines.totals),
            "before": self.before and self.cells(self.before[1].totals),
            "asked_before": self.before and self.before[0],
            "rated": self.rated(),
            "provisional": self.lines.provisional,
            "demo": self.lines.demo,
            "without_demo": self.address("reports", demo="0"),
            "teams": self.teams(),
            "members": self.members(),
            "days": self.days(),
            "narrowed": self.narrowed(),
            "kept": self.kept(),
            "facets": self.facets(),
            "split": self.split and self.split_lines(),
            "names_of_split": self.split and BY[self.split.by],
            **self.drawn(),
            "heat": self.heat(),
            "hours": range(24),
            "width": charts.WIDTH,
            "height": charts.HEIGHT,
            "middle": charts.HEIGHT // 2,
            "shortcuts": self.shortcuts(),
            "query": urlencode(query_of(self.question, self.superuser)),
            "here": self.address("reports"),
            "fields": form.fields_of(self.question),
            "choices": form.choices(self.question, self.superuser),
        }

    def drawn(self) -> dict:
        """Receptions by day, of a single day by hour, and of several days the first replies."""
        days, lines = self.question.days, self.lines.days
        if len(days) == 1:
            of_day = self.lines.hours[days[0].weekday()]
            bars, most = charts.bars(list(range(24)), [Measures(receptions=n) for n in of_day])
            names = [f"{hour}:00" for hour in range(24)]
            return {"bars": bars, "most": most, "ticks": charts.axis(names, of_day, most)}
        bars, most = charts.bars(days, lines)
        steps, longest, late = charts.steps(lines, "first_reply")
        ticks = charts.axis([day.strftime("%m-%d") for day in days], late, longest)
        replied = {"steps": steps, "longest": longest, "has_steps": any(steps.values())}
        has_over = any(one.seconds is not None for one in ticks)
        return {"bars": bars, "most": most, "ticks": ticks, "has_over": has_over, **replied}

    def address(self, name: str, **more) -> str:
        if name == "reports" and self.split:
            more = {"by": self.split.by, **more}
        query = query_of(self.question, self.superuser, **more)
        return f"{reverse(name)}?{urlencode(query)}"

    def cells(self, one: Measures, **more) -> list[Cell]:
        """The figures of a line; `more` are the fields of the address that its rows have."""
        found = []
        for name in ("receptions", "unanswered", "messages_in", "messages_out"):
            n = getattr(one, name)
            found.append(self.cell("number", n, n, name, more))
        for name, percents in DURATIONS.items():
            values = getattr(one, name)
            for percent in percents:
                value = at_position(values, percent) if values else None
                found.append(self.cell("duration", value, len(values), name, more))
        return [*found, self.cell("score", one.mean_rating, one.ratings, "rating", more)]

    def cell(self, kind: str, value, n: int, metric: str, more: dict) -> Cell:
        href = self.address("report-rows", **more, metric=metric) if n else ""
        return Cell(kind, value, n, href)

    def rated(self) -> int | None:
        """How many of a hundred receptions were rated, rounded down. None without receptions, and
        of a member: ratings are credited to others than receptions are."""
        totals = self.lines.totals
        if not totals.receptions or self.question.member is not None:
            return None
        return 100 * totals.ratings // totals.receptions

    def teams(self) -> list[Line]:
        names = {team.slug: team.name for team in self.question.teams}
        return [
            Line(names[slug], self.cells(one, team=slug), self.address("reports", team=slug))
            if slug
            else Line(_("Removed teams"), without_rows(self.cells(one)))
            for slug, one in by_team(self.question, self.lines)
        ]

    def members(self) -> list[Line]:
        if not self.question.names:
            return []
        found = by_member(self.question, self.lines)
        rows = Member.objects.filter(enterprise=self.question.enterprise)
        names = {row.name: row.display_name for row in rows}
        lines = []
        for account, one in found:
            who = account or REMOVED
            label = names.get(account, account) if account else _("Removed members")
            # Nothing that visitors write, and nothing unanswered, is credited to a member.
            cells = self.cells(one, member=who)
            cells[1].value = cells[2].value = None
            lines.append(Line(label, cells, self.address("reports", member=who)))
        return lines

    def days(self) -> list[Line]:
        return [
            Line(
                date_format(day, "SHORT_DATE_FORMAT"),
                self.cells(one, **{"from": day.isoformat(), "to": day.isoformat()}),
                self.address("reports", **{"from": day.isoformat(), "to": day.isoformat()}),
            )
            for day, one in zip(self.question.days, self.lines.days, strict=True)
        ]

    def narrowed(self) -> list[tuple[str, str, str]]:
        """Each facet that is asked for: its name, its value, and the report without asking."""
        asked = self.question.facets
        found = []
        for facet, (_by, name, without) in BY.items():
            if value := getattr(asked, facet):
                found.append(
                    (str(name), word(facet, value), self.address("reports", **{facet: ""}))
                )
            if facet in asked.without:
                left = ",".join(sorted(asked.without - {facet}))
                found.append((str(name), str(without), self.address("reports", without=left)))
        return found

    def kept(self) -> dict[str, str]:
        """What the form keeps of the address without asking for it."""
        by = self.split.by if self.split else ""
        fields = {**self.question.facets.fields, "by": by}
        return {name: value for name, value in fields.items() if value}

    def facets(self) -> list[tuple[str, str, bool]]:
        """By what lines can be asked for: the name, the address, and whether they are there."""
        chosen = self.split.by if self.split else ""
        return [
            (name, f"{self.address('reports', by=by)}#split", by == chosen)
            for by, (name, _column, _without) in BY.items()
        ]

    def split_lines(self) -> list[Line]:
        split, by = self.split, self.split.by
        only = getattr(self.question.facets, by)
        lines = []
        for value, one in split.lines:
            cells = self.cells(one, **{by: value})
            # An address asks for one tag: it has no rows for those that have two.
            listed = only in ("", value)
            href = self.address("reports", **{by: value}) if listed else ""
            lines.append(Line(word(by, value), cells if listed else without_rows(cells), href))
        if split.others:
            lines.append(Line(_("Others"), without_rows(self.cells(split.others))))
        if split.without:
            without = ",".join(sorted({by, *self.question.facets.without}))
            cells = self.cells(split.without, without=without)
            lines.append(Line(BY[by][2], cells, self.address("reports", without=without)))
        return lines

    def heat(self) -> list[tuple[str, list[tuple[int, int, str]]]]:
        """For each weekday its name, and for each hour the number, its shade and its rows."""
        found = []
        asked = {day.weekday() for day in self.question.days[:7]}
        for weekday, row in enumerate(charts.shades(self.lines.hours)):
            if weekday not in asked:
                continue
            cells = [
                (n, shade, self.slot(weekday, hour) if n else "")
                for hour, (n, shade) in enumerate(row)
            ]
            found.append((WEEKDAYS[weekday], cells))
        return found

    def slot(self, weekday: int, hour: int) -> str:
        more = {"weekday": str(weekday), "hour": str(hour)}
        return self.address("report-rows", **more, metric="receptions")

    def shortcuts(self) -> list[tuple[str, str, bool]]:
        """Of each period its name, the address, and whether it is this page."""
        asked = self.question.first, self.question.last
        return [
            (
                name,
                self.address("reports", **{"from": first.isoformat(), "to": last.isoformat()}),
                asked == (first, last),
            )
            for name, first, last in form.periods(self.today)
        ]


def word(facet: str, value: str) -> str:
    """How a value of a facet is shown."""
    return capfirst(str(channels.NAMES.get(value, value))) if facet == "channel" else value


def without_rows(cells: list[Cell]) -> list[Cell]:
    """Numbers that no address has rows for."""
    return [Cell(cell.kind, cell.value, cell.n, "") for cell in cells]
