"""A member's socket, for all groups in which they have a seat."""

import uuid
from contextlib import suppress

from accounts import rights
from accounts.factors import fresh
from chat.assistant import asked, drafts
from chat.background import assistant, upkeep
from chat.background.revocation import Sessions
from chat.conversations import causes, seating
from chat.database import refuse_on_error, run_or_refuse, write
from chat.delivery import viewers
from chat.delivery.hub import hub
from chat.limits import limits, member_keys
from chat.posting import visitor_actions
from chat.posting.actions import Edit
from chat.posting.items import Draft
from chat.presence import leases, shown
from chat.protocol import forms
from chat.protocol.errors import Refused
from chat.protocol.frames import encode
from chat.reading import history, offers
from chat.routing import live

from . import hello
from .base import SocketConsumer


class AgentConsumer(SocketConsumer):
    right = rights.WORKSPACE
    """What a member needs for the socket."""
    has_synced = False
    viewed: str | None = None
    """The group that the page shows."""
    watched: str | None = None
    """The same group, if the member is a manager without a seat there."""
    has_passed = False
    """Whether a second factor was given in the session, when the socket was opened."""

    async def identify(self) -> int:
        """0, or the code to close the socket with; 403 for a foreign Origin. Raises Refused if the
        database failed during authentication (kefu/asgi.py), or the limit for sockets is used
        up."""
        if not self.scope["origin_is_ours"]:
            return 403
        if refusal := self.scope.get("refusal"):
            raise refusal
        member = self.scope["user"]
        if not member.is_authenticated:
            return 4401
        may = member.is_active and member.may(self.right)
        if not may or member.must_change_password:
            return 4403
        self.has_passed = fresh.has_passed(self.scope["session"])
        if member.must_have_factor and not self.has_passed:
            return 4403
        self.member = member
        self.who = member.uuid
        self.keys = member_keys(self.who)
        limits.take("socket", self.keys)
        self.ent_id = member.enterprise.code
        self.session_key = self.scope["session"].session_key
        self.auth_hash = member.get_session_auth_hash()
        self.window_id = str(uuid.uuid4())
        return 0

    def topics(self) -> list[str]:
        looking = [viewers.topic(self.watched)] if self.watched else []
        return [self.who, f"agents:{self.ent_id}", *looking]

    @property
    def name(self) -> str:
        """As it is shown to visitors who see that the member types; colleagues know who it is."""
        return self.member.nickname

    async def greet(self) -> tuple[dict, list]:
        return await run_or_refuse(hello.greet_agent, self.member)

    async def connect(self):
        """After hello come the drafts that nobody has used yet."""
        await super().connect()
        if self.outbox and self.ent_id in drafts.whispering and forms.AssistForm in self.FRAMES:
            with suppress(Refused):  # A draft is no news: the next socket gets it.
                for event in await run_or_refuse(drafts.of_member, self.member):
                    self.push(event)

    def make_draft(self, form: forms.SendForm) -> Draft:
        return Draft.of_member(form, self.member, form.group)

    async def on_send(self, form: forms.SendForm) -> None:
        await self.come_back()
        await super().on_send(form)

    async def on_act(self, form: forms.ActionForm | forms.DeclineForm) -> None:
        await self.come_back()
        await self.submit(visitor_actions.asked(form, self.who))

    async def come_back(self) -> None:
        """Whoever does something is not away any more because of offers that they missed. `member`
        is as old as the last tick; where routing may have made them away since, the row is asked.
        """
        if self.member.missed_offers < leases.MAX_MISSED and self.ent_id not in live.routed:
            return
        if await run_or_refuse(leases.come_back, self.member, by=write):
            upkeep.current().arrived(self.who)

    async def on_recall(self, form: forms.RecallForm) -> None:
        await self.come_back()
        await super().on_recall(form)

    async def on_edit(self, form: forms.EditForm) -> None:
        await self.come_back()
        await self.submit(Edit(self.who, form.group, form.seq, form.content))

    def target_group(self, form: forms.RecallForm) -> str | None:
        return form.group

    async def on_presence(self, form: forms.PresenceForm) -> None:
        self.away = form.away
        if not form.away:
            await self.come_back()
        upkeep.current().arrived(self.who)

    async def on_shown(self, form: forms.ShownForm) -> None:
        """Pushes go to whom no window is shown; without devices nobody asks."""
        if self.ent_id in causes.with_devices:
            with suppress(Refused):  # Without a database nothing is pushed either.
                await run_or_refuse(shown.note, self.who, self.session_key, by=write)

    async def on_viewing(self, form: forms.ViewingForm) -> None:
        group, agents = form.group, None
        if group:
            await self.on_shown(forms.ShownForm())
        try:
            if group:
                agents = await run_or_refuse(viewers.agents_for, self.member, self.ent_id, group)
            if self.viewed != group or agents is None:
                await self.stop_viewing()
        except Refused:
            return  # Without a database colleagues are not informed; the page shows an outage.
        if agents is None:
            self.watch(None)
            if group:
                raise await self.nowhere(group)
            return
        # Join the topic before announcing: colleagues reply to the announcement at once.
        self.watch(None if self.who in agents else group)
        self.viewed = group
        viewers.tell(*self.window, group, agents, looking=True)

    def watch(self, group: str | None) -> None:
        """Joins the topic of those who view `group`. Members with a seat get these events
        anyway."""
        if group == self.watched:
            return
        if self.watched:
            hub.leave(viewers.topic(self.watched), self.outbox)
        if group:
            hub.join(viewers.topic(group), self.outbox)
        self.watched = group

    async def stop_viewing(self) -> None:
        group, self.viewed = self.viewed, None
        if group:
            await run_or_refuse(viewers.look_away, *self.window, group)

    @property
    def window(self) -> tuple:
        """The member, the enterprise's code, and the id of this socket's window, for viewers.py."""
        return self.member, self.ent_id, self.window_id

    async def disconnect(self, code) -> None:
        await super().disconnect(code)
        try:
            await self.stop_viewing()
        except Refused:
            pass  # Without a database it expires by itself.

    def refuse(self, refusal: Refused, frame: dict) -> None:
        """One of the assistant names the frame, as it may come while something else is asked."""
        kind = frame.get("type")
        if isinstance(kind, str) and kind.startswith("assistant."):
            refusal.facts["frame"] = kind[:40]
        super().refuse(refusal, frame)

    async def on_assist(self, form: forms.AssistForm | forms.TranslateForm) -> None:
        self.begin(self.assist(form))

    async def assist(self, form: forms.AssistForm | forms.TranslateForm) -> None:
        name = "translate" if isinstance(form, forms.TranslateForm) else form.kind
        try:
            with refuse_on_error():
                event = await assistant.run(asked.answer, self.member, form)
            if not self.closing:
                self.push(event)
        except Refused as refusal:
            if not self.closing:
                self.refuse(refusal, {"type": f"assistant.{name}", "group": form.group})

    async def on_feedback(self, form: forms.FeedbackForm) -> None:
        keep, what = (drafts.judge, form.helpful) if form.seq is None else (drafts.used, form.seq)
        await run_or_refuse(keep, self.member, form.group, what, by=write)

    FRAMES = SocketConsumer.FRAMES | {
        forms.SendForm: on_send,
        forms.RecallForm: on_recall,
        forms.AssistForm: on_assist,
        forms.TranslateForm: on_assist,
        forms.FeedbackForm: on_feedback,
        forms.ActionForm: on_act,
        forms.DeclineForm: on_act,
        forms.EditForm: on_edit,
        forms.PresenceForm: on_presence,
        forms.ShownForm: on_shown,
        forms.ViewingForm: on_viewing,
    }

    RATES = SocketConsumer.RATES | {
        forms.ShownForm: "viewing",
        forms.ViewingForm: "viewing",
        forms.AssistForm: "assistant",
        forms.TranslateForm: "assistant",
    }

    async def current_rows(self, known: dict[str, int], complete: dict[str, int]) -> list[bytes]:
        """The conversation events of a sync, as JSON: of groups with missed rows, as the event of a
        change is lost together with its notice; at a socket's first sync of others, too, because
        changes of presence and names write no rows."""
        missed = [group for group, seq in complete.items() if seq > known[group]]
        if not self.has_synced:
            missed = list(dict.fromkeys([*missed, *complete]))[: history.MAX_SYNC_GROUPS]
        events = (
            await run_or_refuse(seating.row_events, self.who, self.ent_id, missed) if missed else []
        )
        self.has_synced = True
        return [encode(event) for event in events]

    async def synced_facts(self) -> dict:
        return {"offers": await run_or_refuse(offers.of_member, self.member)}

    def closing_code(
        self, members: dict, visitors: dict, sessions: Sessions, enterprises: set
    ) -> int:
        """The code to close the socket with, or 0 if it stays open. Also takes over a new name.
        The arguments are the result of revocation.facts."""
        member = members.get(self.who)
        if member is None or not (member.is_active and member.may(self.right)):
            return 4403
        if member.enterprise.code != self.ent_id:
            return 4403
        if (
            self.session_key not in sessions.alive
            or member.get_session_auth_hash() != self.auth_hash
        ):
            return 4401
        # The enterprise may ask for a second factor since; a new socket has to have given it.
        if member.must_have_factor and not self.has_passed:
            return 4403
        self.member = member
        return 0
