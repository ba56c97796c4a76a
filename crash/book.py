"""What clients know: the log of a page, and what all of them sent and were told."""

from dataclasses import dataclass, field

Key = tuple[str, str]
"""(sender, client_id)"""


@dataclass
class Book:
    """What the server is held to, kept for the whole run."""

    sent: dict[Key, str] = field(default_factory=dict)
    """The content; no two messages of a run have the same."""
    acked: dict[Key, tuple[str, int, int]] = field(default_factory=dict)
    """(group, seq, id) of each `message.accepted`."""
    groups: dict[str, str] = field(default_factory=dict)
    """Each conversation's visitor."""
    contradictions: list[str] = field(default_factory=list)
    """What was told in two different ways."""
    refusals: list[str] = field(default_factory=list)
    """Errors that nothing here deserves."""
    retries: int = 0
    """Frames sent again: after a cut, after `unavailable`, or on purpose."""

    def accept(self, key: Key, place: tuple[str, int, int]) -> None:
        before = self.acked.setdefault(key, place)
        if before != place:
            self.contradictions.append(f"{key} accepted as {before}, then as {place}")


class Log:
    """The messages of one conversation as a page holds them: connection/timeline.js in short.

    `held` follows the chain of `prev`, so everything up to it is here.
    """

    def __init__(self):
        self.rows: dict[int, tuple] = {}
        self.links: dict[int, int] = {}
        self.held = 0

    def add(self, message: dict, prev: int) -> str | None:
        """Takes a push; what it contradicts, if anything."""
        row = entry(message)
        before = self.rows.setdefault(message["seq"], row)
        self.links[message["seq"]] = prev
        for seq in sorted(self.links):
            if self.links[seq] > self.held:
                break
            self.held = max(self.held, seq)
            del self.links[seq]
        if before != row:
            return f"seq {message['seq']} was {before}, then {row}"
        return None

    @property
    def has_hole(self) -> bool:
        return bool(self.links)


def entry(message: dict) -> tuple:
    """What of a message must be the same everywhere: id, sender, client_id, kind, content."""
    fields = ("id", "sender", "client_id", "kind", "content")
    return tuple(message[name] for name in fields)
