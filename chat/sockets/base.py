"""What agents' and visitors' sockets share: parse a frame, call one function, relay its answer.

Who is it, and what only one side may ask, stands in agent_consumer.py and visitor_consumer.py.
"""

import logging
import time

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from chat import metrics
from chat.background import upkeep
from chat.database import run_or_refuse
from chat.delivery import access, bus, typing
from chat.delivery.hub import hub
from chat.delivery.outbox import AsgiWire, Outbox
from chat.limits import limits
from chat.posting import writer
from chat.posting.actions import Recall
from chat.posting.items import Item, Mark
from chat.posting.writer import Answer
from chat.protocol import events, forms
from chat.protocol.errors import BAD_FRAME_CODES, Refused
from chat.protocol.frames import encode, parse
from chat.reading import history, inbox

from . import hello

log = logging.getLogger("kefu.sockets")

MAX_BAD_FRAMES = 20
"""Bad frames in a row that close a socket (docs/protocol.md)."""
TOO_MANY = 4429
"""Close code for too many sockets, or too many opened at once (limits.py)."""
UNAVAILABLE = 4503
"""Close code while the database does not answer; pages try again."""
MAX_PENDING = 1_000
"""Frames of one socket that may wait for their commit."""


class SocketConsumer(AsyncWebsocketConsumer):
    """What both sides share. `identify` and `hello` are the sides' own."""

    is_visitor = False
    is_known = True
    """A visitor who never wrote has no row, and so no presence either."""
    session_key = None
    away = False
    """Whether the page says that nobody has touched it for a while."""
    typed = None
    """Where somebody was typing, as this socket said last, and who was told."""

    @property
    def side(self) -> str:
        return "visitor" if self.is_visitor else "agent"

    async def __call__(self, scope, receive, send):
        """Serves one socket. Channels would make two tasks and a thread hop for each frame and
        subscribe each socket to the layer; frames need neither, the hub is their way out."""
        self.scope, self.base_send = scope, send
        self.outbox = None
        self.over = False
        self.bad = self.pending = 0
        self.heard = time.monotonic()
        self.writer = writer.current()
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            pass
        finally:
            self.detach()

    async def dispatch(self, message):
        if message["type"] == "websocket.receive":
            await self.receive(message.get("text"))
        elif message["type"] == "websocket.connect":
            await self.websocket_connect(message)
        else:
            await self.websocket_disconnect(message)

    async def connect(self):
        """Accepts and greets, or accepts and closes with a code that a browser can see. A
        wrong Origin is refused before that."""
        try:
            code = await self.identify()
        except Refused as refusal:
            code = TOO_MANY if refusal.code == "rate_limited" else UNAVAILABLE
        if code == 403:
            return await self.close()
        await self.accept()
        if not code and not limits.enter(self.keys):
            code = TOO_MANY
        if code:
            return await self.close(code)
        self.outbox = Outbox(self, self.scope.get("wire") or AsgiWire(self.base_send))
        metrics.SOCKETS.labels(self.side).inc()
        for topic in self.topics():
            hub.join(topic, self.outbox)
        await bus.subscribe(self.ent_id)
        beat = upkeep.current()
        try:
            await beat.prepare(self.ent_id)
            self.outbox.release([encode(await run_or_refuse(self.hello))])
            if self.is_known:
                beat.arrived(self.who)
            hub.load(self.who, await run_or_refuse(inbox.unread_versions, self.who))
        except Refused:
            self.end(UNAVAILABLE)

    def push(self, event: dict) -> None:
        self.outbox.push(encode(event))

    async def receive(self, text_data=None, bytes_data=None):
        """One frame. A refusal answers `error` and the socket stays; 20 in a row close it."""
        self.heard = time.monotonic()
        if self.outbox is None or self.over:
            return
        frame = {}
        try:
            frame = parse(text_data)
            form = forms.check(frame, self.is_visitor)
            self.bad = 0
            if rate := self.RATES.get(type(form), "message"):
                limits.take(rate, self.keys)
            await self.FRAMES[type(form)](self, form)
        except Refused as refusal:
            self.refuse(refusal, frame)

    def refuse(self, refusal: Refused, frame: dict) -> None:
        for name in ("client_id", "group"):
            value = frame.get(name)
            if isinstance(value, str) and len(value) <= 40:
                refusal.facts.setdefault(name, value)
        self.push(refusal.event())
        metrics.REFUSALS.labels(refusal.code).inc()
        if refusal.code in BAD_FRAME_CODES:
            self.bad += 1
            if self.bad >= MAX_BAD_FRAMES:
                self.end(4400)

    async def put(self, item: Item, answered: Answer | None = None) -> None:
        """Hands an item to the writer; its answer comes back by `answered`."""
        full = self.pending >= MAX_PENDING
        if full or not self.writer.enqueue(item, answered or self.answered, self.heard):
            raise Refused("rate_limited", "Too much is waiting. Try again.", retry_after=1)
        self.pending += 1

    def answered(self, event: dict | None) -> None:
        self.pending -= 1
        if event and not self.over:
            self.push(event)

    async def on_send(self, form: forms.SendForm) -> None:
        await self.put(self.draft(form))

    async def on_recall(self, form: forms.RecallForm) -> None:
        group = self.group_of(form)
        if group is None:
            raise Refused("not_found", "You have not written yet.")
        await self.put(Recall(self.who, group, form.seq))

    async def on_read(self, form: forms.ReadForm) -> None:
        await self.put(Mark(self.who, form.group, form.seq))

    async def on_typing(self, form: forms.TypingForm) -> None:
        found = await run_or_refuse(access.people_of, self.who, form.group, self.ent_id)
        if not found:
            raise Refused("not_found", "There is no such conversation for you.")
        typing.relay(self.ent_id, self.who, self.name, form, *found)
        self.typed = (form.group, *found) if form.draft else None

    async def on_sync(self, form: forms.SyncForm) -> None:
        outbox, answers, held = self.outbox, [], form.groups
        if outbox.size > history.MAX_SYNC_BYTES:
            # Whoever asks on and on without reading would have us keep all the answers.
            raise Refused("rate_limited", "Read what was sent before.", retry_after=1)
        outbox.pause()
        try:
            if not held and (group := await self.group_since()):
                held = {group: 0}
            complete, more = {}, []
            if held:
                rows, complete, more = await run_or_refuse(
                    history.missed_events, self.who, self.is_visitor, held
                )
                answers += [*await self.facts_of(held, complete), *rows]
            if form.inbox:
                event = await run_or_refuse(hello.inbox_event, self.member, form.chosen)
                answers.append(encode(event))
                counted = hub.counted(self.who)
                unread = await run_or_refuse(inbox.unread_versions, self.who, list(counted))
                hub.load(self.who, unread, counted)
            left = [group for group in held if group not in complete]
            answers.append(encode(events.synced(complete, more, left)))
        finally:
            outbox.release(answers)

    async def group_since(self) -> str | None:
        """The conversation of a page that knows none, as it opened before the first message."""

    async def facts_of(self, held: dict[str, int], complete: dict[str, int]) -> list[bytes]:
        """How those of a sync's groups stand of which the page may have missed a change."""
        return []

    async def on_ping(self, form: forms.PingForm) -> None:
        self.outbox.acknowledge(form.got)
        self.outbox.push(events.PONG)

    FRAMES = {
        forms.SendForm: on_send,
        forms.RecallForm: on_recall,
        forms.ReadForm: on_read,
        forms.TypingForm: on_typing,
        forms.SyncForm: on_sync,
        forms.PingForm: on_ping,
    }

    RATES = {
        forms.ReadForm: "read",
        forms.TypingForm: "typing",
        forms.SyncForm: "fetch",
        forms.PingForm: None,
    }
    """What a frame counts as (limits.py); those that are not named store something."""

    def end(self, code: int) -> None:
        """Closes from our side, whatever waits; for callers that cannot await."""
        if not self.over and self.outbox:
            self.over = True
            self.outbox.end(code)

    async def close(self, code=None, reason=None):
        if code:
            metrics.count_close("server", code)
        await super().close(code, reason)

    async def disconnect(self, code):
        if self.outbox and not self.over:
            metrics.count_close("client", code)
        self.detach()

    def detach(self) -> None:
        """Nothing reaches this socket any more; who has no other one here will be offline."""
        if self.outbox is None:
            return
        outbox, self.outbox = self.outbox, None
        self.over = True
        limits.leave(self.keys)
        outbox.close()
        if self.typed:
            group, *told = self.typed
            typing.relay(self.ent_id, self.who, self.name, forms.TypingForm(group, False), *told)
        metrics.SOCKETS.labels(self.side).dec()
        for topic in self.topics():
            if hub.leave(topic, outbox) and topic == self.who:
                upkeep.current().left(self.who)
