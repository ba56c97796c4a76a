"""What a message points at: an earlier one that it answers, colleagues whom a note calls, its file;
and what the notice of an edit points at.

Stored in the row's `data` are numbers and uuids alone, and a file's facts. What was quoted or
edited is read where it stands, so that a text which its sender took back is nowhere else either.
"""

from typing import Any

from accounts.models import Enterprise
from chat.models import Conversation, GroupMessage
from chat.protocol import formatting
from chat.protocol.notices import Notice

from .threads import HIDDEN, MESSAGE, NOTE, NOTICES, Row, Thread

GONE: tuple[str, ...] = Notice.RECALLED, Notice.ERASED
"""What a row tells that was a message once."""
EXCERPT = 80
"""Characters of a message shown where it is not shown itself."""


def shorten(text: str | None) -> str:
    """The beginning of a text, on one line."""
    return " ".join((text or "")[: EXCERPT + 20].split())[:EXCERPT]


def excerpt(content: str | None, data: dict | None) -> str:
    """The beginning of a message's text, behind the name of its file. A picture's name says
    nothing, so it is left out."""
    file = (data or {}).get("attachment")
    text = formatting.without_marks(content or "", data, links=False)
    return shorten(f"{file['name']} {text}" if file and not file["width"] else text)


def point(thread: Thread, draft: Any) -> tuple[dict | None, dict | None]:
    """What a draft (posting.items.Draft) points at: what is stored of it, and what it quotes, None
    where it may not quote that."""
    data: dict[str, Any] = {}
    quoted = None
    if draft.reply_to is not None:
        as_visitor = draft.sender == thread.visitor
        quoted = answered(thread, draft.reply_to, as_visitor, draft.note)
        if quoted:
            data["reply_to"] = draft.reply_to
    if people := called(thread, draft.sender, draft.mentions):
        data["mentions"] = people
    if draft.file:
        data["attachment"] = draft.file
    return data or None, quoted


def answered(thread: Thread, seq: int, as_visitor: bool, note: bool) -> dict | None:
    """What a message may quote, as its readers will see it; None where it may not.

    A visitor cannot tell a note from what is not there. An agent's answer must not carry one out
    to the visitor, so only a note quotes a note.
    """
    row = next((row for row in thread.rows if row.seq == seq), None)
    row = row or stored(thread, {seq}).get(seq)
    if row is None or not quotable(row) or (row.kind in HIDDEN and (as_visitor or not note)):
        return None
    return quote(row)


def dress(conversation: Conversation | Thread, rows: list[Row]) -> list[Row]:
    """Gives rows of a conversation that answer another one what they quote, and notices of edits
    the present text of what was edited; one query for all of them. Mails that came before contact
    data was hidden are told to hide it."""
    with_data = [(row, row.data) for row in rows if row.data]
    mails = [(row, data) for row, data in with_data if in_clear(data.get("mail"))]
    if mails and Enterprise.objects.filter(code=conversation.ent_id, hide_contacts=True).exists():
        for row, data in mails:
            row.data = {**data, "mail": {**data["mail"], "hidden": True}}
    answers = [
        (row, data["reply_to"])
        for row, data in with_data
        if row.kind not in NOTICES and "reply_to" in data and row.quote is None
    ]
    edits = [(row, data["of"]) for row, data in with_data if is_edit(row) and row.current is None]
    if answers or edits:
        found = stored(conversation, {seq for _row, seq in [*answers, *edits]})
        for row, seq in answers:
            original = found.get(seq)
            if original and (row.kind == NOTE or original.kind not in HIDDEN):
                row.quote = quote(original)
        for row, seq in edits:
            row.current = current(found.get(seq))
    return rows


def in_clear(mail: dict | None) -> bool:
    """Whether it is a mail whose addresses are not masked (contacts.shown_mail)."""
    return mail is not None and "from" in mail and "hidden" not in mail


def is_edit(row: Row) -> bool:
    return row.kind in NOTICES and row.data is not None and row.data.get("event") == Notice.EDITED


def current(row: Row | None) -> dict | None:
    """An edited message as it is now: what pages show in place of the former text. None where it
    was recalled or erased since."""
    if row is None or row.kind in NOTICES:
        return None
    data = row.data or {}
    found: dict[str, Any] = {"content": row.content, "excerpt": excerpt(row.content, data)}
    if "formatted" in data:
        found["formatted"] = formatting.tree(row.content)
    return {**found, "edited": data.get("edited", 0)}


def stored(conversation: Conversation | Thread, seqs: set[int]) -> dict[int, Row]:
    rows = GroupMessage.objects.of(conversation).filter(seq__in=seqs)
    return {row.seq: Row.stored(row) for row in rows}


def quotable(row: Row) -> bool:
    return row.kind in (MESSAGE, NOTE) or recalled(row)


def recalled(row: Row) -> bool:
    """Whether a row was a message that its sender has taken back, or that was erased with its
    visitor."""
    return row.kind in NOTICES and row.data is not None and row.data.get("event") in GONE


def quote(row: Row) -> dict:
    """What stands above an answer."""
    gone = recalled(row)
    shown = {
        "seq": row.seq,
        "sender": row.sender,
        "sender_name": row.sender_name,
        "excerpt": "" if gone else excerpt(row.content, row.data),
        "recalled": gone,
    }
    if word := file_word(row.data):
        shown["attachment"] = word
    return shown


def file_word(data: dict | None) -> str | None:
    """What an excerpt says of a message's file: `picture` or `file`."""
    file = data.get("attachment") if data else None
    return file and ("picture" if file["width"] else "file")


def called(thread: Thread, sender: str, mentions: tuple[str, ...]) -> list[str]:
    """Those of `mentions` who sit here as agents: nobody else is told of a note."""
    here = set(thread.agents()) - {sender}
    return [who for who in dict.fromkeys(mentions) if who in here]
