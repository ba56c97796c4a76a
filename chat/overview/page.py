"""What the administrators' home shows: numbers that lead to their rows, and what there is to do."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from accounts import checklist
from accounts.models import Member, Team
from chat.presence import leases
from chat.reports import charts
from chat.reports.figures import Measures
from chat.reports.page import Cell, query_of
from chat.reports.showing.question import Question

from . import decisions, now, today
from .now import Colleague, Waits

MOST = 50
"""Teams, and colleagues, that are shown; the reports have them all."""
EARLIEST, LATEST = 8, 18
"""The hours that the chart has at least."""


@dataclass
class TeamLine:
    team: Team
    waits: Waits
    opened: int
    href: str
    """Today's report of the team."""
    receptions: Cell
    first_reply: Cell
    rating: Cell
    before: Measures


@dataclass
class PersonLine:
    person: Colleague
    href: str
    receptions: Cell
    first_reply: Cell
    rating: Cell


class Home:
    """The home of one enterprise, for a manager or a superuser."""

    def __init__(self, asked: Question, reader: Member):
        self.asked = asked
        self.reader = reader
        self.day = today.count(asked)
        self.waits = now.waits(asked.enterprise.code, asked.teams, asked.now)
        self.opened = now.opened(asked.enterprise.code)
        self.people = now.colleagues(asked.enterprise, asked.now)

    def context(self) -> dict:
        lines, before = self.day.lines, self.day.before
        enterprise = self.asked.enterprise
        query = urlencode({"enterprise": enterprise.code})
        chosen = f"?{query}" if self.reader.is_superuser else ""
        there = [one for one in self.people if one.state != leases.OFFLINE]
        online = [one for one in there if one.state == leases.ONLINE]
        total = Waits()
        for one in self.waits.values():
            total.add(one)
        steps = checklist.steps(enterprise)
        hours, bars, line, most = self.chart()
        return {
            "asked": self.asked,
            "chosen": chosen,
            "greeting": greeting(self.local),
            # Without a zone: a template shows others by the server's clock.
            "local": self.local.replace(tzinfo=None),
            "weekday": WEEKDAYS[self.local.weekday()],
            "waits": total,
            "longest": self.waited(total.since),
            "opened": sum(self.opened.values()),
            "online": len(online),
            "room": sum(max(one.capacity - one.held, 0) for one in online),
            "first_reply": self.cell("duration", lines.totals, "first_reply"),
            "first_reply_before": today.median(before.totals),
            "in_time": today.in_time(lines, self.asked.teams, total.unanswered, self.day.mails),
            "receptions": self.cell("number", lines.totals, "receptions"),
            "receptions_before": before.totals.receptions,
            "rating": self.cell("score", lines.totals, "rating"),
            "rating_before": before.totals.mean_rating,
            "teams": self.teams()[:MOST],
            "more_teams": max(len(self.asked.teams) - MOST, 0),
            "people": [self.person(one) for one in there[:MOST]],
            "more_people": max(len(there) - MOST, 0),
            "has_people": bool(self.people),
            "hours": hours,
            "bars": bars,
            "line": line,
            "most": most,
            "width": charts.WIDTH,
            "height": charts.HEIGHT,
            "report": self.address("reports"),
            "decisions": decisions.decisions(enterprise, total.late, chosen),
            "steps": steps,
            "steps_done": sum(step.done for step in steps),
            "next_step": next((step for step in steps if step.is_due), None),
        }

    @property
    def local(self) -> datetime:
        return self.asked.now.astimezone(self.asked.zone)

    def waited(self, since: datetime | None) -> float | None:
        return (self.asked.now - since).total_seconds() if since else None

    def address(self, name: str, **more) -> str:
        fields = query_of(self.asked, self.reader.is_superuser, **more)
        return f"{reverse(name)}?{urlencode(fields)}"

    def cell(self, kind: str, one: Measures, metric: str, **more) -> Cell:
        """A figure of a line with its rows; `more` are the fields of their address."""
        value, n = {
            "receptions": (one.receptions, one.receptions),
            "first_reply": (today.median(one), len(one.first_reply)),
            "rating": (one.mean_rating, one.ratings),
        }[metric]
        href = self.address("report-rows", metric=metric, **more) if n else ""
        return Cell(kind, value, n, href)

    def cells(self, one: Measures, **more) -> list[Cell]:
        kinds = ("number", "receptions"), ("duration", "first_reply"), ("score", "rating")
        return [self.cell(kind, one, metric, **more) for kind, metric in kinds]

    def teams(self) -> list[TeamLine]:
        """Who waits longest first, then by name."""
        found = []
        for team in self.asked.teams:
            one = self.day.lines.teams.get(team.pk, Measures())
            found.append(
                TeamLine(
                    team,
                    self.waits.get(team.pk, Waits()),
                    self.opened.get(team.pk, 0),
                    self.address("reports", team=team.slug),
                    *self.cells(one, team=team.slug),
                    self.day.before.teams.get(team.pk, Measures()),
                )
            )
        latest = self.asked.now
        return sorted(found, key=lambda line: (line.waits.since or latest, line.team.name))

    def person(self, one: Colleague) -> PersonLine:
        figures = self.day.lines.members.get(one.member.uuid, Measures())
        account = one.member.name
        href = self.address("reports", member=account)
        return PersonLine(one, href, *self.cells(figures, member=account))

    def chart(self) -> tuple[list[tuple[int, int, int]], list[charts.Bar], str, int]:
        """The hours with their receptions today and a week ago, the bars, the line, and the number
        that the whole height stands for."""
        counted, before = self.day.hours
        busy = [hour for hour in range(24) if counted[hour] or before[hour]]
        first, last = min([EARLIEST, *busy]), max([LATEST, *busy])
        hours = list(range(first, last + 1))
        measures = [Measures(receptions=counted[hour]) for hour in hours]
        bars, most = charts.bars(hours, measures, at_least=max(before))
        known = [before[hour] if hour <= self.local.hour else None for hour in hours]
        line = charts.path(known, charts.WIDTH / len(hours), most)
        return [(hour, counted[hour], before[hour]) for hour in hours], bars, line, most


def greeting(local: datetime) -> str:
    if local.hour < 5:
        return _("Hello")
    if local.hour < 12:
        return _("Good morning")
    return _("Good afternoon") if local.hour < 18 else _("Good evening")
