"""What people do to one conversation beside writing in it: who may, and what is locked for it.

The rules of each action stand in conversations/ (claims, receptions, membership and others): they
change the locked conversation and append a notice, or leave it as it is when it is so already.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from accounts import rights
from accounts.models import Member
from chat.care import quarantine
from chat.conversations import (
    claims,
    edits,
    floor,
    membership,
    offers,
    recalls,
    receptions,
    snoozes,
    tags,
)
from chat.conversations.changes import Change
from chat.ledger import access
from chat.ledger.threads import NOTE, Row, Thread
from chat.models import MemberType
from chat.presence import leases
from chat.protocol import events, formatting, notices
from chat.protocol.errors import Refused
from chat.protocol.forms import ActionForm

from .items import LoneItem, not_found


@dataclass(slots=True)
class Action(LoneItem):
    """What a member (`actor`, a uuid) does to a conversation."""

    form: ActionForm
    actor: str
    formatted: bool = field(init=False)
    """Whether the form's note is. It is parsed before the transaction, as in items.Draft."""

    def __post_init__(self) -> None:
        self.formatted = formatting.is_formatted(self.form.note)

    @property
    def group(self) -> str:
        return self.form.group

    def perform(self, change: Change) -> None:
        form = self.form
        actor = Member.objects.filter(uuid=self.actor).first()
        if actor is None or not (actor.is_active and acts(actor)):
            raise not_found()
        teams = set()
        if holder := {"claim": actor.uuid, "transfer": form.member}.get(form.name):
            claims.lock_member(holder)
        if form.name == "claim" and actor.missed_offers:
            leases.begin_anew(actor.uuid)
        if form.team:
            teams = membership.lock_teams(form.team, actor.enterprise.code, form.group)  # type: ignore[union-attr]
        thread = self.lock(change)
        if thread.ent_id != actor.enterprise.code:  # type: ignore[union-attr]
            raise not_found()
        seat = thread.seats.get(actor.uuid)
        if seat is None:
            if not actor.may(rights.LEAD):
                raise access.refusal(actor.uuid, thread.ent_id)
            thread.watching = (actor.uuid,)
        if actor.role == rights.BOT:
            refuse_to_bot(form.name, thread, actor.uuid)
        if is_erased(thread) and form.name not in PARTINGS:
            raise Refused("conflict", "The visitor was erased; nothing is left to be done here.")
        if thread.quarantined and form.name not in PARTINGS:
            raise Refused("conflict", "It is in quarantine. Say first whether it is spam.")
        leads = actor.may(rights.LEAD) or seat.member_type == MemberType.LEADER  # type: ignore[union-attr]
        act(form, thread, actor, leads, change.now, teams)
        if actor.uuid in thread.seats:
            thread.watching = ()
        if thread.rows and form.note:
            thread.append(note(form.note, actor, self.formatted))

    def state(self, change: Change) -> dict:
        return state(change.threads[self.group])


@dataclass(slots=True)
class Decline(LoneItem):
    """A member (`actor`, a uuid) does not take the conversation that is offered to them."""

    actor: str
    group: str

    def perform(self, change: Change) -> None:
        leases.begin_anew(self.actor)
        offers.decline(self.lock(change), self.actor, change.now)

    def state(self, change: Change) -> dict:
        return events.offer_ended(self.group, offers.GONE)


@dataclass(slots=True)
class ByVisitor(LoneItem):
    """What a visitor (uuid) does to a conversation of theirs."""

    asker: ClassVar[str] = "visitor"
    visitor: str
    group: str

    def visited(self, change: Change) -> Thread:
        """The conversation, locked."""
        thread = self.lock(change)
        if thread.visitor != self.visitor or is_erased(thread):
            raise not_found()
        return thread


@dataclass(slots=True)
class Rating(ByVisitor):
    """The latest reception is rated, 1 to 5."""

    score: int
    comment: str

    def perform(self, change: Change) -> None:
        receptions.rate(self.visited(change), self.score, self.comment)


@dataclass(slots=True)
class Ending(ByVisitor):
    """The reception ends."""

    def perform(self, change: Change) -> None:
        receptions.close_by_visitor(self.visited(change), change.now)


@dataclass(slots=True)
class Wish(ByVisitor):
    """A person is wanted instead of a bot."""

    def perform(self, change: Change) -> None:
        thread = self.visited(change)
        name = claims.name_of(thread, thread.visitor)
        floor.hand_over(thread, change.now, notices.BY_VISITOR, thread.visitor, name)


