"""Unattended teams: visitors wait and no agent is present. Managers see a warning about them."""

from django.db.models import Count, Min

from accounts.models import Team
from chat import clock
from chat.models import Conversation, not_snoozed

from . import leases


def by_enterprise(enterprises: set[str]) -> dict[str, list[dict]]:
    """The unattended teams of each of these enterprises (codes): slug, name, the number of waiting
    visitors, and since when the first waits. Reads no conversations while every team is staffed."""
    found: dict[str, list[dict]] = {code: [] for code in enterprises}
    staffed = leases.staffed_teams(enterprises)
    empty = Team.objects.filter(enterprise__code__in=enterprises).exclude(pk__in=staffed)
    teams = {team.pk: team for team in empty.select_related("enterprise").order_by("name", "id")}
    if not teams:
        return found
    # An index begins with ent_id and open.
    open_ones = Conversation.objects.filter(ent_id__in=enterprises, open=True)
    served = open_ones.filter(not_snoozed(clock.now()), team_id__in=teams, visitor__blocked=False)
    waiting = served.filter(waiting_since__isnull=False)
    counted = waiting.values_list("team_id").annotate(n=Count("pk"), since=Min("waiting_since"))
    numbers = {team_id: (n, since) for team_id, n, since in counted}
    for pk, team in teams.items():
        if pk in numbers:
            n, since = numbers[pk]
            facts = {"team": team.slug, "name": team.name, "waiting": n, "since": since}
            found[team.enterprise.code].append(facts)
    return found


def of_enterprise(code: str) -> list[dict]:
    """The unattended teams of one enterprise (code)."""
    return by_enterprise({code})[code]
