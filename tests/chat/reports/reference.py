"""The definitions of docs/reports.md once more, by brute force, from what happened (scene.py). It
knows no table of the reports."""

import itertools
import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from .scene import Happened, Talk

DAY = timedelta(hours=24)
UNDONE = timedelta(seconds=10)


@dataclass
class Thing:
    """One thing that a figure counts."""

    metric: str
    at: datetime
    """When it counts."""
    team: str
    members: set = field(default_factory=set)
    value: float | None = None
    about: dict = field(default_factory=dict)
    """What its conversation has of each facet; "" for nothing."""


def things(talks: list[Talk], about: Callable[[Talk], dict]) -> list[Thing]:
    found = []
    for talk in talks:
        facets = about(talk)
        for log in (talk.log, *talk.former):
            rows = without_bots(without_undone(log))
            found += [replace(thing, about=facets) for thing in of_log(talk, rows)]
    return found


def without_undone(log: list[Happened]) -> list[Happened]:
    """Without the closes that the same member took back at once: people have it from then on, or
    since somebody acted in between (`shut`)."""
    found = list(log)
    for place, one in enumerate(log):
        if one.kind == "joined":
            found[place] = replace(one, value=without_undone(one.value))
        if one.kind != "reopened" or not one.who:
            continue
        since = [number for number in range(place) if log[number].kind in ("closed", "joined")]
        closed = log[since[-1]]
        if (closed.kind, closed.who) == ("closed", one.who) and one.at - closed.at <= UNDONE:
            kinds = {other.kind for other in log[since[-1] : place]}
            acted = kinds & {"agent", "moved", "handover"}
            found[since[-1]] = replace(closed, kind="shut" if acted else "")
            found[place] = replace(one, kind="handover")
    return found


def without_bots(log: list[Happened]) -> list[Happened]:
    """What people have had to do with: what the visitor wrote to a bot let nobody wait (`to_bot`),
    and from the handover on they wait (`waits`; `value`: when they wrote what the bot had not
    answered)."""
    found, floor, used, asked = [], False, False, None
    for one in log:
        if one.kind == "floor":
            floor, used, asked = True, False, None
        elif one.kind == "bot":
            asked = None
        elif floor and one.kind == "visitor":
            used, asked = True, asked or one.at
            found.append(replace(one, kind="to_bot"))
        elif floor and (one.kind in ("handover", "agent", "moved") or one.kind == "holds"):
            floor = False
            waits = [Happened(one.at, "waits", value=asked)] if used else []
            found += [one, *waits] if one.kind == "moved" else [*waits, one]
        else:
            floor = floor and one.kind not in ("closed", "shut")
            found.append(one)
    return found


def of_log(talk: Talk, log: list[Happened]) -> list[Thing]:
    begins = beginnings(log)
    bounds = [*begins, len(log)]
    found = []
    for begin, end in itertools.pairwise(bounds):
        found += of_reception(log, begin, end, team_at(talk, log, begin))
    for place, one in enumerate(log):
        if one.kind in ("visitor", "press", "to_bot", "agent"):
            metric = "messages_out" if one.kind == "agent" else "messages_in"
            earlier = [begin for begin in begins if begin <= place]
            team = team_at(talk, log, earlier[-1] if earlier else place)
            found.append(Thing(metric, one.at, team, {one.who} - {""}))
    return found


def beginnings(log: list[Happened]) -> list[int]:
    """Where in the log receptions begin."""
    found: list[int] = []
    for place, one in enumerate(log):
        if one.kind not in ("visitor", "waits"):
            continue
        since = log[found[-1] : place] if found else []
        by_agent = any(
            other.kind == "fresh" or (other.kind == "reopened" and other.who) for other in since
        )
        if not found or by_agent or is_late(since):
            found.append(place)
    return found


def is_late(since: list[Happened]) -> bool:
    """Whether the visitor has reopened what was closed more than a day before."""
    closed = None
    for one in since:
        if one.kind == "closed":
            closed = one.at
        elif one.kind == "reopened" and one.at - closed > DAY:
            return True
    return False


def team_at(talk: Talk, log: list[Happened], place: int) -> str:
    moves = [one.value for one in log[:place] if one.kind == "moved"]
    return moves[-1] if moves else talk.team


def of_reception(log: list[Happened], begin: int, end: int, team: str) -> list[Thing]:
    at, rows = log[begin].at, log[begin:end]
    answers = [one for one in rows if one.kind == "agent"]
    closed, part = own_part(rows, is_last=end == len(log))
    holder = last_holder(log, begin, part)
    found = [Thing("receptions", at, team, {one.who for one in answers})]
    if answers:
        seconds = (answers[0].at - at).total_seconds()
        found.append(Thing("first_reply", at, team, {answers[0].who}, seconds))
    else:
        found.append(Thing("unanswered", at, team))
    for answer in answers[1:]:
        place = next(number for number, one in enumerate(rows) if one is answer)
        if asked := waits_since(rows[:place]):
            seconds = (answer.at - asked).total_seconds()
            found.append(Thing("next_reply", at, team, {answer.who}, seconds))
    if closed:
        found.append(Thing("resolution", at, team, holder, (closed - at).total_seconds()))
    if scores := [one.value for one in rows if one.kind == "rated"]:
        found.append(Thing("rating", at, team, holder, scores[-1]))
    return found


