"""Sends what the team has said, in the order of each conversation, and tells on the message how far
it is. A conversation whose message fails or waits holds up no other one.
"""

import logging
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import Error
from django.db.models import Min
from django.utils import timezone

from chat import metrics
from chat.conversations import outgoing
from chat.conversations.changes import Change
from chat.files import storage
from chat.ledger import references
from chat.ledger.threads import Row, Thread
from chat.models import Channel, ChannelContact, ChannelDelivery, GroupMessage, theirs
from chat.posting import batches
from chat.posting.items import LoneItem
from chat.protocol import channels, events
from chat.protocol.citations import without_marks
from chat.protocol.notices import Notice
from chat.stream import notes
from chat.visitors import keys
from chat.webhooks.deliveries import DELAYS, JITTER

from . import health, kinds
from .contract import DAILY, GONE, NONSENSE, Failed, Outgoing

log = logging.getLogger("kefu.channels")

State = ChannelDelivery.State
AT_ONCE = 200
"""Conversations whose next message is looked for at a time."""


def due(channel: Channel) -> list[ChannelDelivery]:
    """The oldest unsent message of each conversation, where it may be tried now. What waits for
    the next day holds up nobody's answer."""
    now = timezone.now()
    unsent = channel.deliveries.filter(state=State.SENDING).exclude(reason=DAILY, due_at__gt=now)
    heads = (
        unsent.values("conversation_id").annotate(first=Min("pk")).values_list("first", flat=True)
    )
    found = ChannelDelivery.objects.filter(pk__in=list(heads), due_at__lte=now)
    return list(found.order_by("due_at")[:AT_ONCE])


def id_of(delivery: ChannelDelivery, piece: int) -> str:
    """Our id of one piece: nobody else can make one (`delivery_of` checks it)."""
    return f"{delivery.pk}-{piece}-{marks(delivery.pk)[0]}"


def marks(number: int) -> list[str]:
    """The first is given out, the others were made with former keys."""
    return [mac.hexdigest()[:12] for mac in keys.macs("kefu.channels", str(number), "sha256")]


def delivery_of(channel: Channel, our_id: str) -> ChannelDelivery | None:
    """The message of this channel that an id of ours names."""
    number, _, rest = our_id.partition("-")
    if not number.isdecimal() or len(number) > 18:
        return None
    if not rest.endswith(tuple(f"-{mark}" for mark in marks(int(number)))):
        return None
    return channel.deliveries.filter(pk=int(number)).first()


def claim(channel: Channel, delivery: ChannelDelivery) -> bool:
    """Whether it is still to be sent, and by the process that `channel` was read for. What it says
    may be older than what another try has stored, and is read anew.

    It is written before the other side is asked: while the database takes nothing, nothing is said
    again and again; and a try that ends without any outcome is not repeated at once."""
    now = timezone.now()
    serving = Channel.objects.on().filter(pk=channel.pk, lease=channel.lease)
    rows = ChannelDelivery.objects.filter(pk=delivery.pk, state=State.SENDING, due_at__lte=now)
    if not rows.filter(channel__in=serving).update(due_at=now + health.LEASE):
        return False
    delivery.refresh_from_db(fields=["sent", "their_ids", "tries"])
    return True


def send(channel: Channel, delivery: ChannelDelivery) -> float:
    """Sends the pieces that have not arrived, and stores what came of it. Returns for how many
    seconds the other side wants to be left alone; 0 for none."""
    if not claim(channel, delivery):
        return 0
    contacts = ChannelContact.objects.filter(theirs(channel.ent_id))
    contact = contacts.filter(conversation_id=delivery.conversation_id).first()
    rows = GroupMessage.objects.filter(theirs(channel.ent_id), group_id=delivery.conversation_id)
    row = rows.filter(seq=delivery.seq).first()
    if row is None or references.recalled(Row.stored(row)):
        delivery.delete()
        return 0
    try:
        if contact is None or contact.channel_id != channel.pk:
            raise Failed(GONE, final=True)
        for number, piece in enumerate(pieces_of(channel, delivery, row)):
            if number >= delivery.sent:
                theirs_ = kinds.adapter_of(channel).send(channel, contact, piece)
                arrived(delivery, theirs_)
    except Failed as failed:
        return settle_failure(channel, delivery, failed)
    except Error:
        raise
    except Exception as error:
        # Counted as any other try, so that it ends. Its text may hold what somebody wrote.
        log.error("a message was not sent: %s", type(error).__name__)
        return settle_failure(channel, delivery, Failed(NONSENSE, type(error).__name__))
    batches.do(Outcome(delivery.conversation_id, delivery, State.SENT))
    health.works(channel, sends=kinds.adapter_of(channel).fetches(channel))
    return 0


