"""What readers yield, whatever the system: people, groups and messages, checked and in UTC."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from chat.models import GroupMessage

MESSAGE, NOTICE, NOTE, AGENT_NOTICE = GroupMessage.Type.values
NOBODY, VISITOR = "", "visitor"
"""Senders of messages, besides those that `of_member` and `of_stranger` make."""
SAMPLES = 5


def of_member(theirs: str) -> str:
    """The sender that is a member, by their id in the other system."""
    return f"member:{theirs}"


def of_stranger(reference: str) -> str:
    """The sender that is neither the visitor nor a member who is still there."""
    return f"stranger:{reference}"


class Tally:
    """How often something was met, and the ids of the first few."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.samples: dict[str, list[str]] = {}

    def add(self, what: str, sample: object = "", n: int = 1) -> None:
        if not n:
            return
        self.counts[what] = self.counts.get(what, 0) + n
        found = self.samples.setdefault(what, [])
        if sample != "" and len(found) < SAMPLES:
            found.append(str(sample))


@dataclass(slots=True)
class Person:
    """Somebody who signs in there. `password` is a hash as it is stored there, or ""."""

    theirs: str
    account: str
    nickname: str
    email: str
    tel: str
    password: str
    disabled: bool
    offline: bool
    created_at: datetime | None


@dataclass(slots=True)
class Place:
    """A member's seat in a group; `person` is their id there."""

    person: str
    name: str
    leads: bool
    unread: int
    created_at: datetime | None


@dataclass(slots=True)
class Group:
    """A conversation. `visitor` is the visitor's id there, "" where none is known. `key` is the
    same for all spellings of `theirs` that are one there; `uuid` is its id here.

    `messages`, `id_sum`, `id_xor` and `last_id` are of all its messages at the moment of reading.
    `closed` is what the other system says of it; None where it says nothing. `topic` is what the
    conversation is about.
    """

    theirs: str
    name: str
    created_at: datetime | None
    visitor: str
    visitor_name: str
    visitor_unread: int
    contact: str = ""
    topic: str = ""
    places: list[Place] = field(default_factory=list)
    messages: int = 0
    id_sum: int = 0
    id_xor: int = 0
    last_id: int = 0
    closed: bool | None = None
    key: str = ""
    uuid: str = ""

    def __post_init__(self):
        self.key = self.key or self.theirs

    @property
    def state(self) -> str:
        """A hash of all but its messages."""
        places = [(one.person, one.name, one.leads, one.unread) for one in self.places]
        facts = self.name, self.visitor, self.visitor_unread, self.contact, self.closed, places
        return hashlib.sha256(repr(facts).encode()).hexdigest()

    @property
    def totals(self) -> tuple[int, int, int]:
        return self.messages, self.id_sum, self.id_xor


@dataclass(slots=True)
class Message:
    """A message, a note or a notice. `id` grows with the order in which they were said; `group` is
    the key of its group."""

    id: int
    group: str
    sender: str
    name: str
    kind: int
    content: str
    at: datetime | None
    unknown_type: int | None = None
    their_time: datetime | None = None
    """A time that cannot be; then `at` is None."""
