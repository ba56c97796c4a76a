"""What a mail to a visitor would tell of, while it waits for the next day: shown to agents at these
messages, as of a channel's messages their delivery is."""

from django.db import transaction
from django.db.models import Q

from chat.models import Conversation, GroupMessage, theirs

REASON = "daily_limit"
"""As in channels/contract.py, above this package."""


def show(undo: list, waits: bool) -> None:
    """Shows at the messages of a job (MailJob.undo) that their mail waits, or that it went out."""
    for label, ids, column, taken, former in undo:
        if (label, column) == (Conversation._meta.label, "mailed_seq"):
            with transaction.atomic():
                show_one(ids[0], Q(seq__gt=former, seq__lte=taken), waits)


def show_one(conversation: int, seqs: Q, waits: bool) -> None:
    row = Conversation.objects.select_for_update().filter(pk=conversation).first()
    if row is None:
        return
    found = GroupMessage.objects.filter(theirs(row.ent_id), seqs, group_id=row.uuid)
    about = Q(data__bot=True) if waits else Q(data__delivery__reason=REASON)
    state = {"state": "sending", "reason": REASON} if waits else {"state": "sent", "reason": ""}
    for message in found.filter(about):
        message.data = {**message.data, "delivery": {"channel": "mail", **state}}
        message.save(update_fields=["data"])
