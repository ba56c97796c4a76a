"""The base of agents' and visitors' sockets: it parses a frame, calls one function and sends the
result. agent.py and visitor.py identify the client and handle the frames of one side only."""

import asyncio
import time
from collections.abc import Coroutine
from typing import ClassVar

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from chat import metrics
from chat.background import upkeep
from chat.database import run_or_refuse
from chat.delivery import bus, typing
from chat.delivery.hub import hub
from chat.delivery.outbox import AsgiWire, Outbox
from chat.ledger import access
from chat.limits import limits
from chat.posting import writer
from chat.posting.actions import Recall
from chat.posting.items import Item, Mark
from chat.posting.writer import Answer
from chat.protocol import checks, events, forms
from chat.protocol.errors import BAD_FRAME_CODES, Refused
from chat.protocol.frames import encode, parse
from chat.reading import history, unread_counts

from . import hello
from .suggestions import Asked, suggest_all
from .together import Together

MAX_BAD_FRAMES = 20
"""Consecutive bad frames that close a socket (docs/protocol.md)."""
TOO_MANY = 4429
"""The close code for too many open sockets, or too many opened at once (limits.py)."""
UNAVAILABLE = 4503
"""The close code while the database is unavailable; pages reconnect."""
MAX_PENDING = 1_000
"""Items of one socket that may wait for their commit."""
suggest_together = Together(suggest_all)
"""All sockets' suggestions take one reader's thread at a time."""


