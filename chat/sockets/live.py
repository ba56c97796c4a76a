"""The live view's socket: it tells that something has changed, and nothing of it. The page then
asks for what it may see, so it shows what the database says, whatever was lost on the way."""

from typing import ClassVar

from accounts import rights
from chat.delivery import announce
from chat.delivery.outbox import Outbox
from chat.protocol import events, forms
from chat.protocol.frames import encode

from .agent import AgentConsumer
from .base import SocketConsumer


class Hints(Outbox):
    """Stands for each event that is delivered to it by one that has no contents."""

    __slots__ = ()

    def push(self, event: bytes) -> None:
        if events.CHANGED not in self.waiting:
            super().push(events.CHANGED)


class LiveConsumer(AgentConsumer):
    right = rights.LIVE
    outbox_class = Hints
    is_known = False
    """Who looks at the live view serves nobody by that, so they are not online."""

    def topics(self) -> list[str]:
        return [announce.watching(self.ent_id), f"agents:{self.ent_id}"]

    async def greet(self) -> tuple[dict, None]:
        return events.LIVE_HELLO, None

    def push(self, event: dict) -> None:
        Outbox.push(self.outbox, encode(event))

    async def on_ping(self, form: forms.PingForm) -> None:
        self.outbox.acknowledge(form.got)
        Outbox.push(self.outbox, events.PONG)

    FRAMES: ClassVar = {forms.PingForm: on_ping}
    RATES = SocketConsumer.RATES
