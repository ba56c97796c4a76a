"""One conversation in the archive: who may open it, a part of its messages, and its neighbours in
the list from which it was opened."""

from dataclasses import dataclass

from accounts import audit
from accounts.audit import Origin
from accounts.models import Enterprise, Member
from chat.ledger import access
from chat.models import Conversation, MergedConversation, Reception, theirs
from chat.protocol.errors import Refused
from chat.reading import conversation_page, history, profiles
from chat.reading.standing import claimants

from . import pages_of_rows
from .pages_of_rows import FORWARDS, Place
from .question import Asked

PART = 100
"""Messages of a part."""
BEFORE = 25
"""Messages that are shown before one that was searched for."""
PATIENCE = 0.3
"""Seconds of search for a neighbour."""


@dataclass(frozen=True, slots=True)
class Part:
    messages: list[dict]
    """Message objects (docs/protocol.md), oldest first."""
    earlier: int | None
    """The number before which there are earlier ones; None where there are none."""
    later: int | None
    """Likewise after which."""


def opened_by(member: Member, group: str, origin: Origin) -> Conversation | None:
    """As `access.opened_by`, which notes who reads without a seat. Superusers may read, too: it is
    noted in the conversation's enterprise."""
    if not member.is_superuser:
        return access.opened_by(member, group, origin)
    known = Conversation.objects.select_related("team", "visitor", "reception")
    found = known.whole().filter(uuid=group).first()
    if found is not None:
        chain = Enterprise.objects.only("pk").get(code=found.ent_id).pk
        about = {"kind": "conversation", "object_id": group, "visitor": found.visitor_id}
        audit.note_once(access.READING, audit.Action.READ, chain, origin, **about)
    return found


def merged(member: Member, group: str) -> Refused | None:
    """As `access.merged`. Superusers may read, too."""
    if not member.is_superuser:
        return access.merged(member.uuid, group)
    found = MergedConversation.objects.filter(group=group).first()
    return access.merged_into(found.into) if found else None


def part(
    conversation: Conversation,
    before: int | None = None,
    after: int | None = None,
    at: int | None = None,
) -> Part:
    """The newest messages; or those before, or after, a number; or those around `at`."""
    if at is not None:
        after = max(at - BEFORE, 0)
    found, more = history.messages(conversation, False, after=after, before=before, limit=PART)
    if not found:
        return Part([], None, None)
    first, last = found[0]["seq"], found[-1]["seq"]
    if after is not None:
        return Part(found, first if first > 1 else None, last if more else None)
    later = last if last < conversation.last_seq else None
    return Part(found, first if more else None, later)


def without_files(messages: list[dict]) -> list[dict]:
    """The same with the names of files alone, for who may not open them (chat/views/files.py)."""
    return [
        {**one, "attachment": None, "content": f"[{one['attachment']['name']}] {one['content']}"}
        if one["attachment"]
        else one
        for one in messages
    ]


def about(member: Member, conversation: Conversation) -> dict:
    """What stands beside the messages."""
    group, visitor = conversation.uuid, conversation.visitor
    code = conversation.ent_id
    receptions = Reception.objects.filter(theirs(code), group_id=group).order_by("-pk")
    receptions = receptions[: profiles.MAX_RECEPTIONS]
    closed = [one.closed_by for one in receptions if one.closed_by != visitor.uuid]
    closers = claimants(closed, code)
    holder = conversation.claimed_by or conversation.last_held_by
    return {
        "visitor": profiles.profile(member, visitor, group),
        "state": conversation.state,
        "people": conversation_page.members_of({group: visitor.uuid}, code)[group],
        "holder": claimants([holder], code).get(holder, ""),
        "receptions": [
            {
                "opened_at": one.opened_at,
                "closed_at": one.closed_at,
                "closed_by": closers.get(one.closed_by, ""),
                "reason": one.reason,
                "summary": one.summary,
                "score": one.score,
                "comment": one.comment,
            }
            for one in receptions
        ],
    }


def neighbours(asked: Asked, conversation: Conversation) -> tuple[str | None, str | None]:
    """The conversations before and after this one in the list (uuids); None where there is none, or
    it is not found at once."""
    here = Place(conversation.last_activity, conversation.pk)
    newer = pages_of_rows.walk(asked, here, 1, FORWARDS, PATIENCE).found
    older = pages_of_rows.walk(asked, here, 1, patience=PATIENCE).found
    return newer[0][0] if newer else None, older[0][0] if older else None
