"""Teams with visitors who wait and nobody there to answer: what managers are told."""

from django.db.models import Count, Min
from django.utils import timezone

from accounts.models import Team
from chat.models import Conversation, not_snoozed

from . import leases


def by_enterprise(enterprises: set[str]) -> dict[str, list[dict]]:
    """Of each of these enterprises (codes) the teams in which somebody waits and nobody is there:
    how many wait, and since when. As long as somebody is in every team, no conversation is read."""
    found: dict[str, list[dict]] = {code: [] for code in enterprises}
    staffed = leases.staffed_teams(enterprises)
    empty = Team.objects.filter(enterprise__code__in=enterprises).exclude(pk__in=staffed)
    teams = {team.pk: team for team in empty.select_related("enterprise").order_by("name", "id")}
    if not teams:
        return found
    # By enterprise and openness an index leads to them.
    open_ones = Conversation.objects.filter(ent_id__in=enterprises, open=True)
    welcome = open_ones.filter(
        not_snoozed(timezone.now()), team_id__in=teams, visitor__blocked=False
    )
    waiting = welcome.filter(waiting_since__isnull=False)
    counted = waiting.values_list("team_id").annotate(n=Count("pk"), since=Min("waiting_since"))
    numbers = {team_id: (n, since) for team_id, n, since in counted}
    for pk, team in teams.items():
        if pk in numbers:
            n, since = numbers[pk]
            facts = {"team": team.slug, "name": team.name, "waiting": n, "since": since}
            found[team.enterprise.code].append(facts)
    return found


def of_enterprise(code: str) -> list[dict]:
    """Those of one enterprise."""
    return by_enterprise({code})[code]
