"""A visitor's socket, for their conversation with the page's team."""

import asyncio
import time
from contextlib import suppress
from functools import partial

from chat.background import upkeep
from chat.background.revocation import Sessions
from chat.conversations import seating
from chat.database import run_or_refuse, write
from chat.delivery.hub import hub
from chat.delivery.outbox import AsgiWire
from chat.limits import address_keys, limits, visitor_keys
from chat.posting.actions import Rating, Wish
from chat.posting.batches import Draft
from chat.presence import visitor_queue
from chat.protocol import events, forms
from chat.protocol.errors import Refused
from chat.visitors import challenges, invitations, page_views, prechat, spam
from chat.visitors.identities import SignIn

from . import hello
from .base import SocketConsumer
from .linked import LinkedOutbox, PageOutbox
from .together import Together

WAIT = 4
"""Seconds between two frames that tell a page to wait for its turn; it gives up after ten without
one."""
may_embed_together = Together(hello.may_embed)
identify_together = Together(hello.identify_visitors)
greet_together = Together(hello.greet_visitors)


class VisitorConsumer(SocketConsumer):
    is_visitor = True
    outbox_class = PageOutbox
    group: str | None = None
    """The conversation with the page's team, as far as it is known."""
    is_known = False
    is_admitted = False
    """Whether this socket has taken its token for a first message."""
    waits: asyncio.TimerHandle | None = None
    """The timer of the next frame that tells the page to wait for its turn."""
    spam_reason: str | None = None
    """The result of spam.classify for the first message; None before it."""
    has_row = False
    """Whether this visitor's row exists. The first message of a signed-in visitor may go to the
    visitor of another browser (openings.settle_who)."""

    async def connect(self):
        try:
            await super().connect()
        finally:
            if self.waits:
                self.waits.cancel()

    async def identify(self) -> int:
        """0, or the code to close the socket with; 403 for a foreign Origin. Raises Refused if the
        limit for sockets is used up, or too many connect at once.

        The socket is accepted before its visitor is known, so that its page waits for its turn, and
        does not come again and again."""
        address = (self.scope.get("client") or [""])[0]
        # Before any query, so that a flood of connections reads nothing.
        limits.take("socket", address_keys(address))
        if not self.scope["origin_is_ours"]:
            if not await may_embed_together((hello.code_of(self.scope), self.scope["origin"])):
                return 403
        await self.accept()
        self.waits = asyncio.get_running_loop().call_later(WAIT, self.keep_waiting)
        found = await identify_together(self.scope)
        if isinstance(found, int):
            return found
        self.context, self.meeting = found, asyncio.Lock()
        if only := found.guest.only:
            self.outbox_class = partial(LinkedOutbox, only.uuid)
        self.who = found.guest.uuid
        self.ent_id = found.enterprise.code
        self.keys = visitor_keys(self.who, address, self.ent_id)
        return 0

    def keep_waiting(self) -> None:
        """Sends a frame without events, which proves that the line is alive."""
        wire = self.scope.get("wire") or AsgiWire(self.base_send)
        wire.write(b"[]")
        self.frames_before += 1
        # It is not the page that is silent.
        self.last_frame_at = time.monotonic()
        self.waits = asyncio.get_running_loop().call_later(WAIT, self.keep_waiting)

    def check_reach(self, form) -> None:
        only = self.context.guest.only
        asked = getattr(form, "groups", None) or [getattr(form, "group", None)]
        if only and not {None, only.uuid}.issuperset(asked):
            raise Refused("not_found", "There is no such conversation for you.")

    def topics(self) -> list[str]:
        return [self.who, f"team:{self.context.serving.id}"]

    @property
    def name(self) -> str:
        return self.context.guest.name

    async def greet(self) -> tuple[dict, list]:
        event, unread = await greet_together(self.context)
        self.group = event["groups"][0]["group"] if event["groups"] else None
        # Another window may have written meanwhile (closing_code).
        self.is_known = self.is_known or self.context.guest.stored
        self.is_admitted = self.has_row = self.is_known
        return event, unread

    def on_result(self, event: dict | None) -> None:
        super().on_result(event)
        if event and event["type"] == "message.accepted":
            self.group = event["group"]
            self.mark_known()

    def mark_known(self) -> None:
        """The visitor's row exists now, by a first message from here or from another window."""
        if not self.is_known:
            self.is_known = True
            upkeep.current().arrived(self.who)

    async def find_group(self) -> str | None:
        """The visitor's group. Another window may have opened it, and its event may be lost."""
        if self.group or not self.is_known:
            return None
        return await self.find()

    async def find(self) -> str | None:
        return await run_or_refuse(seating.find, self.ent_id, self.who, self.context.team.id)

    async def meets(self, group: str, kind: str) -> bool:
        """Whether an event of this kind tells of the page's conversation. Those that ask while it
        is looked for go on in their order; without a database the page's next sync brings them."""
        async with self.meeting:
            found = self.group
            with suppress(Refused):
                found = found or await self.find()
            # Of no other event does the page learn which one it is (find_group).
            if kind == "message.posted" and group == found:
                self.group = found
            return group == found and not self.closing

    async def on_send(self, form: forms.SendForm) -> None:
        if self.is_known:
            if form.introduction.email:
                await run_or_refuse(prechat.add_email, self.who, form.introduction, by=write)
        elif self.sign_in or not (form.group or self.group):
            await self.admit(form)
        draft = self.make_draft(form)
        await self.submit(draft, partial(self.on_first_result, draft) if draft.opening else None)

    async def admit(self, form: forms.SendForm) -> None:
        """Checks a first message as views/visitors/visitor.py does: challenge and limit first, so
        that a flood reads nothing; then the pre-chat form, and spam."""
        here, said = self.context, form.introduction
        if not self.is_admitted:
            challenges.require_solution(here.enterprise, self.keys, form.proof)
            limits.take("newcomer", self.keys)
            self.is_admitted = True
        here.topic = await run_or_refuse(
            prechat.check_answers, here.enterprise, here.team, here.guest, said
        )
        # Anew with each try: an earlier one that was refused may have named an invitation.
        here.words = None
        if said.rule is not None or said.visit:
            here.words = await run_or_refuse(
                invitations.shown_text, here.enterprise, said, self.who
            )
        if self.spam_reason is None:
            self.spam_reason = spam.classify(here.enterprise, here.guest, form.content)

    def on_first_result(self, draft: Draft, event: dict) -> None:
        """Once the first message is stored under this uuid, later ones need no opening."""
        self.on_result(event)
        if event["type"] == "message.accepted" and draft.sender == self.who:
            self.has_row = True

    def make_draft(self, form: forms.SendForm) -> Draft:
        group = form.group or self.group
        if self.sign_in and not self.has_row:
            # Another browser of the same person may have sent the first message before.
            group = None
        opening = None if group else self.context.opening(form.introduction)
        if opening:
            opening.suspicion = self.spam_reason or ""
        return Draft.of(form, self.who, self.name, group=group, opening=opening)

    def target_group(
        self, form: forms.RatingForm | forms.RecallForm | forms.WishForm
    ) -> str | None:
        return form.group or self.group

    async def on_rate(self, form: forms.RatingForm) -> None:
        group = self.target_group(form)
        if group is None:
            raise Refused("not_found", "You have not written yet.")
        await self.submit(Rating(self.who, group, form.score, form.comment))

    async def on_wish(self, form: forms.WishForm) -> None:
        group = self.target_group(form)
        if group is None:
            raise Refused("not_found", "You have not written yet.")
        await self.submit(Wish(self.who, group))

    async def on_page(self, form: forms.PageForm) -> None:
        """The page is kept in memory until the first message, when the row is stored."""
        self.context.page = form
        if self.is_known:
            await run_or_refuse(
                page_views.record_page, self.who, self.context.connection, form, by=write
            )

    async def on_queue(self, form: forms.QueueForm) -> None:
        group = self.group or await self.find_group()
        if group is None:
            raise Refused("not_found", "You have not written yet.")
        queue = visitor_queue.cached_queue(self.ent_id)
        queue = queue or await run_or_refuse(
            visitor_queue.read_queue, self.ent_id, by=visitor_queue.read_shared
        )
        self.push(events.queue(queue.place(group)))

    async def on_team(self, form: forms.TeamForm) -> None:
        """Joins the topic of the team that serves the visitor now, before the team's presence is
        read, so that no change is missed."""
        here = self.context
        _own, before = self.topics()
        here.serving = await run_or_refuse(seating.serving, self.who, here.team)
        _own, now = self.topics()
        if now != before:
            hub.leave(before, self.outbox)
            hub.join(now, self.outbox)
        facts = await run_or_refuse(hello.team_facts, here.serving, here.language)
        self.push(events.team(facts))

    FRAMES = SocketConsumer.FRAMES | {
        forms.SendForm: on_send,
        forms.RatingForm: on_rate,
        forms.WishForm: on_wish,
        forms.PageForm: on_page,
        forms.QueueForm: on_queue,
        forms.TeamForm: on_team,
    }
    RATES = SocketConsumer.RATES | {
        forms.PageForm: "page",
        forms.QueueForm: "fetch",
        forms.TeamForm: "fetch",
    }

    @property
    def sign_in(self) -> SignIn | None:
        return self.context.guest.sign_in

    def closing_code(
        self, members: dict, visitors: dict, sessions: Sessions, enterprises: set
    ) -> int:
        """As AgentConsumer.closing_code. With 4401 the page connects again, as the visitor whom
        its cookies identify now."""
        row = visitors.get(self.who)
        if self.ent_id not in enterprises or (row and row.is_blocked):
            return 4403
        if (session := self.sign_in) and sessions.over(session, self.ent_id, self.who):
            return 4401
        if row is None and self.context.guest.stored:
            return 4401
        if row:
            if row.secret_hash != self.context.guest.secret_hash:
                return 4401
            only = self.context.guest.only
            if only and row.own_email != only.visitor.own_email:
                return 4401
            self.context.guest.name = row.label
            if not session or sessions.visitor_of(session, self.ent_id):
                self.mark_known()
                self.has_row = True
        return 0
