"""A report as JSON: totals, and lines for teams, members, days and hours."""

from accounts.models import Member
from chat.reports.figures import Lines, Measures

from .breakdown import Split
from .question import REMOVED, Question


def shaped(question: Question, lines: Lines, split: Split | None = None) -> dict:
    """The report as docs/protocol.md has it; with lines by a facet, where they were asked for."""
    told = {
        "from": question.first.isoformat(),
        "to": question.last.isoformat(),
        "zone": question.zone.key,
        "totals": lines.totals.shaped(),
        "by_team": [{"team": slug, **one.shaped()} for slug, one in by_team(question, lines)],
        "by_member": [{"member": name, **one.shaped()} for name, one in by_member(question, lines)],
        "by_day": [
            {"date": day.isoformat(), **one.shaped()}
            for day, one in zip(question.days, lines.days, strict=True)
        ],
        "by_hour": lines.hours,
    }
    return told | shaped_split(split) if split else told


def shaped_split(split: Split) -> dict:
    lines = [*split.lines, *([(None, split.without)] if split.without else [])]
    return {
        f"by_{split.by}": [{split.by: value, **one.shaped()} for value, one in lines],
        "others": split.others.shaped() if split.others else None,
    }


def by_team(question: Question, lines: Lines) -> list[tuple[str | None, Measures]]:
    """Each team by its slug, those without figures, too; last, as None, what belongs to no team any
    more."""
    found = [(team.slug, lines.teams.get(team.pk, Measures())) for team in question.teams]
    return found + [(None, one) for key, one in lines.teams.items() if key is None]


def by_member(question: Question, lines: Lines) -> list[tuple[str | None, Measures]]:
    """Those with figures by their account; last, as None, all who were removed. Nobody for a reader
    who may not see names."""
    if not question.names:
        return []
    names = dict(Member.objects.filter(uuid__in=lines.members).values_list("uuid", "name"))
    found = sorted((names[key], one) for key, one in lines.members.items() if key in names)
    return found + [(None, one) for key, one in lines.members.items() if key == REMOVED]
