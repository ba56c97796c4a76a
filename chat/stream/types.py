"""The types of events, and which row is of which type."""

from django.db import connection

from accounts.tokens import Scope
from chat.ledger.references import GONE
from chat.ledger.threads import NOTICES
from chat.protocol.notices import Notice

POSTED, EDITED, RECALLED = "message.posted", "message.edited", "message.recalled"
DELIVERY = "message.delivery"
VISITOR_UPDATED, VISITOR_ERASED = "visitor.updated", "visitor.erased"
OF_VISITORS = VISITOR_UPDATED, VISITOR_ERASED
CLOSED, QUARANTINED = "conversation.closed", "conversation.quarantined"
MERGED = "conversation.merged"
OF_NOTICES = {
    Notice.EDITED: EDITED,
    Notice.RECALL: RECALLED,
    Notice.OPENED: "conversation.opened",
    Notice.CLAIMED: "conversation.claimed",
    Notice.TAKEN_OVER: "conversation.claimed",
    Notice.RELEASED: "conversation.released",
    Notice.FREED: "conversation.released",
    Notice.EXPIRED: "conversation.released",
    Notice.ASSIGNED: "conversation.assigned",
    Notice.TRANSFERRED: "conversation.transferred",
    Notice.MOVED: "conversation.transferred",
    Notice.CLOSED: CLOSED,
    Notice.REOPENED: "conversation.reopened",
    Notice.RATED: "conversation.rated",
    Notice.TAGGED: "conversation.tagged",
    Notice.UNTAGGED: "conversation.untagged",
    Notice.HANDED_OVER: "conversation.handed_over",
    Notice.OVERDUE: "conversation.overdue",
    Notice.NO_ANSWER: "conversation.overdue",
    Notice.OVERFLOWED: "conversation.overflowed",
    Notice.INVITED: "conversation.invited",
    Notice.JOINED: "conversation.joined",
    Notice.LEFT: "conversation.left",
    Notice.REMOVED: "conversation.left",
    Notice.SNOOZED: "conversation.snoozed",
    Notice.WOKEN: "conversation.woken",
    Notice.BACK: "conversation.woken",
    Notice.NOT_SPAM: QUARANTINED,
    Notice.UNDELIVERED: "conversation.undelivered",
}
"""By the `event` of a notice."""
SILENT = {
    *(Notice.IDLE, Notice.CLOSING, Notice.LEGAL_HOLD, Notice.LEGAL_HOLD_OVER, Notice.ADOPTED),
    Notice.CODE_SENT,
}
"""Notices that are in no event: a warning, what colleagues alone are to know, the past of another
system, a question."""
TYPES = [POSTED, *dict.fromkeys(OF_NOTICES.values()), DELIVERY, MERGED, *OF_VISITORS]
SCOPES = {
    "message": Scope.MESSAGES_READ,
    "conversation": Scope.CONVERSATIONS_READ,
    "visitor": Scope.VISITORS_READ,
}
"""By the first word of a type, the scope with which it may be read."""


def type_sql() -> tuple[str, list]:
    """SQL for the type of a row of group_message, and its parameters; NULL where the row is not in
    the stream. Of what was taken back or erased before it got its place, only messages keep a
    sender."""
    event = "json_extract(data, '$.event')"
    if connection.vendor == "mysql":
        event = f"JSON_UNQUOTE({event})"
    cases: dict[str, tuple[str, list]]
    cases = {name: ("%s", [name, type]) for name, type in OF_NOTICES.items()}
    cases |= {name: ("CASE WHEN sender <> '' THEN %s END", [name, POSTED]) for name in GONE}
    whens = " ".join(f"WHEN %s THEN {result}" for result, _ in cases.values())
    kinds = ", ".join(map(str, NOTICES))
    sql = f"CASE WHEN message_type NOT IN ({kinds}) THEN %s ELSE CASE {event} {whens} END END"
    return sql, [POSTED, *(value for _, values in cases.values() for value in values)]


def readable(scopes: list[str]) -> list[str]:
    """The types that may be read with these scopes."""
    return [name for name in TYPES if SCOPES[name.partition(".")[0]] in scopes]
