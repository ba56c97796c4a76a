"""What reaches a visitor's page of what they get: its own conversation, and what concerns none.

Events are sent to a visitor, so those of their conversations with other teams arrive here, too."""

import orjson

from chat.delivery.outbox import Outbox

TOLD = {"message.posted", "unread", "read", "typing"}
"""What is sent without being asked for, and is about one conversation."""


def group_of(event: bytes) -> tuple[str | None, dict]:
    """The conversation that an event tells of, None for none, and the event's facts."""
    if b'"group"' not in event:
        return None, {}
    facts = orjson.loads(event)
    if facts["type"] not in TOLD:
        return None, facts
    return facts.get("group") or facts["message"]["group"], facts


class PageOutbox(Outbox):
    """For a page of one team: its socket, the `owner`, knows the conversation there, or finds it
    once it has begun in another window."""

    __slots__ = ()

    def push(self, event: bytes) -> None:
        known = self.owner.group
        if known and f'"group":"{known}"'.encode() in event:
            return super().push(event)  # The usual one, which is not parsed.
        group, facts = group_of(event)
        if group is None:
            super().push(event)
        elif known is None:
            self.owner.begin(self.push_if_met(group, facts["type"], event))

    async def push_if_met(self, group: str, kind: str, event: bytes) -> None:
        if await self.owner.meets(group, kind):
            super().push(event)


class LinkedOutbox(Outbox):
    """For a visitor who came by the link of a mail. `group` is the linked conversation."""

    __slots__ = ("group",)

    def __init__(self, group: str, owner, wire):
        super().__init__(owner, wire)
        self.group = group

    def push(self, event: bytes) -> None:
        group, facts = group_of(event)
        if group not in (None, self.group):
            return
        if group and facts["type"] == "unread":
            event = orjson.dumps(facts | {"total": facts["unread"]})
        super().push(event)
