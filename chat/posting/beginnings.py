"""Conversations that an enterprise begins with a visitor: by a program, or by a member, who gets
the claim.

The message goes where the visitor meets it on the team's page: to the conversation that is there,
opened again where it was closed, else to a new one. One who writes by a channel has one
conversation, whichever team is named. A program's message leaves everything as it is:
nobody waits because of it. A member's is like every other answer of theirs.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from accounts import rights
from accounts.models import Member, Team
from chat.conversations import claims, membership, outgoing, receptions
from chat.conversations.changes import Change
from chat.conversations.openings import Opening
from chat.ledger import access
from chat.ledger.threads import MESSAGE, NOTE, Row, Thread
from chat.models import GroupMessage, Visitor, theirs
from chat.protocol import checks, contacts, fields
from chat.protocol.errors import Refused
from chat.protocol.forms import SendForm
from chat.visitors import cookies

from . import batches
from .actions import acts
from .items import Draft, LoneItem
from .messages import Batch


class Begun(NamedTuple):
    """The conversation (uuid) that has the message, and whether the message has opened it."""

    group: str
    is_new: bool


@dataclass(slots=True)
class Beginning(LoneItem):
    """A member or a service account writes to a visitor (uuid) for a team."""

    actor: Member
    visitor: str
    team: Team
    draft: Draft
    group: str = field(default="", init=False)
    begun: Begun = field(init=False)

    def refusal(self, code: str, detail: str, **facts: Any) -> dict:
        return self.draft.refusal(code, detail, **facts)

    def perform(self, change: Change) -> None:
        """A retry leaves all as it is, also where the conversation was closed since."""
        draft = self.draft
        visitor = lock_visitor(self.visitor, self.team.enterprise.code)
        if not draft.service:
            claims.lock_member(self.actor.uuid)
        team = self.team.pk
        if contacts.is_of_channel(visitor.identity):
            team = outgoing.team_of(visitor, change.now)
        draft.opening, draft.group = opening_of(visitor, team), None
        batch = Batch(change, [draft], look_up=True)
        thread, is_retry = batch.threads.get(draft.group), draft.key in batch.stored
        if thread and not is_retry:
            refuse_kept_out(visitor, thread)
            make_ready(thread, self.actor, change.now)
        row = batch.put(draft)
        if not isinstance(row, Row):
            raise Refused.from_event(row)  # type: ignore[arg-type]  # without `seen` never stale
        if draft.service and not is_retry:
            # For mails, which bring the visitor no other message of a program alone.
            row.data = {**(row.data or {}), "begins": True}
        is_new = is_first(row, thread) if is_retry else bool(change.new)  # type: ignore[arg-type]
        self.begun = Begun(draft.group, is_new)  # type: ignore[arg-type]


def begin(actor: Member, given: Mapping[str, Any]) -> Begun:
    """Has `actor` write to a visitor whom they may see. `given` has `visitor` (uuid) and `content`,
    and may have `team` (a slug; otherwise the default team) and `client_id` (uuid), under which a
    retry is harmless.

    Refuses with bad_field or too_long wrong fields; with forbidden who may not write there; with
    not_found a visitor of another enterprise or one who was erased; with conflict one who is
    blocked or in quarantine, and a client_id that was used for another message.
    """
    item = checked(actor, given)
    batches.do(item)
    return item.begun


def checked(actor: Member, given: Mapping[str, Any]) -> Beginning:
    if actor.role == rights.BOT or actor.enterprise is None or not acts(actor):
        raise Refused("forbidden", "This is for people who serve visitors, and service accounts.")
    frame = {name: given.get(name) for name in ("visitor", "team", "content", "client_id")}
    visitor, text = fields.uuid(frame, "visitor"), checks.message_text(frame, with_file=False)
    client_id = fields.uuid(frame, "client_id") if frame["client_id"] else str(uuid.uuid4())
    team = cookies.find_team(actor.enterprise, frame["team"])
    if team is None:
        raise Refused("bad_field", "There is no such team.", field="team")
    form = SendForm(client_id, text, None, note=False, seen=None)
    draft = Draft.of_member(form, actor, None)
    draft.service = actor.role == rights.SERVICE
    return Beginning(actor, visitor, team, draft)


def lock_visitor(who: str, ent_id: str) -> Visitor:
    """The visitor's row, locked: a sign-in, an erasure or a block comes before all this, or after
    it."""
    found = Visitor.objects.select_for_update().filter(theirs(ent_id), uuid=who).first()
    if found is None or found.is_erased:
        raise Refused("not_found", "There is no such visitor.")
    return found


def opening_of(visitor: Visitor, team: int) -> Opening:
    known = visitor.uuid, visitor.secret_hash, visitor.label, visitor.language
    return Opening(visitor.ent_id, team, *known)


def refuse_kept_out(visitor: Visitor, thread: Thread) -> None:
    if visitor.is_blocked:
        raise Refused("conflict", "The visitor is blocked.", state="blocked")
    if thread.quarantine_reason:
        raise Refused("conflict", "It is in quarantine, or was closed in it.", state="quarantined")


def make_ready(thread: Thread, actor: Member, now: datetime) -> None:
    """Opens the conversation where it is closed. A member takes a seat where they lead and have
    none, and the claim if nobody holds it."""
    is_person = not actor.is_program
    if is_person and actor.uuid not in thread.seats:
        if not actor.may(rights.LEAD):
            raise access.refusal(actor.uuid, thread.ent_id)
        membership.invite(thread, actor, actor.uuid)
    receptions.reopen(thread, actor.uuid, actor.display_name, now)
    if is_person and not thread.claimed_by:
        claims.give(thread, actor.uuid, actor.display_name, now)


def is_first(row: Row, thread: Thread) -> bool:
    """Whether nobody wrote here before this row."""
    before = GroupMessage.objects.of(thread).before(row.seq)
    return not before.filter(message_type__in=(MESSAGE, NOTE)).exists()
