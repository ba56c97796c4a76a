"""What goes out by a channel: whether it may still be said there, and that it is to be sent.

A conversation that goes on by a channel has one contact (models.ChannelContact) with what may be
said until when: its window. Everything here happens in the transaction that stores the message, so
what the window does not allow is refused before it is stored.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chat.ledger.threads import MESSAGE, Row, Thread
from chat.models import ChannelContact, ChannelDelivery, theirs
from chat.protocol import channels
from chat.protocol.errors import Refused


def contact_of(thread: Any) -> ChannelContact | None:
    """The contact of a locked conversation (or a row of it); None where it has none any more."""
    found = ChannelContact.objects.select_related("channel")
    return found.filter(theirs(thread.ent_id), conversation_id=thread.uuid).first()


def pieces(kind: str, content: str, has_file: bool) -> int:
    """How many messages a message becomes by a channel of this kind."""
    return max(len(channels.pieces(kind, content)) + has_file, 1)


def refuse_closed(
    thread: Thread, content: str, *, has_file: bool, by_machine: bool, now: datetime
) -> None:
    """Refuses with `window_closed` what the window does not allow; a machine leaves the last
    messages to people."""
    contact = contact_of(thread)
    if contact is None:
        raise closed("There is nobody any more whom this would reach.", thread, now)
    if contact.until is not None and contact.until <= now:
        raise closed("The time in which they may be answered is over.", thread, now)
    kept = channels.FOR_PEOPLE if by_machine else 0
    if contact.left is not None:
        if contact.left < pieces(thread.channel, content, has_file) + kept:
            raise closed("No further message may be sent to them now.", thread, now)


def closed(detail: str, thread: Thread, now: datetime) -> Refused:
    return Refused("window_closed", detail, instead=instead(thread, now))


def instead(thread: Thread, now: datetime) -> list[str]:
    """The kinds of channels by which the same customer would be reached now."""
    return []


def settle(threads: Iterable[Thread], now: datetime) -> None:
    """Has what the team, or a bot, has said in public sent by the conversation's channel. Before
    the rows are written."""
    for thread in threads:
        if thread.channel:
            said = [row for row in thread.rows if is_said(thread, row)]
            if said and (contact := contact_of(thread)):
                send(thread, contact, said, now)


def is_said(thread: Thread, row: Row) -> bool:
    """Whether a row is a public message of the team or of a bot."""
    return row.kind == MESSAGE and row.sender not in (thread.visitor, "")


def send(thread: Thread, contact: ChannelContact, rows: list[Row], now: datetime) -> None:
    due = []
    for row in rows:
        count = pieces(thread.channel, row.content, "attachment" in (row.data or {}))
        row.data = {**(row.data or {}), "delivery": told(thread.channel)}
        due.append(
            ChannelDelivery(
                ent_id=thread.ent_id,
                channel=contact.channel,
                conversation_id=thread.uuid,
                seq=row.seq,
                pieces=count,
                due_at=now,
                created_at=now,
            )
        )
        if contact.left is not None:
            contact.left = max(contact.left - count, 0)
    ChannelDelivery.objects.bulk_create(due)
    if contact.left is not None:
        contact.save(update_fields=["left"])
        thread.facts["window"] = contact.window


def told(kind: str, state: str = ChannelDelivery.State.SENDING, reason: str = "") -> dict:
    """How a message's `data` says how far its delivery is."""
    return {"channel": kind, "state": str(state), "reason": reason}
