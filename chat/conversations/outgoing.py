"""What goes out by a channel: whether it may still be said there, and that it is to be sent.

A conversation that goes on by a channel has one contact (models.ChannelContact) with what may be
said until when: its window. Everything here happens in the transaction that stores the message, so
what the window does not allow is refused before it is stored.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from chat.customers import links
from chat.ledger.threads import MESSAGE, Row, Thread
from chat.models import ChannelContact, ChannelDelivery, Visitor, theirs
from chat.protocol import channels
from chat.protocol.errors import Refused

NOBODY = "There is nobody any more whom this would reach."


def contact_of(thread: Any) -> ChannelContact | None:
    """The contact of a locked conversation (or a row of it); None where it has none any more."""
    found = ChannelContact.objects.select_related("channel")
    return found.filter(theirs(thread.ent_id), conversation_id=thread.uuid).first()


def is_silent(thread: Thread) -> bool:
    """Whether the assistant does not answer in a conversation: it answers by mail only where the
    channel switches that on."""
    if thread.channel != channels.MAIL:
        return False
    contact = contact_of(thread)
    return contact is None or not contact.channel.assistant


def pieces(kind: str, content: str, has_file: bool) -> int:
    """How many messages a message becomes by a channel of this kind."""
    texts = len(channels.pieces(kind, content))
    return max(texts if kind == channels.MAIL else texts + has_file, 1)


def refuse_closed(
    thread: Any, content: str, *, has_file: bool, by_machine: bool, now: datetime
) -> None:
    """Refuses with `window_closed` what the window of a locked conversation (or of a row of it)
    does not allow; a machine leaves the last messages to people, and answers no automatic mail."""
    contact = contact_of(thread)
    if contact is None:
        raise closed(NOBODY, thread, now)
    if contact.until is not None and contact.until <= now:
        raise closed("The time in which they may be answered is over.", thread, now)
    if by_machine and contact.data.get("automatic"):
        raise closed("No program answers what a program sent.", thread, now)
    if contact.left is None:
        return
    # What this transaction has stored before is counted when it is written (`settle`).
    others = [row for row in getattr(thread, "rows", ()) if is_said(thread, row)]
    wanted = pieces(thread.channel, content, has_file) + sum(map(partial(size, thread), others))
    kept = channels.FOR_PEOPLE if by_machine else 0
    if contact.left < wanted + kept:
        raise closed("No further message may be sent to them now.", thread, now)


def may_say(thread: Any, content: str, now: datetime) -> bool:
    """Whether a machine may say this to the visitor of a conversation, as far as its channel
    goes."""
    if not thread.channel:
        return True
    try:
        refuse_closed(thread, content, has_file=False, by_machine=True, now=now)
    except Refused:
        return False
    return True


def closed(detail: str, thread: Any, now: datetime) -> Refused:
    visitor = getattr(thread, "visitor_id", None) or thread.visitor
    others = instead(thread.ent_id, visitor, now, but=thread.uuid)
    return Refused("window_closed", detail, instead=others)


def team_of(visitor: Visitor, now: datetime) -> int:
    """The team (its id) with which a visitor of a channel has their one conversation. Refuses where
    they have none any more."""
    found = ChannelContact.objects.filter(theirs(visitor.ent_id), visitor=visitor)
    contact = found.select_related("conversation").first()
    if contact is None:
        others = instead(visitor.ent_id, visitor.uuid, now)
        raise Refused("window_closed", NOBODY, instead=others)
    return contact.conversation.door_id or contact.conversation.team_id


def instead(ent_id: str, visitor: str, now: datetime, but: str = "") -> list[str]:
    """The kinds of channels by which the customer that a visitor (uuid) is would be reached now,
    `but` in this conversation."""
    found = Visitor.objects.filter(theirs(ent_id), uuid=visitor).first()
    people = links.visitors_of(found) if found else []
    others = ChannelContact.objects.filter(theirs(ent_id), channel__active=True)
    others = others.exclude(conversation_id=but).exclude(conversation__channel="")
    others = others.filter(visitor__in=[one.uuid for one in people if not one.is_blocked])
    kinds = {one.channel.kind for one in others.select_related("channel") if one.is_open(now)}
    return [kind for kind in channels.KINDS if kind in kinds]


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
        count = size(thread, row)
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


def size(thread: Any, row: Row) -> int:
    """How many messages a row becomes."""
    return pieces(thread.channel, row.content, "attachment" in (row.data or {}))


def refuse_sent(thread: Thread, row: Row, now: datetime, content: str = "") -> None:
    """Refuses to change a message of which anything has left, or that is being tried for the first
    time: the other side would keep it as it was. An edit to `content` may not make more messages of
    it than were counted."""
    data = row.data or {}
    if "delivery" not in data:
        return
    # Locked: who sends it claims it before they read the row (channels/deliveries.py).
    rows = ChannelDelivery.objects.select_for_update().filter(theirs(thread.ent_id))
    delivery = rows.filter(conversation_id=thread.uuid, seq=row.seq).first()
    left = data["delivery"]["state"] == ChannelDelivery.State.SENT
    if delivery is not None:
        # What waits for another try has a reason.
        left |= delivery.sent > 0 or (delivery.due_at > now and not delivery.reason)
    if left:
        detail = "It has left by its channel, and stays as it was there."
        raise Refused("conflict", detail, seq=row.seq)
    if delivery and pieces(thread.channel, content, "attachment" in data) > delivery.pieces:
        raise Refused("conflict", "It would leave as more messages than before.", seq=row.seq)


def told(kind: str, state: str = ChannelDelivery.State.SENDING, reason: str = "") -> dict:
    """How a message's `data` says how far its delivery is."""
    return {"channel": kind, "state": str(state), "reason": reason}
