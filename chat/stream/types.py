"""The types of events, and which row is of which type."""

from accounts.tokens import Scope
from chat.delivery.references import GONE
from chat.delivery.threads import NOTICES

POSTED, EDITED, RECALLED = "message.posted", "message.edited", "message.recalled"
VISITOR_UPDATED, VISITOR_ERASED = "visitor.updated", "visitor.erased"
OF_NOTICES = {
    "edited": EDITED,
    "recall": RECALLED,
    "opened": "conversation.opened",
    "claimed": "conversation.claimed",
    "taken_over": "conversation.claimed",
    "released": "conversation.released",
    "freed": "conversation.released",
    "expired": "conversation.released",
    "assigned": "conversation.assigned",
    "transferred": "conversation.transferred",
    "moved": "conversation.transferred",
    "closed": "conversation.closed",
    "reopened": "conversation.reopened",
    "rated": "conversation.rated",
    "tagged": "conversation.tagged",
    "untagged": "conversation.untagged",
}
"""By the `event` of a notice. Other notices are not in the stream."""
TYPES = [POSTED, *dict.fromkeys(OF_NOTICES.values()), VISITOR_UPDATED, VISITOR_ERASED]
SCOPES = {
    "message": Scope.MESSAGES_READ,
    "conversation": Scope.CONVERSATIONS_READ,
    "visitor": Scope.VISITORS_READ,
}
"""By the first word of a type, the scope with which it may be read."""


def type_of(kind: int, sender: str, data: dict | None) -> str | None:
    """The type of a row of group_message; None where it is not in the stream."""
    if kind not in NOTICES:
        return POSTED
    event = (data or {}).get("event")
    if event in GONE:
        # It was taken back or erased before it got its place. Only messages keep a sender.
        return POSTED if sender else None
    return OF_NOTICES.get(event)


def readable(scopes: list[str]) -> list[str]:
    """The types that may be read with these scopes."""
    return [name for name in TYPES if SCOPES[name.partition(".")[0]] in scopes]