@dataclass(slots=True)
class Recall(LoneItem):
    """`who` (a member's or visitor's uuid) takes back their message `seq`."""

    asker: ClassVar[str] = "who"
    who: str
    group: str
    seq: int

    def perform(self, change: Change) -> None:
        recalls.recall(self.lock(change), self.who, self.seq, change.now)

    def refusal(self, code: str, detail: str, **facts: Any) -> dict:
        """Names the message: no client_id says what was refused."""
        return LoneItem.refusal(self, code, detail, **{"seq": self.seq, **facts})


@dataclass(slots=True)
class Edit(LoneItem):
    """`who` (a member's uuid) gives their message `seq` another text."""

    asker: ClassVar[str] = "who"
    who: str
    group: str
    seq: int
    content: str
    formatted: bool = field(init=False)
    """Whether the text is. It is parsed before the transaction, as in items.Draft."""

    def __post_init__(self) -> None:
        self.formatted = formatting.is_formatted(self.content)

    def perform(self, change: Change) -> None:
        edits.edit(
            self.lock(change),
            who=self.who,
            seq=self.seq,
            now=change.now,
            content=self.content,
            formatted=self.formatted,
        )


def acts(actor: Member) -> bool:
    """Whether the member acts in conversations at all."""
    return actor.may(rights.SEAT) or actor.may(rights.LEAD)


PARTINGS = ("leave", "remove")
"""What can still be done where the visitor was erased, or in quarantine."""


OF_THE_FLOOR = ("handover", "close", "transfer")
"""What a bot does while it has the floor."""
OF_BOTS = (*OF_THE_FLOOR, "tag", "untag")
"""All that a bot does."""


def refuse_to_bot(name: str, thread: Thread, bot: str) -> None:
    """Raises Refused where the bot (uuid) may not act so. One that hands over what people have
    already has what it wants."""
    if name not in OF_BOTS:
        raise Refused("forbidden", "This is for people.")
    late = name == "handover" and not thread.bot
    if name in OF_THE_FLOOR and thread.bot != bot and not late:
        raise Refused("forbidden", "It is not this bot's to answer the visitor here.")


def is_erased(thread: Thread) -> bool:
    return thread.visitor not in thread.seats


def act(
    form: ActionForm, thread: Thread, actor: Member, leads: bool, now: datetime, teams: set[int]
) -> None:
    match form.name:
        case "claim":
            claims.claim(thread, actor, leads, form.take_over, now)
        case "release":
            claims.release(thread, actor, leads, now)
        case "close":
            receptions.close(thread, actor, now, form.reason, form.summary)
        case "reopen":
            receptions.reopen(thread, actor.uuid, actor.display_name, now)
            if thread.quarantine_reason:
                quarantine.clear(thread, now)
        case "leave":
            membership.leave(thread, actor)
        case "invite":
            membership.invite(thread, actor, form.member)  # type: ignore[arg-type]
        case "remove":
            membership.remove(thread, actor, leads, form.member)  # type: ignore[arg-type]
        case "handover":
            why = notices.BY_BOT if actor.role == rights.BOT else notices.BY_MEMBER
            floor.hand_over(thread, now, why, actor.uuid, actor.display_name)
        case "tag":
            tags.add(thread, actor, form.tag)
        case "untag":
            tags.remove(thread, actor, form.tag)
        case "snooze":
            snoozes.snooze(thread, actor, form.minutes, now)
        case "wake":
            snoozes.wake(thread, actor, now)
        case "transfer" if form.member:
            membership.hand_to_member(thread, actor, leads, form.member, now)
        case "transfer":
            membership.hand_to_team(thread, actor, leads, form.team, teams, now)  # type: ignore[arg-type]


def note(text: str, actor: Member, formatted: bool) -> Row:
    """What the actor says to colleagues with it."""
    client_id = str(uuid.uuid4())
    facts = {
        "formatted": formatted,
        # As reactions.mark_program notes it of their messages.
        "bot": actor.role in rights.PROGRAMS,
        "automatic": actor.role == rights.SERVICE,
    }
    data = {name: True for name, is_so in facts.items() if is_so} or None
    return Row(NOTE, actor.uuid, actor.display_name, actor.avator, text, client_id, data)


def state(thread: Thread) -> dict:
    """The present state, for a page that asked for what is so already."""
    holder = thread.claimed_by
    facts = {
        "open": thread.open,
        "claimed_by": holder or None,
        "claimed_name": claims.name_of(thread, holder) if holder else None,
        "quarantined": thread.quarantine_reason if thread.quarantined else None,
    }
    return events.conversation(thread.uuid, thread.last_seq, facts)