class SocketConsumer(AsyncWebsocketConsumer):
    """A socket. The subclasses define `identify`, `topics`, `name`, `greet`, `make_draft`,
    `target_group` and `closing_code`, and add to FRAMES and RATES."""

    is_visitor = False
    is_known = True
    """False for a visitor who never wrote: they have no row, and no presence."""
    outbox_class = Outbox
    session_key = None
    token_id = None
    """The id of a bot's access token; None for people."""
    not_taken = "This socket does not take it."
    """What a frame is told that is not in FRAMES."""
    is_accepted = False
    frames_before = 0
    """Frames that were sent before hello."""
    away = False
    """Whether the page has reported that it had no input for a while."""
    last_typing = None
    """The group of the last typing frame, and typing.relay's arguments; None once it ended."""

    @property
    def side(self) -> str:
        return "visitor" if self.is_visitor else "agent"

    @property
    def reads_internal(self) -> bool:
        """Whether articles for colleagues are suggested, too."""
        return not self.is_visitor

    async def __call__(self, scope, receive, send):
        """Serves one socket. Channels' own method makes two tasks and a thread hop for each frame,
        and subscribes each socket to the channel layer; here events come through the hub."""
        self.scope, self.base_send = scope, send
        self.outbox = None
        self.closing = False
        self.bad_frames = self.pending = 0
        self.suggesting: set[asyncio.Task] = set()
        self.last_frame_at = time.monotonic()
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
        """Accepts the socket and sends hello, or accepts it and closes it with a code, which
        browsers can read only then. A foreign Origin is refused without accepting."""
        try:
            upkeep.refuse_if_alone()
            code = await self.identify()
        except Refused as refusal:
            code = TOO_MANY if refusal.code == "rate_limited" else UNAVAILABLE
        if code == 403:
            return await self.close()
        await self.accept()
        if not code and not limits.add_socket(self.keys):
            code = TOO_MANY
        if code:
            return await self.close(code)
        self.outbox = self.outbox_class(self, self.scope.get("wire") or AsgiWire(self.base_send))
        metrics.SOCKETS.labels(self.side).inc()
        for topic in self.topics():
            hub.join(topic, self.outbox)
        await bus.subscribe(self.ent_id)
        presence = upkeep.current()
        try:
            await presence.prepare(self.ent_id)
            await self.take_lease()
            event, unread = await self.greet()
            self.outbox.frames = self.frames_before
            self.last_frame_at = time.monotonic()
            self.outbox.release([encode(event)])
            if self.is_known:
                presence.arrived(self.who)
            if unread is not None:
                hub.load(self.who, unread)
        except Refused:
            self.end(UNAVAILABLE)

    async def accept(self, *args, **options) -> None:
        if not self.is_accepted:
            self.is_accepted = True
            await super().accept(*args, **options)

    async def take_lease(self) -> None:
        """Stores the lease before anything is said, where it decides who answers."""

    async def greet(self) -> tuple[dict, list | None]:
        """The event `hello`, and the unread counts; None if the page shows none."""
        raise NotImplementedError

    def push(self, event: dict) -> None:
        self.outbox.push(encode(event))

    async def receive(self, text_data=None, bytes_data=None):
        """Handles one frame. A refusal sends `error` and the socket stays open."""
        self.last_frame_at, self.submitted = time.monotonic(), False
        if self.outbox is None or self.closing:
            return
        frame = {}
        try:
            frame = parse(text_data)
            form = checks.check_frame(frame, self.is_visitor)
            self.check_reach(form)
            if type(form) not in self.FRAMES:
                raise Refused("forbidden", self.not_taken)
            if rate := self.RATES.get(type(form), "message"):
                limits.take(rate, self.keys)
            await self.FRAMES[type(form)](self, form)
            if not self.submitted:
                self.count(None)
        except Refused as refusal:
            self.refuse(refusal, frame)

    def check_reach(self, form) -> None:
        """Refuses a form whose conversation this socket does not reach despite a seat there."""

    def refuse(self, refusal: Refused, frame: dict) -> None:
        for name in ("client_id", "group"):
            value = frame.get(name)
            if isinstance(value, str) and len(value) <= 40:
                refusal.facts.setdefault(name, value)
        if frame.get("type") == "message.recall" and isinstance(frame.get("seq"), int):
            refusal.facts.setdefault("seq", frame["seq"])
        self.push(refusal.event())
        metrics.REFUSALS.labels(refusal.code).inc()
        self.count(refusal.code)

    def count(self, code: str | None) -> None:
        """Counts bad frames in a row; MAX_BAD_FRAMES close the socket."""
        self.bad_frames = self.bad_frames + 1 if code in BAD_FRAME_CODES else 0
        if self.bad_frames >= MAX_BAD_FRAMES:
            self.end(4400)

    async def submit(self, item: Item, answered: Answer | None = None) -> None:
        """Gives an item to the writer, which calls `answered` with the resulting event."""
        item.ent_id = self.ent_id
        full = self.pending >= MAX_PENDING
        if full or not self.writer.enqueue(item, answered or self.on_result, self.last_frame_at):
            raise Refused("rate_limited", "Too much is waiting. Try again.", retry_after=1)
        self.pending += 1
        self.submitted = True

    def on_result(self, event: dict | None) -> None:
        self.pending -= 1
        if event and not self.closing:
            self.push(event)
        self.count(event.get("code") if event else None)

    async def on_send(self, form: forms.SendForm) -> None:
        await self.submit(self.make_draft(form))

    async def on_recall(self, form: forms.RecallForm) -> None:
        group = self.target_group(form)
        if group is None:
            raise Refused("not_found", "You have not written yet.")
        await self.submit(Recall(self.who, group, form.seq))

    async def on_read(self, form: forms.ReadForm) -> None:
        await self.submit(Mark(self.who, form.group, form.seq))

    async def on_typing(self, form: forms.TypingForm) -> None:
        found = await run_or_refuse(access.people_of, self.who, form.group, self.ent_id)
        if not found:
            raise await self.nowhere(form.group)
        typing.relay(self.ent_id, self.who, self.name, form, *found)
        self.last_typing = (form.group, *found) if form.draft else None

    async def on_suggest(self, form: forms.SuggestForm) -> None:
        """The answer comes when it is found."""
        self.begin(self.suggest(form))

    def begin(self, answer: Coroutine) -> None:
        """Has `answer` send something later: frames that are sent meanwhile do not wait for it."""
        task = asyncio.create_task(answer)
        self.suggesting.add(task)
        task.add_done_callback(self.suggesting.discard)

    async def suggest(self, form: forms.SuggestForm) -> None:
        """Sends what is found; without a database nothing, since nobody waits for it."""
        try:
            asked = Asked(self.who, self.ent_id, self.is_visitor, self.reads_internal, form)
            await asked.prepared()
            found = await suggest_together(asked)
            if found is None:
                raise await self.nowhere(form.group or "")
            if not self.closing:
                self.push(events.suggested(form.text, found))
        except Refused as refusal:
            if refusal.code != "unavailable" and not self.closing:
                self.refuse(refusal, {"group": form.group})

    async def nowhere(self, group: str) -> Refused:
        """Why a conversation is not there for this socket's person."""
        found = await run_or_refuse(access.merged, self.who, group)
        return found or Refused("not_found", "There is no such conversation for you.")

    async def on_sync(self, form: forms.SyncForm) -> None:
        outbox, replies, known = self.outbox, [], form.groups
        if outbox.size > history.MAX_SYNC_BYTES:
            # A client that asks without reading must not fill the memory.
            raise Refused("rate_limited", "Read what was sent before.", retry_after=1)
        outbox.pause()
        try:
            if not known and (group := await self.find_group()):
                known = {group: 0}
            complete, more = {}, []
            if known:
                rows, complete, more = await run_or_refuse(
                    history.missed_events, self.who, self.ent_id, self.is_visitor, known
                )
                replies += [*await self.current_rows(known, complete), *rows]
            if form.inbox:
                event = await run_or_refuse(hello.inbox_event, self.member, form.chosen)
                replies.append(encode(event))
                counted = hub.counted(self.who)
                unread = await run_or_refuse(
                    unread_counts.unread_versions, self.who, self.ent_id, list(counted)
                )
                hub.load(self.who, unread, counted)
            left = [group for group in known if group not in complete]
            replies.append(encode(events.synced(complete, more, left, **await self.synced_facts())))
        finally:
            outbox.release(replies)

    async def find_group(self) -> str | None:
        """The group of a visitor whose page was loaded before their first message, or None."""

    async def current_rows(self, known: dict[str, int], complete: dict[str, int]) -> list[bytes]:
        """Events with the current state of groups in a sync, as JSON. `known` are the seqs that
        the client has, `complete` those up to which it is complete now."""
        return []

    async def synced_facts(self) -> dict:
        """Further fields of the event `synced`."""
        return {}

    async def on_ping(self, form: forms.PingForm) -> None:
        self.outbox.acknowledge(form.got)
        self.outbox.push(events.PONG)

    FRAMES: ClassVar = {
        forms.SendForm: on_send,
        forms.RecallForm: on_recall,
        forms.ReadForm: on_read,
        forms.TypingForm: on_typing,
        forms.SuggestForm: on_suggest,
        forms.SyncForm: on_sync,
        forms.PingForm: on_ping,
    }

    RATES: ClassVar = {
        forms.ReadForm: "read",
        forms.TypingForm: "typing",
        forms.SuggestForm: "typing",
        forms.SyncForm: "fetch",
        forms.PingForm: None,
    }
    """The limit that a frame takes from (limits.py); "message" for forms that are not listed."""

    def end(self, code: int) -> None:
        """Closes the socket from the server's side without waiting."""
        if not self.closing and self.outbox:
            self.closing = True
            self.outbox.end(code)

    async def close(self, code=None, reason=None):
        if code:
            metrics.count_close("server", code)
        await super().close(code, reason)

    async def disconnect(self, code):
        if self.outbox and not self.closing:
            metrics.count_close("client", code)
        self.detach()

    def detach(self) -> None:
        """Removes the socket; a person without another one in this process goes offline."""
        if self.outbox is None:
            return
        outbox, self.outbox = self.outbox, None
        self.closing = True
        limits.remove_socket(self.keys)
        outbox.close()
        if self.last_typing:
            group, *people = self.last_typing
            typing.relay(self.ent_id, self.who, self.name, forms.TypingForm(group, False), *people)
        metrics.SOCKETS.labels(self.side).dec()
        for topic in self.topics():
            if hub.leave(topic, outbox) and topic == self.who:
                upkeep.current().left(self.who, 0 if self.token_id else upkeep.GRACE)
