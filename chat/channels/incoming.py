"""Takes in what has come: a message becomes one of its visitor, exactly once.

Its client_id is made of the other side's id of it, so the database refuses a second row, whoever
repeats it and whoever is killed.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from django.db.models import F, Sum
from django.utils.translation import override

from accounts.models import Enterprise
from chat import metrics
from chat.conversations import floor, waits
from chat.conversations.changes import Change
from chat.conversations.openings import Opening
from chat.ledger.threads import Row, Thread
from chat.models import (
    Channel,
    ChannelArrival,
    ChannelContact,
    ChannelDelivery,
    ContactBy,
    Visitor,
    theirs,
)
from chat.posting import batches
from chat.posting.items import Draft, LoneItem
from chat.posting.messages import Batch
from chat.protocol import channels
from chat.protocol.checks import MAX_CONTENT
from chat.protocol.errors import Refused
from chat.visitors import cookies, identities, spam
from chat.visitors.identities import Person

from . import deliveries, files, kinds, persons, senders
from .contract import Arrived, Failed

SECOND = timedelta(seconds=1)
"""To which the other sides say when something was written."""


def take_in(channel: Channel, arrival: ChannelArrival) -> None:
    """Takes in one arrival. Raises Failed where a file cannot be fetched now, and Refused where the
    database cannot take it."""
    arrived = Arrived.of(arrival.payload)
    if arrived.undelivered:
        failed = Failed(arrived.reason, arrived.words, final=True, closes=arrived.closes)
        deliveries.failed_later(channel, arrived.undelivered, failed)
    item = Incoming(channel, arrival.pk, arrived)
    if arrived.file and not senders.is_blocked(channel, arrived.who):
        who = senders.sender_of(channel, arrived.who)
        found = files.fetch(channel, arrival, arrived, who=who, client_id=item.client_id(0))
        item.attachment, item.missing = found
    batches.do(item)


@dataclass(slots=True)
class Incoming(LoneItem):
    """One arrival (its row's id) of a channel. `attachment` are the facts of its file, if that was
    kept; `missing` says in words what came instead of a message."""

    channel: Channel
    arrival: int
    arrived: Arrived
    attachment: dict | None = None
    missing: str = ""
    group: str = field(default="", init=False)

    def perform(self, change: Change) -> None:
        arrived, channel = self.arrived, self.channel
        waiting = ChannelArrival.objects.select_for_update().filter(pk=self.arrival, done_at=None)
        if not waiting.first():
            return
        contact = self.contact(channel)
        if contact and contact.visitor.is_blocked:
            Channel.objects.filter(pk=channel.pk).update(blocked=F("blocked") + 1)
        elif texts := self.texts():
            self.store(change, contact, texts)
        elif contact and arrived.who:
            thread = change.lock_one(contact.conversation_id)
            if thread:
                grant(channel, contact, arrived, thread, change.now)
                contact.save(update_fields=["until", "left", "data"])
        ChannelArrival.objects.filter(pk=self.arrival).update(payload={}, done_at=change.now)

    def contact(self, channel: Channel) -> ChannelContact | None:
        """Who sent it, with their visitor's row locked, if they are known."""
        found = channel.contacts.filter(their_id=self.arrived.who).first()
        if found:
            rows = Visitor.objects.select_for_update().filter(theirs(channel.ent_id))
            found.visitor = rows.get(uuid=found.visitor_id)
        return found

    def texts(self) -> list[str]:
        """What their message says, in as many rows as it needs; [] where nothing is to be shown."""
        text = self.missing or self.arrived.missing or self.arrived.content
        parts = divide(text.replace("\0", "").strip())
        return parts or ([""] if self.attachment else [])

    def client_id(self, number: int) -> str:
        return senders.client_id(self.channel, self.arrived.key, number)

    def store(self, change: Change, contact: ChannelContact | None, texts: list[str]) -> None:
        """Stores their message, which opens a conversation where they have none."""
        opening = None if contact else self.opening(texts[0])
        who = contact.visitor_id if contact else opening.visitor  # type: ignore[union-attr]
        name = contact.visitor.label if contact else opening.label  # type: ignore[union-attr]
        drafts = []
        for number, text in enumerate(texts):
            group = contact.conversation_id if contact else None
            draft = Draft(who, name, "", self.client_id(number), text, group, opening=opening)
            draft.file = self.attachment if number == 0 else None
            drafts.append(draft)
        batch = Batch(change, [*drafts], look_up=True)
        waited = {one.uuid for one in batch.threads.values() if one.waiting}
        rows = [batch.put(draft) for draft in drafts]
        thread = batch.threads.get(drafts[0].group)
        stored = [row for row in rows if isinstance(row, Row)]
        if thread is None or not stored:
            if any(row["code"] == "not_found" for row in rows if isinstance(row, dict)):
                # They were erased meanwhile: the next try takes them for somebody new.
                raise Refused("unavailable", "Their conversation is not there any more.")
            return
        metrics.CHANNELS.labels(self.channel.kind, "received").inc()
        if stored[0].id == 0 and self.arrived.data:
            stored[0].data = {**(stored[0].data or {}), **self.arrived.data}
        if self.arrived.about.get("automatic"):
            if since := floor.end(thread):
                # A program of ours would answer it.
                waits.wait(thread, since)
            elif contact and thread.uuid not in waited:
                # Nobody asks who only says that they are away.
                waits.stop_waiting(thread)
        is_new = contact is None
        if contact is None:
            contact = ChannelContact(
                ent_id=self.channel.ent_id,
                channel=self.channel,
                their_id=self.arrived.who,
                visitor_id=who,
                conversation_id=thread.uuid,
            )
        grant(self.channel, contact, self.arrived, thread, change.now)
        contact.save()
        if is_new:
            persons.link(contact)

    def opening(self, text: str) -> Opening:
        """A new visitor, who writes to the channel's team."""
        arrived, channel = self.arrived, self.channel
        enterprise = Enterprise.objects.get(code=channel.ent_id)
        who = senders.new_visitor_id(channel, arrived.who)
        language = arrived.language or enterprise.text_language
        with override(language):
            label = arrived.name.strip()[:125] or cookies.default_name(who)
        person = Person(f"{channel.kind}:{channel.key}:{arrived.who}", label)
        seen: dict[str, Any] = identities.visitor_columns(enterprise, person)
        seen["identity"]["by"] = ContactBy.CHANNEL
        address = arrived.about.get("from", "") if channel.kind == channels.MAIL else ""
        # A part of a longer one may be another's. Answers go to what the thread keeps.
        if 0 < len(address) <= identities.MAX_NAME:
            seen |= {"contact": address, "contact_by": ContactBy.CHANNEL}
        return Opening(
            channel.ent_id,
            channel.team_id,
            who,
            identities.NO_SECRET_HASH,
            label,
            language,
            seen,
            channel=channel.kind,
            silent=channel.kind == Channel.Kind.MAIL and not channel.assistant,
            for_people=bool(arrived.about.get("automatic")),
            suspicion=spam.suspicion(enterprise, who, text),
        )


def grant(
    channel: Channel, contact: ChannelContact, arrived: Arrived, thread: Thread, now: datetime
) -> None:
    """What came lets the team write for a while; a smaller right takes nothing from a larger
    one."""
    if contact.pk:  # It was read before the conversation was locked.
        contact.refresh_from_db(fields=["until", "left", "data"])
    contact.data = {**contact.data, **arrived.about}
    rule = kinds.adapter_of(channel).grants.get(arrived.grants)
    if rule is None:
        return
    until = wrote_at(arrived, now) + rule[0]
    left = max(rule[1] - taken(contact, until - rule[0]), 0) if until > now else 0
    used_up = not contact.left or contact.until is None or contact.until <= now
    if used_up or (until >= contact.until and left >= contact.left):  # type: ignore[operator]
        contact.until, contact.left = until, left
        thread.facts["window"] = contact.window


def taken(contact: ChannelContact, since: datetime) -> int:
    """How many messages take of the window that they opened then (to a second): those that wait to
    be sent to them, and those that were sent since."""
    ours = ChannelDelivery.objects.filter(
        theirs(contact.ent_id), conversation_id=contact.conversation_id
    )
    unsent = ours.filter(state=ChannelDelivery.State.SENDING)
    later = ours.filter(ended_at__gte=since + SECOND, state=ChannelDelivery.State.SENT)
    waiting = unsent.aggregate(n=Sum(F("pieces") - F("sent")))["n"] or 0
    return waiting + (later.aggregate(n=Sum("pieces"))["n"] or 0)


def wrote_at(arrived: Arrived, now: datetime) -> datetime:
    """When they wrote it, as far as that is known, and never later than now."""
    if not 0 < arrived.at < now.timestamp():
        return now
    return datetime.fromtimestamp(arrived.at, timezone.utc)


def divide(text: str) -> list[str]:
    """A text in rows of up to MAX_CONTENT characters, divided at paragraphs, lines or words."""
    found = []
    while len(text) > MAX_CONTENT:
        ends = (text.rfind(mark, MAX_CONTENT // 2, MAX_CONTENT) for mark in ("\n\n", "\n", " "))
        end = next((end for end in ends if end > 0), MAX_CONTENT)
        found.append(text[:end].rstrip())
        text = text[end:].lstrip("\n")
    return [*found, text] if text else found
