"""A member's socket: all their groups at once."""

import uuid

from chat.background import upkeep
from chat.background.revocation import Sessions
from chat.conversations import seating
from chat.database import run_or_refuse
from chat.delivery import viewing
from chat.delivery.hub import hub
from chat.limits import limits, member_keys
from chat.posting import visitor_actions
from chat.posting.items import Draft
from chat.protocol import forms
from chat.protocol.errors import Refused
from chat.protocol.frames import encode

from . import hello
from .base import SocketConsumer


class AgentConsumer(SocketConsumer):
    has_synced = False
    looks_at: str | None = None
    """The group that its page has told to show."""
    looks_in: str | None = None
    """The same, where its manager has no seat."""

    async def identify(self) -> int:
        """0, or the code to close with; 403 for a foreign Origin. Raises Refused when the
        database did not tell who it is (kefu/asgi.py)."""
        if not self.scope["origin_is_ours"]:
            return 403
        if refusal := self.scope.get("refusal"):
            raise refusal
        member = self.scope["user"]
        if not member.is_authenticated:
            return 4401
        if not member.is_active or member.enterprise is None or member.must_change_password:
            return 4403
        self.member = member
        self.who = member.uuid
        self.keys = member_keys(self.who)
        limits.take("socket", self.keys)
        self.ent_id = member.enterprise.code
        self.session_key = self.scope["session"].session_key
        self.entry = member.get_session_auth_hash()
        self.window_id = str(uuid.uuid4())
        return 0

    def topics(self) -> list[str]:
        looking = [viewing.topic(self.looks_in)] if self.looks_in else []
        return [self.who, f"agents:{self.ent_id}", *looking]

    @property
    def name(self) -> str:
        return self.member.display_name

    def hello(self) -> dict:
        return hello.agent_hello(self.member)

    def draft(self, form: forms.SendForm) -> Draft:
        return Draft.of(form, self.who, self.name, self.member.avator, group=form.group)

    async def on_act(self, form: forms.ActionForm) -> None:
        await self.put(visitor_actions.asked(form, self.who))

    def group_of(self, form: forms.RecallForm) -> str | None:
        return form.group

    async def on_presence(self, form: forms.PresenceForm) -> None:
        self.away = form.away
        upkeep.current().arrived(self.who)

    async def on_viewing(self, form: forms.ViewingForm) -> None:
        try:
            seated = (
                await run_or_refuse(viewing.look, *self.window, form.group) if form.group else None
            )
            if self.looks_at != form.group or seated is None:
                await self.look_away()
        except Refused:
            return  # Without a database nobody is told; its page has worse to tell its agent.
        self.look_in(form.group if seated is False else None)
        if form.group and seated is None:
            raise Refused("not_found", "There is no such conversation for you.")
        self.looks_at = form.group

    def look_in(self, group: str | None) -> None:
        """Who sits there is told as such; another hears of those who look as long as they do."""
        if group == self.looks_in:
            return
        if self.looks_in:
            hub.leave(viewing.topic(self.looks_in), self.outbox)
        if group:
            hub.join(viewing.topic(group), self.outbox)
        self.looks_in = group

    async def look_away(self) -> None:
        group, self.looks_at = self.looks_at, None
        if group:
            await run_or_refuse(viewing.look_away, *self.window, group)

    @property
    def window(self) -> tuple:
        """Who looks from here, and this socket's own name: a member may have several."""
        return self.member, self.ent_id, self.window_id

    async def disconnect(self, code) -> None:
        await super().disconnect(code)
        try:
            await self.look_away()
        except Refused:
            pass  # Without a database it fades by itself.

    FRAMES = SocketConsumer.FRAMES | {
        forms.ActionForm: on_act,
        forms.PresenceForm: on_presence,
        forms.ViewingForm: on_viewing,
    }

    RATES = SocketConsumer.RATES | {forms.ViewingForm: "viewing"}

    async def facts_of(self, held: dict[str, int], complete: dict[str, int]) -> list[bytes]:
        """At a socket's first sync all of them: its page may have been away, and who comes and
        goes, or has another name, leaves no row. Later only where rows were missed, since what
        changes beside them has lost its event together with its notice."""
        missed = [g for g, seq in complete.items() if seq > held[g] or not self.has_synced]
        events = await run_or_refuse(seating.row_events, self.who, missed) if missed else []
        self.has_synced = True
        return [encode(event) for event in events]

    def verdict(self, members: dict, visitors: dict, sessions: Sessions, enterprises: set) -> int:
        """The code to close with, or 0; takes over a new name meanwhile."""
        member = members.get(self.who)
        if member is None or not member.is_active or member.enterprise is None:
            return 4403
        if member.enterprise.code != self.ent_id:
            return 4403
        if self.session_key not in sessions.alive or member.get_session_auth_hash() != self.entry:
            return 4401
        self.member = member
        return 0
