"""What a visitor without a conversation chooses first: a topic, or one of the offered teams.

Each choice is an address of the chat page, so what follows, hours and presence and greeting, is the
team's own, and works without scripts.
"""

from django.utils import timezone

from accounts import hours
from accounts.models import Enterprise, Topic
from accounts.models.topic import MOST
from chat.protocol.errors import Refused


def offered_choices(enterprise: Enterprise) -> list[dict]:
    """The enterprise's topics, else its offered teams, if there are two or more; each with whether
    its team works now. Empty where there is nothing to choose."""
    now = timezone.now()
    topics = Topic.objects.filter(team__enterprise=enterprise).select_related("team")[:MOST]
    found = [
        {"label": topic.label, "team": topic.team, "query": {"topic": topic.pk}} for topic in topics
    ]
    if not found:
        teams = enterprise.teams.filter(offered=True).order_by("name", "id")[:MOST]
        found = [{"label": team.name, "team": team, "query": {}} for team in teams]
        if len(found) < 2:
            return []
    for one in found:
        one["query"]["team"] = one["team"].slug
        one["open"] = hours.is_open(one["team"], now)
    return found


def topic_label(enterprise: Enterprise, pk: int | None) -> str:
    """The words of a topic that a visitor chose; "" for none. Refuses one of another enterprise."""
    if pk is None:
        return ""
    found = Topic.objects.filter(pk=pk, team__enterprise=enterprise).first()
    if found is None:
        raise Refused("bad_field", "topic is one of the enterprise's.", field="topic")
    return found.label
