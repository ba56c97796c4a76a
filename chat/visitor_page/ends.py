"""The ends of conversations, in which notes and notices are looked for: no index has them."""

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from chat.models import Conversation, GroupMessage, Visitor, theirs

ROWS = 200
"""Rows at the end of each."""


def ends(visitor: Visitor, talks: list[Conversation]) -> QuerySet[GroupMessage]:
    """The last rows of these conversations."""
    parts = [Q(group_id=one.uuid, seq__gt=one.last_seq - ROWS) for one in talks]
    rows = GroupMessage.objects.filter(theirs(visitor.ent_id))
    return rows.filter(reduce(or_, parts)) if parts else rows.none()
