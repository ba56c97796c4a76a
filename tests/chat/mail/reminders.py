"""Conversations of which mails remind."""

from datetime import timedelta

from django.utils import timezone

from chat.models import Conversation, GroupMessage
from chat.posting import batches
from chat.posting.actions import Action
from chat.posting.items import Draft
from chat.protocol.forms import ActionForm
from tests.chat.helpers import new_guest, new_id


def note(member, group, *called, content="a secret word") -> int:
    draft = Draft(
        member.uuid,
        member.display_name,
        "",
        new_id(),
        content,
        group,
        note=True,
        mentions=tuple(who.uuid for who in called),
    )
    return batches.post(draft)["seq"]


def do(actor, name, group, **fields) -> None:
    form = ActionForm(
        name, group, fields.get("member"), None, "", False, "", fields.get("minutes", 0)
    )
    batches.do(Action(form, actor.uuid))


def many(team, alice, bob, count: int = 6) -> None:
    """Visitors who have waited, and mentions that nobody read, for an hour."""
    before = timezone.now() - timedelta(hours=1)
    for number in range(count):
        group = batches.post(new_guest(team).draft(f"number {number}"))["group"]
        if number % 2:
            do(bob, "claim", group)
            note(bob, group, alice)
    Conversation.objects.update(waiting_since=before)
    GroupMessage.objects.update(created_at=before)
