"""Who somebody of a channel is here, and the ids of what they send. They are made of the other
side's ids, so they are the same whenever they are asked for."""

import uuid

from chat.models import Channel, Visitor, theirs

SPACE = uuid.UUID("0d5a9b1e-5a3c-4c27-9a64-0c3f6b1f5f11")
"""Of the ids that are made of others' ids."""


def is_blocked(channel: Channel, who: str) -> bool:
    """Whether who sent it is blocked, so that nothing of theirs needs to be fetched."""
    contact = channel.contacts.select_related("visitor").filter(their_id=who).first()
    return bool(contact and contact.visitor.is_blocked)


def sender_of(channel: Channel, who: str) -> str:
    """The uuid of the visitor that somebody is, or becomes."""
    contact = channel.contacts.filter(their_id=who).first()
    return contact.visitor_id if contact else new_visitor_id(channel, who)


def new_visitor_id(channel: Channel, who: str) -> str:
    """The uuid of the visitor that somebody becomes. After an erasure it is another one: of the
    former one nothing comes back."""
    taken = Visitor.objects.filter(theirs(channel.ent_id))
    for number in range(1_000):
        found = str(uuid.uuid5(SPACE, f"{channel.key}:{who}:{number}"))
        if not taken.filter(uuid=found).exists():
            return found
    raise ValueError("somebody was erased a thousand times")


def client_id(channel: Channel, key: str, number: int = 0) -> str:
    """That of the message which an arrival (its key) becomes; of the rows after the first one with
    their number."""
    return str(uuid.uuid5(SPACE, f"{channel.key}:{key}:{number}"))