def pieces_of(channel: Channel, delivery: ChannelDelivery, row: GroupMessage) -> list[Outgoing]:
    """A message in the pieces that its channel takes: its text, then its file; a mail has both."""
    data, text = row.data or {}, row.message_content or ""
    if data.get("citations"):
        text = without_marks(text, data)
    found: list[dict] = [{"text": part} for part in channels.pieces(channel.kind, text)]
    file = data.get("attachment")
    if file:
        content = storage.read(file["key"], small=False)
        if content is None:
            raise Failed("file_gone", "the file is not there any more", final=True)
        part = {"name": file["name"], "mime": file["mime"], "content": content}
        if found and channel.kind == channels.MAIL:
            found[-1] |= part
        else:
            found.append(part)
    return [
        Outgoing(id_of(delivery, number), row=row, **part)  # type: ignore[arg-type]
        for number, part in enumerate(found)
    ]


def arrived(delivery: ChannelDelivery, their_id: str) -> None:
    """One more piece of it has arrived, whatever becomes of the next one."""
    delivery.sent += 1
    if their_id:
        delivery.their_ids = [*delivery.their_ids, their_id]
    ChannelDelivery.objects.filter(pk=delivery.pk).update(
        sent=delivery.sent, their_ids=delivery.their_ids
    )


def settle_failure(channel: Channel, delivery: ChannelDelivery, failed: Failed) -> float:
    """Tries again later, or not; returns the pause that the other side wants."""
    if failed.waits:
        batches.do(Outcome(delivery.conversation_id, delivery, State.SENDING, failed=failed))
        return 0
    delivery.tries += 1
    if failed.breaks:
        health.fails(channel, failed, timezone.now())
    if failed.final or delivery.tries > len(DELAYS):
        outcome = Outcome(delivery.conversation_id, delivery, State.FAILED, failed=failed)
        batches.do(outcome)
        return failed.pause
    wait = max(DELAYS[delivery.tries - 1] * (1 + JITTER * random.random()), failed.pause)
    ChannelDelivery.objects.filter(pk=delivery.pk).update(
        tries=delivery.tries,
        reason=failed.code,
        words=failed.words,
        due_at=timezone.now() + timedelta(seconds=wait),
    )
    return failed.pause


def failed_later(channel: Channel, our_id: str, failed: Failed) -> None:
    """The other side took a message and says now that it did not reach them."""
    delivery = delivery_of(channel, our_id)
    if delivery and delivery.state != State.FAILED:
        batches.do(Outcome(delivery.conversation_id, delivery, State.FAILED, failed=failed))


@dataclass(slots=True)
class Outcome(LoneItem):
    """What became of a message on its way (`group` is its conversation)."""

    group: str
    delivery: ChannelDelivery
    became: ChannelDelivery.State
    failed: Failed | None = field(default=None, kw_only=True)

    def perform(self, change: Change) -> None:
        thread = change.lock_one(self.group)
        rows = ChannelDelivery.objects.select_for_update().filter(pk=self.delivery.pk)
        waits = self.became == State.SENDING
        over = (State.FAILED, State.SENT if waits else self.became)
        delivery = rows.exclude(state__in=over).first()
        if thread is None or delivery is None:
            return
        reason = self.failed.code if self.failed else ""
        # Of what they took and did not deliver one piece is named.
        lost = 1 if delivery.state == State.SENT else delivery.pieces - delivery.sent
        delivery.state, delivery.reason, delivery.tries = self.became, reason, self.delivery.tries
        delivery.words = self.failed.words if self.failed else ""
        if waits:
            delivery.due_at = change.now + timedelta(seconds=self.failed.waits)  # type: ignore[union-attr]
        else:
            delivery.ended_at = change.now
        delivery.save()
        metrics.CHANNELS.labels(self.delivery.channel.kind, str(self.became)).inc()
        note_state(thread, delivery, change.now)
        if self.failed and not waits:
            settle_window(thread, lost, self.failed, change.now)
            thread.notice(
                Notice.UNDELIVERED, of=delivery.seq, reason=reason, words=self.failed.words
            )


def note_state(thread: Thread, delivery: ChannelDelivery, now: datetime) -> None:
    """Tells the state on the message, to agents and in the stream."""
    row = GroupMessage.objects.of(thread).filter(seq=delivery.seq).first()
    if row is None or not row.data or "delivery" not in row.data:
        return
    state = outgoing.told(thread.channel, delivery.state, delivery.reason)
    row.data = {**row.data, "delivery": state}
    row.save(update_fields=["data"])
    thread.tell(thread.agents(), events.delivery(thread.uuid, delivery.seq, state))
    notes.delivered(thread.ent_id, thread.uuid, row.id, now)


def settle_window(thread: Thread, lost: int, failed: Failed, now: datetime) -> None:
    """So many pieces that did not reach them may be said again, unless the window is over."""
    contact = outgoing.contact_of(thread)
    if contact is None:
        return
    if failed.closes:
        contact.until, contact.left = contact.until or now, 0
    elif contact.left is not None:
        contact.left += lost
    else:
        return
    contact.save(update_fields=["until", "left"])
    thread.facts["window"] = contact.window
