"""The topics or teams that a visitor without a conversation chooses from.

Each choice links to the chat page of its team, so hours, presence and greeting are that team's, and
it works without JavaScript.
"""

from django.db.models import QuerySet
from django.utils import timezone

from accounts import hours
from accounts.kept import Kept
from accounts.models import Enterprise, Topic
from accounts.models.topic import MAX_TOPICS
from chat.protocol.errors import Refused


def offered_choices(enterprise: Enterprise) -> list[dict]:
    """The enterprise's topics; with fewer than two the teams that it offers. A single one, which is
    no choice, leads to its team.
    Each is a dict: `label`, `team`, `query` (of the link) and `open` (within working hours)."""
    now = timezone.now()
    found = [
        {"label": topic.translated("label"), "team": topic.team, "query": {"topic": topic.pk}}
        for topic in topics_of(enterprise.pk)
    ]
    if len(found) < 2:
        teams = [team for team in enterprise.teams.all() if team.offered]
        teams.sort(key=lambda team: (team.translated("name").casefold(), team.pk))
        if len(teams) > 1:
            found = [
                {"label": team.translated("name"), "team": team, "query": {}}
                for team in teams[:MAX_TOPICS]
            ]
    for one in found:
        one["query"]["team"] = one["team"].slug
        one["open"] = hours.is_open(one["team"], now)
    return found


@Kept
def topics_of(enterprise) -> QuerySet[Topic]:
    found = Topic.objects.filter(team__enterprise=enterprise)
    return found.select_related("team")[:MAX_TOPICS]


def topic_label(enterprise: Enterprise, pk: int | None) -> str:
    """The label of the chosen topic in the enterprise's language, as agents read it; "" for none.
    Refuses with bad_field a topic of another enterprise."""
    return find_topic(enterprise, pk).label if pk is not None else ""


def find_topic(enterprise: Enterprise, pk: int) -> Topic:
    found = Topic.objects.filter(pk=pk, team__enterprise=enterprise).first()
    if found is None:
        raise Refused("bad_field", "topic is one of the enterprise's.", field="topic")
    return found
