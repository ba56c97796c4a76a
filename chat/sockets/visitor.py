"""A visitor's socket: the one conversation with the team of the page."""

from functools import partial

from chat.background import upkeep
from chat.background.revocation import Sessions
from chat.conversations import seating
from chat.database import run_or_refuse, write
from chat.delivery.hub import hub
from chat.limits import address_keys, limits, visitor_keys
from chat.posting.actions import Rating
from chat.posting.items import Draft
from chat.presence import visitor_queue
from chat.protocol import events, forms
from chat.protocol.errors import Refused
from chat.visitors import challenges, invitations, page_views, prechat, spam
from chat.visitors.identities import SignIn

from . import hello as greeting
from .base import SocketConsumer


class VisitorConsumer(SocketConsumer):
    is_visitor = True
    is_known = False
    is_admitted = False
    """Whether a first message from here has been counted as a newcomer's."""
    held: str | None = None
    """What looked like spam in the first message that was complete; None before it."""
    has_row = False
    """Whether there is a row of this very visitor: of one who is signed in, the first message may
    become that of another browser's (openings.settle_who)."""

    async def identify(self) -> int:
        """0, or the code to close with; 403 for a foreign Origin."""
        address = (self.scope.get("client") or [""])[0]
        # Before anything is read: whoever knocks without end costs no query.
        limits.take("socket", address_keys(address))
        found = await run_or_refuse(greeting.identify_visitor, self.scope)
        if isinstance(found, int):
            return found
        self.arrival = found
        self.who = found.guest.uuid
        self.ent_id = found.enterprise.code
        self.keys = visitor_keys(self.who, address, self.ent_id)
        return 0

    def topics(self) -> list[str]:
        return [self.who, f"team:{self.arrival.serving.id}"]

    @property
    def name(self) -> str:
        return self.arrival.guest.name

    def hello(self) -> dict:
        hello = greeting.visitor_hello(self.arrival)
        self.group = hello["groups"][0]["group"] if hello["groups"] else None
        self.is_known = self.is_admitted = self.has_row = self.arrival.guest.stored
        return hello

    def answered(self, event: dict | None) -> None:
        super().answered(event)
        if event and event["type"] == "message.accepted":
            self.group = event["group"]
            self.be_known()

    def be_known(self) -> None:
        """There is a row of this visitor now, by a first message from here or another window."""
        if not self.is_known:
            self.is_known = True
            upkeep.current().arrived(self.who)

    async def group_since(self) -> str | None:
        """Another window of this visitor may have opened one, and the push of it be lost."""
        if self.group or not self.is_known:
            return None
        return await run_or_refuse(seating.find, self.who, self.arrival.team.id)

    async def on_send(self, form: forms.SendForm) -> None:
        if self.is_known:
            if form.introduction.email:
                await run_or_refuse(prechat.add_email, self.who, form.introduction, by=write)
        elif self.session or not (form.group or self.group):
            await self.admit(form)
        draft = self.draft(form)
        await self.put(draft, partial(self.opened, draft) if draft.opening else None)

    async def admit(self, form: forms.SendForm) -> None:
        """Refuses a first message as a post by HTTP is refused: before anything is read, where many
        come from its address."""
        here, said = self.arrival, form.introduction
        if not self.is_admitted:
            challenges.require_solution(here.enterprise, self.keys, form.proof)
            limits.take("newcomer", self.keys)
            self.is_admitted = True
        here.topic = await run_or_refuse(
            prechat.check_answers, here.enterprise, here.team, here.guest, said
        )
        if said.rule is not None or said.visit:
            here.words = await run_or_refuse(
                invitations.shown_text, here.enterprise, said, self.who
            )
        if self.held is None:
            self.held = spam.classify(here.enterprise, here.guest, form.content)

    def opened(self, draft: Draft, event: dict) -> None:
        """What comes after the first message needs not ask again whose conversation it is."""
        self.answered(event)
        if event["type"] == "message.accepted" and draft.sender == self.who:
            self.has_row = True

    def draft(self, form: forms.SendForm) -> Draft:
        group = form.group or self.group
        if self.session and not self.has_row:
            # Another browser of the same person may have been the first; then it is theirs.
            group = None
        opening = None if group else self.arrival.opening(form.introduction)
        if opening:
            opening.suspicion = self.held or ""
        return Draft.of(form, self.who, self.name, group=group, opening=opening)

    def group_of(self, form: forms.RatingForm | forms.RecallForm) -> str | None:
        return form.group or self.group

    async def on_rate(self, form: forms.RatingForm) -> None:
        group = self.group_of(form)
        if group is None:
            raise Refused("not_found", "You have not written yet.")
        await self.put(Rating(self.who, group, form.score, form.comment))

    async def on_page(self, form: forms.PageForm) -> None:
        """Kept here until the first message, which makes the row to write it to."""
        self.arrival.page = form
        if self.is_known:
            await run_or_refuse(page_views.record_page, self.who, self.arrival.seen, form, by=write)

    async def on_queue(self, form: forms.QueueForm) -> None:
        group = self.group or await self.group_since()
        if group is None:
            raise Refused("not_found", "You have not written yet.")
        line = visitor_queue.cached_queue(self.ent_id)
        line = line or await run_or_refuse(
            visitor_queue.read_queue, self.ent_id, by=visitor_queue.read_shared
        )
        self.push(events.queue(line.place(group)))

    async def on_team(self, form: forms.TeamForm) -> None:
        """Hears from now on of the team that serves them. Joined before it is read how it stands,
        so no change falls in between."""
        here = self.arrival
        _own, before = self.topics()
        here.serving = await run_or_refuse(seating.serving, self.who, here.team)
        _own, now = self.topics()
        if now != before:
            hub.leave(before, self.outbox)
            hub.join(now, self.outbox)
        self.push(events.team(await run_or_refuse(greeting.team_facts, here.serving)))

    FRAMES = SocketConsumer.FRAMES | {
        forms.SendForm: on_send,
        forms.RatingForm: on_rate,
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
    def session(self) -> SignIn | None:
        return self.arrival.guest.session

    def verdict(self, members: dict, visitors: dict, sessions: Sessions, enterprises: set) -> int:
        """The code to close with, or 0; takes over a new name meanwhile. With 4401 a page begins
        anew, as whoever its cookie names by now."""
        row = visitors.get(self.who)
        if self.ent_id not in enterprises or (row and row.is_blocked):
            return 4403
        if (session := self.session) and sessions.over(session, self.ent_id, self.who):
            return 4401
        if row is None and self.arrival.guest.stored:
            return 4401
        if row:
            if row.secret_hash != self.arrival.guest.secret_hash:
                return 4401
            self.be_known()
            self.has_row = True
            self.arrival.guest.name = row.label
        return 0
