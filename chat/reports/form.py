"""The form of a report: what was asked, what can be chosen, and periods that one click chooses."""

from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.forms import zones
from accounts.models import Enterprise, Member

from .showing.question import Question


def fields_of(question: Question) -> dict[str, str]:
    """What the fields hold."""
    return {
        "enterprise": question.enterprise.code,
        "from": question.first.isoformat(),
        "to": question.last.isoformat(),
        "zone": question.zone.key,
        "team": question.team,
        "member": question.account,
        "clock": "hours" if question.hours else "",
        "demo": "" if question.demo else "0",
    }


def choices(question: Question, superuser: bool) -> dict:
    """What the form offers."""
    people = Member.objects.people().filter(enterprise=question.enterprise)
    members = []
    if question.names:
        members = [(row.name, row.display_name) for row in people.order_by("name")]
    return {
        "enterprises": enterprises() if superuser else [],
        "teams": [(team.slug, team.name) for team in question.choices],
        "members": members,
        "zones": zones.options(),
    }


def enterprises() -> list[tuple[str, str]]:
    """What a superuser chooses from: codes and names."""
    return list(Enterprise.objects.order_by("name").values_list("code", "name"))


def periods(today: date) -> list[tuple[str, date, date]]:
    """Names of periods with their first and last days; a week begins on Monday."""
    day = timedelta(1)
    monday, month = today - timedelta(today.weekday()), today.replace(day=1)
    return [
        (pgettext("period", "Today"), today, today),
        (_("Yesterday"), today - day, today - day),
        (_("Last week"), monday - 7 * day, monday - day),
        (_("This month"), month, today),
        (_("Last month"), (month - day).replace(day=1), month - day),
        *((last(n), today - (n - 1) * day, today) for n in (7, 28, 90)),
    ]


def last(days: int) -> str:
    return ngettext("Last %(n)s day", "Last %(n)s days", days) % {"n": days}
