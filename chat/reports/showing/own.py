"""A member's own figures of some days, beside those of their teams.

Of the teams only medians and the mean rating are told: with a number of receptions a team of two
would tell each what the other has.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from accounts import hours
from accounts.models import Member
from chat.reports.figures import Measures, at_position

from . import facts
from .question import Question

DAYS = 30
"""Of the longest period, up to today."""


@dataclass
class Period:
    """Some days, and what was counted in them."""

    name: str
    """this_week, last_week or days."""
    first: date
    last: date
    own: "Figures"
    teams: "Figures"


@dataclass
class Figures:
    """Durations are medians in seconds, None where there are none."""

    receptions: int
    replies: int
    """First and next replies: what ended a visitor's wait."""
    first_reply: float | None
    next_reply: float | None
    resolution: float | None
    rating: float | None
    ratings: int


def periods(member: Member, now: datetime) -> list[Period]:
    """This week, the week before and the last days, by the enterprise's clock, with the member's
    figures and those of all their teams together. Raises `Refused` while too much is being
    counted."""
    zone = hours.zone_named(member.enterprise.zone)
    today = now.astimezone(zone).date()
    monday = today - timedelta(today.weekday())
    days = [
        ("this_week", monday, today),
        ("last_week", monday - timedelta(7), monday - timedelta(1)),
        ("days", today - timedelta(DAYS - 1), today),
    ]
    places = member.own_places
    teams = tuple(place.team for place in places)
    asked = Question(now, member.enterprise, today, today, zone, teams, (), False, True, sums=True)
    questions = []
    for _name, first, last in days:
        # What counts for a member counts in whichever team it was.
        own = replace(asked, first=first, last=last, whole=True, member=member.uuid)
        questions += [own, replace(asked, first=first, last=last)]
    counted = [figures(lines.totals) for lines in facts.counted_together(questions)]
    return [
        Period(*period, *pair)
        for period, pair in zip(days, zip(counted[::2], counted[1::2], strict=True), strict=True)
    ]


def figures(one: Measures) -> Figures:
    return Figures(
        one.receptions,
        len(one.first_reply) + len(one.next_reply),
        median(one.first_reply),
        median(one.next_reply),
        median(one.resolution),
        one.mean_rating,
        one.ratings,
    )


def median(values: list[float]) -> float | None:
    return at_position(values, 50) if values else None
