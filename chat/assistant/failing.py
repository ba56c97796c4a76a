"""Notes for robots that a model fails: not once, but for long, while nobody got an answer of it."""

from datetime import datetime, timedelta

from accounts.models import Assistant
from chat.conversations import causes as noted
from chat.models import AssistantTask, theirs

from .causes import Cause

STATE = AssistantTask.State
LATELY, FEWEST = timedelta(minutes=15), 3
"""Within how long how many tasks have to fail, and none to succeed."""


def look(task: AssistantTask, now: datetime) -> None:
    """After a task that ended by a failure of the model; in the transaction that stores it."""
    if task.cause not in (Cause.ENDPOINT, Cause.LATE) or task.ent_id not in noted.with_robots:
        return
    recent = AssistantTask.objects.filter(theirs(task.ent_id), created_at__gte=now - LATELY)
    ended = list(recent.exclude(finished_at=None).values_list("state", "cause"))
    failed = [one for one in ended if one[1] in (Cause.ENDPOINT, Cause.LATE)]
    if len(failed) < FEWEST or any(state in (STATE.ANSWERED, STATE.REFUSED) for state, _ in ended):
        return
    found = Assistant.objects.filter(enterprise__code=task.ent_id).first()
    if found is not None:
        day = f"{now:%Y-%m-%d}"
        noted.broken(task.ent_id, None, "assistant", key=found.pk, since=day, now=now)
