"""Removes the demo's conversations with everything that belongs to them: visitors, receptions,
messages of whoever wrote there, files, and tags that no other conversation has.

Conversations with real visitors are not touched, nor is what the enterprise has set up.
"""

from django.db import transaction

from accounts import audit
from accounts.models import Enterprise
from chat import models, sweeps
from chat.care import erasure
from chat.conversations import changes
from chat.reports import counting

from . import by_channel, knowledge, robots

BATCH = 50
"""Conversations of one transaction, so that nobody who writes waits for long."""


def count(enterprise: Enterprise) -> int:
    return of_demo(enterprise).count()


def of_demo(enterprise: Enterprise):
    return models.Conversation.objects.filter(ent_id=enterprise.code, origin=models.Origin.DEMO)


def remove(enterprise: Enterprise, origin: audit.Origin | None = None) -> int:
    """Removes them all, and has them disappear from open inboxes; returns how many there were.
    `origin` is who does it, for the audit."""
    found = of_demo(enterprise).order_by("uuid").values_list("uuid", "visitor_id")
    rows = list(found)
    for part in sweeps.parts(rows, BATCH):
        with transaction.atomic():
            groups = [group for group, _visitor in part]
            visitors = [visitor for _group, visitor in part]
            remove_some(enterprise.code, groups, visitors)
            details = {"conversations": len(part)}
            audit.note(audit.Action.ERASED, enterprise.pk, origin, kind="demo", details=details)
    by_channel.remove(enterprise.code)
    robots.remove(enterprise.code)
    knowledge.forget(enterprise)
    return len(rows)


def remove_some(ent_id: str, groups: list[str], visitors: list[str]) -> None:
    with changes.begin() as change:
        own = models.theirs(ent_id)
        people = models.Visitor.objects.filter(own, uuid__in=visitors)
        list(people.select_for_update().order_by("pk").values_list("pk"))
        for thread in change.lock(groups).values():
            # As where a conversation becomes a part of another one: its people are told to leave.
            thread.left, thread.seats = tuple(thread.agents()), {}
        messages = models.GroupMessage.objects.filter(own, group_id__in=groups)
        erasure.delete_after_commit(erasure.files_of(messages, ent_id))
        messages.delete()
        erasure.delete_tags(groups, ent_id)
        models.ChatGroup.objects.filter(own, uuid__in=groups).delete()
        models.GroupMember.objects.filter(own, group_id__in=groups).delete()
        models.Conversation.objects.filter(own, uuid__in=groups).delete()
        models.Reception.objects.filter(own, group_id__in=groups).delete()
        counting.forget(groups)
        people.delete()
