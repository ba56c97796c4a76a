"""Conversations that are idle."""

from datetime import timedelta

from django.utils import timezone

from chat.conversations import idle
from chat.models import Conversation, Reception
from chat.posting import batches
from tests.chat.helpers import (
    draft_of,
    new_guest,
)

HOURS, MINUTES = 2, 30


def look(hours: float, minutes: float = 0) -> None:
    idle.look(timezone.now() + timedelta(hours=hours, minutes=minutes, seconds=1))


def many(team, member, count: int) -> None:
    """Conversations that a member answered three hours ago."""
    before = timezone.now() - timedelta(hours=3)
    for number in range(count):
        group = batches.post(new_guest(team).draft(f"number {number}"))["group"]
        batches.post(draft_of(member, group))
    Conversation.objects.update(last_activity=before)
    Reception.objects.update(opened_at=before)
