"""A bot's socket: an agent's, by an access token, and with fewer frames."""

from accounts import rights
from accounts.tokens import Scope
from chat.background.revocation import Sessions
from chat.conversations import floor
from chat.database import run_or_refuse, write
from chat.limits import limits, member_keys
from chat.posting.actions import OF_BOTS
from chat.posting.items import Draft
from chat.presence import leases
from chat.protocol import forms
from chat.protocol.errors import Refused

from .agent import AgentConsumer
from .base import SocketConsumer

READING = {Scope.CONVERSATIONS_READ, Scope.MESSAGES_READ, Scope.VISITORS_READ}
"""What a token has to allow, since a socket tells all of it."""


class BotConsumer(AgentConsumer):
    not_taken = "This is for people."

    async def identify(self) -> int:
        """0, or the code to close the socket with. Raises Refused like its base."""
        if refusal := self.scope.get("refusal"):
            raise refusal
        token = self.scope["token"]
        if token is None:
            return 4401
        member = token.member
        if member.role != rights.BOT or not set(token.scopes) >= READING:
            return 4403
        self.member, self.who, self.ent_id = member, member.uuid, member.enterprise.code
        self.token_id, self.scopes = token.pk, set(token.scopes)
        self.keys = member_keys(self.who)
        limits.take("socket", self.keys)
        return 0

    async def take_lease(self) -> None:
        """A bot with a socket gets the floor of what begins, from this moment on."""
        lease = [self.who], leases.NODE_ID, leases.LEASE, True
        await run_or_refuse(leases.renew, *lease, by=write)

    @property
    def reads_internal(self) -> bool:
        """What a bot reads it may repeat to visitors."""
        return Scope.KNOWLEDGE_INTERNAL in self.scopes

    def make_draft(self, form: forms.SendForm) -> Draft:
        draft = super().make_draft(form)
        draft.bot = True
        return draft

    async def on_send(self, form: forms.SendForm) -> None:
        self.require(Scope.MESSAGES_WRITE)
        await super().on_send(form)

    async def on_recall(self, form: forms.RecallForm) -> None:
        self.require(Scope.MESSAGES_WRITE)
        await super().on_recall(form)

    async def on_act(self, form: forms.ActionForm) -> None:
        """Whoever may speak may stop speaking."""
        if form.name not in OF_BOTS:
            raise Refused("forbidden", self.not_taken)
        speaks = form.name == "handover"
        self.require(Scope.MESSAGES_WRITE if speaks else Scope.CONVERSATIONS_WRITE)
        await super().on_act(form)

    async def on_typing(self, form: forms.TypingForm) -> None:
        if not await run_or_refuse(floor.has, self.who, self.ent_id, form.group):
            raise Refused("forbidden", "It is not this bot's to answer the visitor here.")
        await super().on_typing(form)

    def require(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Refused("forbidden", f"The token has no scope {scope}.")

    FRAMES = SocketConsumer.FRAMES | {
        forms.SendForm: on_send,
        forms.RecallForm: on_recall,
        forms.TypingForm: on_typing,
        forms.ActionForm: on_act,
    }

    def closing_code(
        self, members: dict, visitors: dict, sessions: Sessions, enterprises: set
    ) -> int:
        """The code to close the socket with, or 0 if it stays open. Also takes over a new name."""
        member = members.get(self.who)
        if member is None or not member.is_active or member.enterprise.code != self.ent_id:
            return 4403
        if self.token_id not in sessions.tokens:
            return 4401
        self.member = member
        return 0
