"""Brings the demo's waits up to now, so that a newcomer finds visitors who have just written."""

from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import F, OuterRef, Subquery

from accounts.models import Enterprise
from chat.models import (
    ChatGroup,
    Conversation,
    GroupMember,
    GroupMessage,
    Origin,
    Reception,
    Visitor,
    theirs,
)
from chat.reports import counting

NEWEST = timedelta(seconds=30)
"""How long the visitor who wrote last has waited then."""


@transaction.atomic
def renew(enterprise: Enterprise, now: datetime) -> int:
    """Moves the times of the conversations that wait and in which nobody has done anything since
    the visitor wrote; returns how many. They keep their distance from each other."""
    own = theirs(enterprise.code)
    last = GroupMessage.objects.filter(own, group_id=OuterRef("uuid"), seq=OuterRef("last_seq"))
    waiting = Conversation.objects.filter(own, origin=Origin.DEMO, waiting_since__isnull=False)
    # All that wait are locked before they are looked at: an agent may answer one meanwhile.
    locked = list(waiting.select_for_update().order_by("uuid").values_list("pk", flat=True))
    untouched = waiting.filter(pk__in=locked, visitor_id=Subquery(last.values("sender")))
    found = list(untouched.values_list("uuid", "visitor_id", "last_activity"))
    if not found:
        return 0
    groups = [group for group, _visitor, _moment in found]
    by = max(now - NEWEST - max(moment for _group, _visitor, moment in found), timedelta())
    counting.forget(groups)
    for model, column in TIMED.items():
        move(model._base_manager.filter(own, **{f"{column}__in": groups}), by)
    move(Visitor.objects.filter(own, uuid__in=[visitor for _group, visitor, _moment in found]), by)
    waiting.filter(uuid__in=groups).update(counted_seq=0, counting=None)
    return len(found)


TIMED = {
    Conversation: "uuid",
    Reception: "group_id",
    GroupMessage: "group_id",
    ChatGroup: "uuid",
    GroupMember: "group_id",
}
"""The tables that have times of a conversation, and the column in which each has its group."""


def move(rows: models.QuerySet, by: timedelta) -> None:
    fields = rows.model._meta.concrete_fields
    moments = [field.name for field in fields if isinstance(field, models.DateTimeField)]
    rows.update(**{name: F(name) + by for name in moments})
