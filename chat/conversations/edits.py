"""Editing a message or note that an agent has just written.

The row keeps its number and gets the new text. A notice at the end carries the edit to pages that
show the former text, and to those that come back later. The notice stores no text: its readers get
the present one from the message's own row (references.py), so a later recall leaves none behind.
"""

from datetime import datetime
from hmac import compare_digest

from chat.ledger import references
from chat.ledger.threads import AGENT_NOTICE, HIDDEN, MESSAGE, NOTICE, NOTICES, Row, Thread
from chat.models import GroupMessage
from chat.protocol.errors import Refused
from chat.protocol.notices import Notice
from chat.reading import last_rows
from chat.visitors import keys

from . import outgoing
from .recalls import WITHIN, find, refuse_held

SALT = "kefu.edits.first"


def edit(
    thread: Thread, *, who: str, seq: int, content: str, formatted: bool, now: datetime
) -> None:
    """Replaces the text of the message `seq` of `who` (a member's uuid). `content` may be empty
    only if the message has a file; `formatted` says whether it is shown so."""
    row = find(thread, who, seq)
    if thread.visitor not in thread.seats:
        raise Refused("not_found", "There is no such message any more.", seq=seq)
    if row.sender == who and references.recalled(row):
        raise Refused("conflict", "The message was recalled.", seq=seq)
    if row.sender != who or row.kind in NOTICES:
        raise Refused("forbidden", "Only one's own message can be edited.", seq=seq)
    if row.by_bot and row.kind == MESSAGE:
        raise Refused("forbidden", "What a bot has said to the visitor stays as it is.", seq=seq)
    if now - row.created_at > WITHIN:
        raise Refused("conflict", "A message can be edited for two minutes.", seq=seq)
    data = row.data or {}
    if not content and "attachment" not in data:
        raise Refused("bad_field", "content must be a text that is not empty.", seq=seq)
    if content == row.content:
        return
    refuse_held(thread, seq)
    outgoing.refuse_sent(thread, row, now, content)
    replace(thread, row, content, formatted)


def replace(thread: Thread, row: Row, content: str, formatted: bool = False) -> None:
    """Gives a stored row of a member this text, and has pages show it."""
    notice = Row.notice(Notice.EDITED, of=row.seq, member=row.sender, name=row.sender_name)
    notice.kind = AGENT_NOTICE if row.kind in HIDDEN else NOTICE
    thread.append(notice)
    kept = {name: value for name, value in (row.data or {}).items() if name != "formatted"}
    row.data = {"first": digests(row)[0], **kept, "edited": notice.seq}
    if formatted:
        row.data["formatted"] = True
    row.content = content
    GroupMessage.objects.filter(pk=row.id).update(message_content=content, data=row.data)
    notice.current = references.current(row)
    if thread.message_seq == row.seq:
        thread.facts["last"] = last_rows.excerpt(GroupMessage.objects.get(pk=row.id))


def digests(row: Row, content: str | None = None) -> list[str]:
    """Keyed digests of a message's text, or of `content` in its place, one for each secret key."""
    text = row.content if content is None else content
    return [mac.hexdigest() for mac in keys.macs(SALT, f"{row.client_id} {text}", "sha256")]


def began_as(row: Row, content: str) -> bool:
    """Whether a row was sent with this text, whatever it was edited to since."""
    first = (row.data or {}).get("first")
    if first is None:
        return row.content == content
    return any(compare_digest(first, each) for each in digests(row, content))
