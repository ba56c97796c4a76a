"""What clients know: what all of them sent and received, and the messages that a page has."""

from dataclasses import dataclass, field

Key = tuple[str, str]
"""(sender, client_id)"""


@dataclass
class Book:
    """What clients sent and received in the whole run. The database must agree with it."""

    sent: dict[Key, str] = field(default_factory=dict)
    """The content of each message; every content is unique in a run."""
    acked: dict[Key, tuple[str, int, int]] = field(default_factory=dict)
    """(group, seq, id) of each `message.accepted`."""
    groups: dict[str, str] = field(default_factory=dict)
    """The visitor of each conversation."""
    contradictions: list[str] = field(default_factory=list)
    """Sentences about events that contradict each other."""
    refusals: list[str] = field(default_factory=list)
    """Errors of the server that no client has caused."""
    files: set[str] = field(default_factory=set)
    """The client_id of each message with a file, which nobody sends again without it."""
    assistant: str = ""
    """The assistant (uuid), which writes, too."""
    spared: set[str] = field(default_factory=set)
    """The conversations that agents leave to the assistant."""
    others: set[str] = field(default_factory=set)
    """The visitors (uuids) who write by channels: channels.py compares what they sent."""
    left: set[str] = field(default_factory=set)
    """The conversations of those who write by channels no more."""
    closed: int = 0
    """Messages that the window of a channel did not allow."""
    gateways: int = 0
    """Posts to which nginx answered that no host answers."""
    retries: int = 0
    """Frames that were sent again: after a lost connection, after `unavailable`, or on purpose."""

    def accept(self, key: Key, place: tuple[str, int, int]) -> None:
        """Records an acceptance: (group, seq, id)."""
        before = self.acked.setdefault(key, place)
        if before != place:
            self.contradictions.append(f"{key} accepted as {before}, then as {place}")


class Log:
    """The messages of a conversation that a page has, as static/js keeps them.

    The page has every message up to the seq `complete_to`, which follows the chain of `prev`.
    """

    def __init__(self):
        self.rows: dict[int, tuple] = {}
        self.links: dict[int, int] = {}
        self.complete_to = 0

    def add(self, message: dict, prev: int) -> str | None:
        """Adds a pushed message. Returns a sentence if it contradicts an earlier one."""
        row = entry(message)
        before = self.rows.setdefault(message["seq"], row)
        self.links[message["seq"]] = prev
        for seq in sorted(self.links):
            if self.links[seq] > self.complete_to:
                break
            self.complete_to = max(self.complete_to, seq)
            del self.links[seq]
        if before != row:
            return f"seq {message['seq']} was {before}, then {row}"
        return None

    @property
    def has_hole(self) -> bool:
        return bool(self.links)


def entry(message: dict) -> tuple:
    """The fields of a message that must be equal everywhere."""
    fields = ("id", "sender", "client_id", "kind", "content")
    return tuple(message[name] for name in fields)
