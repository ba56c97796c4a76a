"""What a visitor is not shown: that a conversation has opened, and a close that is undone at once.
The rows stay as they are, and agents see all of it. static/js/visitor/undone.js and controller.js
apply the same rules to live messages.

Left out are

- the notice of the opening: that a visitor has written connects them to nobody yet;
- the notice of a close by a member, or by itself, until UNDO_WITHIN after its time;
- that notice and the one of the reopening, where the same member reopens it within UNDO_WITHIN;
- the notice that the member has claimed it again, which follows where they held it before.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from chat.ledger.threads import Row
from chat.models import Conversation, GroupMessage

UNDO_WITHIN = timedelta(seconds=10)
"""For so long, and a little longer, agents can undo a close (agent/conversation/undo.js)."""
BEFORE = 10
"""Rows before a page that are looked at where the page may begin within what was undone."""


class Leaving:
    """Goes through the messages of a conversation in their order; `left_out` are the seqs of those
    that are not shown at `now`."""

    def __init__(self, visitor: str, now: datetime):
        self.visitor, self.now = visitor, now
        self.left_out: set[int] = set()
        self.closed: dict | None = None
        """The notice of the last close, if nothing has reopened it."""
        self.undone: dict | None = None
        """The notice of a reopening that was left out, while nothing has followed it."""

    def read(self, messages: Iterable[dict]) -> "Leaving":
        for message in messages:
            event = (message["data"] or {}).get("event")
            undone, self.undone = self.undone, None
            if event == "opened":
                self.left_out.add(message["seq"])
            elif event == "closed":
                self.closed = message
                if self.is_held(message):
                    self.left_out.add(message["seq"])
            elif event == "reopened":
                if self.undoes(message, self.closed):
                    self.left_out |= {self.closed["seq"], message["seq"]}
                    self.undone = message
                self.closed = None
            elif event == "claimed" and undone and is_soon(undone, message):
                if message["data"].get("member") == undone["data"]["by"]:
                    self.left_out.add(message["seq"])
        return self

    def is_held(self, closed: dict) -> bool:
        """Never for longer than UNDO_WITHIN where the clock that it was written by is ahead."""
        by_visitor = closed["data"].get("by") == self.visitor
        return not by_visitor and abs(self.now - closed["created_at"]) < UNDO_WITHIN

    def undoes(self, reopened: dict, closed: dict | None) -> bool:
        who = reopened["data"].get("by")
        if closed is None or not who or who == self.visitor:
            return False
        return who == closed["data"].get("by") and is_soon(closed, reopened)

    @property
    def ends(self) -> bool:
        """Whether the last of it is a close, and it is left out still."""
        return self.closed is not None and self.closed["seq"] in self.left_out


def is_soon(before: dict, after: dict) -> bool:
    return after["created_at"] - before["created_at"] <= UNDO_WITHIN


def leave(conversation: Conversation, messages: list[dict], now: datetime) -> Leaving:
    """What is left out of these message objects of the visitor's, in their order, at `now`."""
    found = Leaving(conversation.visitor_id, now)
    if begins_within(messages):
        found.read(before(conversation, messages[0]["seq"]))
    return found.read(messages)


def begins_within(messages: list[dict]) -> bool:
    """Whether a close just before the first message may have been undone within these."""
    for message in messages:
        event = (message["data"] or {}).get("event")
        if event in ("reopened", "claimed"):
            return message["created_at"] - messages[0]["created_at"] <= 2 * UNDO_WITHIN
        if event == "closed":
            break
    return False


def before(conversation: Conversation, seq: int) -> list[dict]:
    """The last rows before that seq that a visitor may see, as far as `Leaving` looks at them."""
    rows = GroupMessage.objects.of(conversation).visible_to(visitor=True)
    return [
        {"seq": row.seq, "created_at": row.created_at, "data": row.data}
        for row in map(Row.stored, reversed(rows.before(seq)[:BEFORE]))
    ]
