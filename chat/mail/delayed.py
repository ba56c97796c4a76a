"""What a mail to a visitor would tell of, while it waits for the next day: shown to agents at these
messages, as of a channel's messages their delivery is. The caller's transaction has the job."""

from collections.abc import Iterator

from django.db.models import QuerySet

from chat.models import Conversation, GroupMessage, theirs

REASON = "daily_limit"
"""As in channels/contract.py, above this package."""


def show(undo: list) -> None:
    """Shows at the messages of a job (MailJob.undo) that their mail waits."""
    mark = {"channel": "mail", "state": "sending", "reason": REASON}
    for found in messages(undo):
        for message in found.filter(data__bot=True):
            message.data = {**(message.data or {}), "delivery": mark}
            message.save(update_fields=["data"])


def clear(undo: list) -> None:
    """The mail does not wait any more: it is made again, unless the visitor has read all."""
    for found in messages(undo):
        for message in found.filter(data__delivery__reason=REASON):
            (message.data or {}).pop("delivery")
            message.save(update_fields=["data"])


def messages(undo: list) -> Iterator[QuerySet[GroupMessage]]:
    """Those of each conversation, which is locked."""
    for label, ids, column, taken, former in undo:
        if (label, column) == (Conversation._meta.label, "mailed_seq"):
            row = Conversation.objects.select_for_update().filter(pk=ids[0]).first()
            if row is not None:
                mine = GroupMessage.objects.filter(theirs(row.ent_id), group_id=row.uuid)
                yield mine.filter(seq__gt=former, seq__lte=taken)
