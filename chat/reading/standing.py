"""How conversations stand: what lists of them and the page of one tell alike."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.timezone import now

from accounts.kept import Kept
from accounts.models import Member
from chat.models import ChannelContact, Conversation, Reception, theirs
from chat.protocol import channels


class Standing:
    """How these conversations of an enterprise (its code) stand: what stands in other tables is
    read at once for all of them."""

    def __init__(self, conversations: list[Conversation], ent_id: str):
        people = [who for one in conversations for who in (one.claimed_by, one.bot)]
        self.names, self.windows = claimants(people, ent_id), windows_of(conversations)

    def of(self, conversation: Conversation) -> dict:
        return {
            "group": conversation.uuid,
            "last_seq": conversation.last_seq,
            "open": conversation.open,
            "claimed_by": conversation.claimed_by or None,
            "claimed_name": self.names.get(conversation.claimed_by),
            "bot": conversation.bot or None,
            "bot_name": self.names.get(conversation.bot),
            "team": conversation.team.slug,
            "team_name": conversation.team.name,
            "waiting_since": conversation.waiting_since,
            "due_at": conversation.due_at,
            "target": target_of(conversation),
            "rating": rating_of(conversation.reception),
            "channel": conversation.channel or None,
            "window": self.windows.get(conversation.uuid),
            "snoozed_until": snoozed_until(conversation),
            "tags": conversation.tags,
            "quarantined": quarantine_reason(conversation),
        }


def claimants(claimed_by: list[str], ent_id: str) -> dict[str, str]:
    """The names of who holds claims, or the floor, in this enterprise, by uuid. "" stands for
    nobody and is skipped."""
    people = {who for who in claimed_by if who}
    if not people:
        return {}
    return {who.uuid: who.display_name for who in faces_among(people, ent_id)}


@Kept
def faces_among(people, code) -> QuerySet[Member]:
    return Member.objects.faces().filter(uuid__in=people, enterprise__code=code)


def windows_of(conversations: list[Conversation]) -> dict[str, dict | None]:
    """By group, until when and how often the team may write to those who come by a channel."""
    groups = [row.uuid for row in conversations if row.channel]
    if not groups:
        return {}
    found = ChannelContact.objects.filter(
        theirs(conversations[0].ent_id), conversation_id__in=groups
    )
    return {one.conversation_id: one.window for one in found}


def target_of(conversation: Conversation) -> int:
    """Within how many seconds of working time the visitor is to have an answer."""
    reception = conversation.reception
    by_mail = conversation.channel == channels.MAIL
    return conversation.team.target(bool(reception and reception.first_reply_at), by_mail)


def snoozed_until(conversation: Conversation) -> datetime | None:
    """The end of a conversation's snooze; None once it has passed, even before a tick removes
    it."""
    until = conversation.snoozed_until
    return until if until and until > now() else None


def quarantine_reason(conversation: Conversation) -> str | None:
    """Why a conversation is in quarantine (a reason of visitors/spam.py); None if it is not."""
    return conversation.quarantined_for if conversation.quarantined_since else None


def rating_of(reception: Reception | None) -> dict | None:
    """The visitor's rating of a reception; None without one."""
    if reception is None or reception.score is None:
        return None
    return {"score": reception.score, "comment": reception.comment}
