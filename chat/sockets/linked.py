"""What reaches a visitor who came by the link of a mail: their one conversation, and what concerns
no conversation."""

import orjson

from chat.delivery.outbox import Outbox


class LinkedOutbox(Outbox):
    """Events are sent to a visitor, so those of their other conversations arrive here, too. They
    are left out. `group` is the linked conversation."""

    __slots__ = ("group",)

    def __init__(self, group: str, owner, wire):
        super().__init__(owner, wire)
        self.group = group

    def push(self, event: bytes) -> None:
        facts = orjson.loads(event)
        group = facts.get("group") or facts.get("message", {}).get("group")
        # The answer to what was asked of another conversation says no more than that.
        if group not in (None, self.group) and facts["type"] != "error":
            return
        if facts["type"] == "unread":
            event = orjson.dumps(facts | {"total": facts["unread"]})
        super().push(event)