def own_part(rows: list[Happened], is_last: bool) -> tuple[datetime | None, list[Happened]]:
    """When a reception was closed last, None while it is open, and the rows that say who held it.
    What an agent reopens is open until another reception begins; then it never was."""
    last = reopened = None
    by_agent = False
    for place, one in enumerate(rows):
        if one.kind == "fresh":
            rows = rows[:place]
            break
        if one.kind == "closed":
            last, reopened = place, None
        elif one.kind == "reopened":
            if not one.who and (by_agent or one.at - rows[last].at > DAY):
                break
            reopened, by_agent = one, by_agent or bool(one.who)
    if last is None or (reopened and (is_last or not reopened.who)):
        return None, rows
    return rows[last].at, rows[: last + 1] if reopened else rows


def last_holder(log: list[Happened], begin: int, part: list[Happened]) -> set[str]:
    """Who held the claim last: within the reception, or else already at its beginning."""
    within = [one.who for one in part if one.kind == "holds" and one.who]
    if within:
        return {within[-1]}
    holder = ""
    for one in log[:begin]:
        if one.kind in ("holds", "closed", "moved"):
            holder = one.who if one.kind == "holds" else ""
    return {holder} - {""}


def waits_since(rows: list[Happened]) -> datetime | None:
    """When the visitor wrote what waits after these rows; where conversations were joined, what
    waited longer."""
    asked = None
    for one in rows:
        if one.kind in ("agent", "closed"):
            asked = None
        elif one.kind == "visitor":
            asked = asked or one.at
        elif one.kind == "waits":
            asked = asked or one.value
        elif one.kind == "joined":
            asked = min(filter(None, (asked, waits_since(one.value))), default=None)
    return asked


def report(
    found: list[Thing], first: date, last: date, zone: str, teams: list[str], names: dict[str, str]
) -> dict:
    """The whole report; `names` are the accounts by uuid, of all who are there."""
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    local = ZoneInfo(zone)
    inside = within(found, first, last, zone)
    hours = [[0] * 24 for _day in range(7)]
    by_member = defaultdict(list)
    for one in inside:
        here = one.at.astimezone(local)
        if one.metric == "receptions":
            hours[here.weekday()][here.hour] += 1
        for who in {names.get(member) for member in one.members}:
            by_member[who].append(one)
    people = sorted(by_member, key=lambda name: (name is None, name or ""))
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "zone": zone,
        "totals": measures(inside),
        "by_team": [
            {"team": slug, **measures([one for one in inside if one.team == slug])}
            for slug in sorted(teams)
        ],
        "by_member": [{"member": who, **measures(by_member[who])} for who in people],
        "by_day": [
            {
                "date": day.isoformat(),
                **measures([one for one in inside if one.at.astimezone(local).date() == day]),
            }
            for day in days
        ],
        "by_hour": hours,
    }


def within(found: list[Thing], first: date, last: date, zone: str) -> list[Thing]:
    local = ZoneInfo(zone)
    return [one for one in found if first <= one.at.astimezone(local).date() <= last]


def split(inside: list[Thing], facet: str, most: int) -> tuple[list, dict | None, dict | None]:
    """The lines of a facet's values, `most` of them; that of what has none, and of the others."""
    values = {value for one in inside for value in one.about[facet]} - {""}
    lines = [
        (value, measures([one for one in inside if value in one.about[facet]])) for value in values
    ]
    lines.sort(key=lambda line: (-line[1]["receptions"], line[0]))
    rest = {value for value, _line in lines[most:]}
    without = [one for one in inside if "" in one.about[facet]]
    others = [one for one in inside if rest & set(one.about[facet])]
    return (
        lines[:most],
        measures(without) if without else None,
        measures(others) if others else None,
    )


def measures(found: list[Thing]) -> dict:
    values = defaultdict(list)
    for one in found:
        values[one.metric].append(one.value)
    scores = values["rating"]
    return {
        **{
            name: len(values[name])
            for name in ("receptions", "messages_in", "messages_out", "unanswered")
        },
        **{
            name: spread(sorted(values[name]))
            for name in ("first_reply", "next_reply", "resolution")
        },
        "rating": {"n": len(scores), "mean": sum(scores) / len(scores) if scores else None},
    }


def spread(values: list[float]) -> dict:
    if not values:
        return {"n": 0, "mean": None, "median": None, "p90": None}
    n = len(values)
    return {
        "n": n,
        "mean": sum(values) / n,
        "median": values[math.ceil(n / 2) - 1],
        "p90": values[math.ceil(9 * n / 10) - 1],
    }


def same(one, other) -> bool:
    """Whether two reports are equal, seconds to a tenth of a millisecond."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return None not in (one, other) and abs(one - other) < 0.0001
    return one == other


UTC = timezone.utc
