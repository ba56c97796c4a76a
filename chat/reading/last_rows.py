"""What was said last in conversations, as their lists show it."""

from chat.ledger import references
from chat.ledger.threads import KINDS, MESSAGE, NOTE, NOTICES
from chat.models import Conversation, GroupMessage

LEFT = 10
"""Rows before a program's note that are looked at: what it says at a handover, and notices."""


def excerpt(row: GroupMessage) -> dict:
    """A row as lists show it: of a message that its channel did not deliver, `data` says so."""
    data, is_notice = row.data or {}, row.message_type in NOTICES
    shown = row.data if is_notice else None
    if data.get("delivery", {}).get("state") == "failed":
        shown = {"delivery": data["delivery"]}
    return {
        "seq": row.seq,
        "kind": KINDS[row.message_type],
        "sender": row.sender,
        "sender_name": row.sender_name,
        "excerpt": references.excerpt(row.message_content, row.data),
        "created_at": row.created_at,
        "attachment": references.file_word(row.data),
        "data": shown,
        **({"sender_role": "bot"} if "bot" in data and not is_notice else {}),
    }


def last_rows(conversations: list[Conversation], as_visitor: bool) -> dict[str, GroupMessage]:
    """The last message of each conversation, by group; for a visitor the last row that they may
    see."""
    if not conversations:
        return {}
    column = "public_seq" if as_visitor else "message_seq"
    marks = ",".join(["%s"] * len(conversations))
    rows = GroupMessage.objects.raw(
        "SELECT m.* FROM group_message m JOIN conversation c"
        f" ON m.group_id = c.uuid AND m.seq = c.{column} AND +m.ent_id = +c.ent_id"
        f" WHERE c.id IN ({marks})",
        [conversation.id for conversation in conversations],
    )
    return {row.group_id: row for row in rows}


def mark_undelivered(conversations: list[Conversation], last: dict[str, GroupMessage]) -> None:
    """Marks the notes among the last rows behind whose last message its channel did not deliver: a
    note says nothing to the visitor, so that is still so."""
    noted = [row for row in conversations if row.channel and is_note(last.get(row.uuid))]
    for group, row in said_before(noted, by_visitor=False).items():
        delivery = (row.data or {}).get("delivery", {})
        if delivery.get("state") == "failed":
            last[group].data = {**(last[group].data or {}), "delivery": delivery}


def is_note(row: GroupMessage | None) -> bool:
    return row is not None and row.message_type == NOTE


def is_left(row: GroupMessage | None) -> bool:
    """Whether it is a note that a program left, as the assistant does when people take over."""
    return is_note(row) and "bot" in (row.data or {})  # type: ignore[union-attr]


def said_before(
    conversations: list[Conversation], by_visitor: bool = True
) -> dict[str, GroupMessage]:
    """What the visitor of each conversation, or anybody, said last, by group, if that is among the
    LEFT rows before the last message or note."""
    if not conversations:
        return {}
    marks = ",".join(["%s"] * len(conversations))
    sender = " AND m.sender = c.visitor_id" if by_visitor else ""
    rows = GroupMessage.objects.raw(
        "SELECT m.* FROM group_message m JOIN conversation c"
        " ON m.group_id = c.uuid AND m.seq < c.message_seq AND m.seq >= c.message_seq - %s"
        f" AND +m.ent_id = +c.ent_id{sender} AND m.message_type = %s"
        f" WHERE c.id IN ({marks}) ORDER BY m.seq",
        [LEFT, MESSAGE, *(conversation.id for conversation in conversations)],
    )
    return {row.group_id: row for row in rows}
