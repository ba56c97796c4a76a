"""A thread of mails that an agent begins: its reader becomes a visitor of their own, as whoever
writes a first mail."""

import uuid
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils.translation import override

from accounts import rights
from accounts.models import Enterprise, Member
from chat.channels.senders import SPACE
from chat.conversations import claims
from chat.conversations.changes import Change
from chat.conversations.openings import Opening
from chat.ledger.threads import Row
from chat.models import Channel, ChannelContact, ContactBy, Visitor, theirs
from chat.posting import batches, beginnings
from chat.posting.actions import acts
from chat.posting.items import Draft, LoneItem
from chat.posting.messages import Batch
from chat.protocol import channels, fields
from chat.protocol.errors import Refused
from chat.protocol.forms import SendForm
from chat.visitors import cookies, identities
from chat.visitors.identities import Person

from . import automatic, sending

MOST = 125
"""Characters of an address, as in a visitor's contact."""


def boxes_of(member: Member) -> QuerySet[Channel]:
    """The mailboxes from which the member may begin a thread: those of their teams, or of all teams
    for who leads."""
    code = member.enterprise.code if member.enterprise else ""
    found = Channel.objects.filter(theirs(code), kind=channels.MAIL, active=True)
    if member.may(rights.LEAD):
        return found
    teams = [place.team_id for place in member.own_places] if acts(member) else []
    return found.filter(team_id__in=teams)


def start(
    actor: Member, channel: Channel, address: str, subject: str, text: str, client_id: str = ""
) -> str:
    """Has `actor` write a first mail; returns its conversation, which is theirs. Without a subject
    it has that of the mailbox. A retry under the same `client_id` (uuid) is harmless.

    Refuses with bad_field or too_long wrong fields, with forbidden who may not write there, with
    not_found a channel of another enterprise, with conflict one that is off.
    """
    if not acts(actor) or actor.is_program:
        raise Refused("forbidden", "This is for people who serve visitors.")
    if channel.ent_id != actor.enterprise.code or channel.kind != channels.MAIL:  # type: ignore[union-attr]
        raise Refused("not_found", "There is no such mailbox.")
    if not channel.active:
        raise Refused("conflict", "The mailbox is switched off.")
    to = checked_address(channel, address)
    own = channel.settings.get("subject", "")
    line = sending.bare_subject(subject) or sending.bare_subject(own)
    if not line:
        raise Refused("bad_field", "A mail has a subject.", field="subject")
    client = fields.uuid({"client_id": client_id or str(uuid.uuid4())}, "client_id")
    form = SendForm(client, fields.content(text, "text"), None, note=False, seen=None)
    item = Started(actor, channel, to, line, Draft.of_member(form, actor, None))
    batches.do(item)
    return item.group


def checked_address(channel: Channel, text: str) -> str:
    found = text.strip().lower()
    try:
        validate_email(found)
    except ValidationError:
        found = ""
    if not found.isascii() or len(found) > MOST or found in {"", *automatic.own(channel)}:
        raise Refused("bad_field", "address is one address, and none of ours.", field="address")
    return found


@dataclass(slots=True)
class Started(LoneItem):
    """The first message of a thread, to an address."""

    actor: Member
    channel: Channel
    address: str
    subject: str
    draft: Draft
    group: str = field(default="", init=False)

    def perform(self, change: Change) -> None:
        draft = self.draft
        claims.lock_member(self.actor.uuid)
        draft.opening, draft.group = self.opening(), None
        batch = Batch(change, [draft], look_up=True)
        thread, is_retry = batch.threads.get(draft.group), draft.key in batch.stored
        if thread and not is_retry:
            beginnings.make_ready(thread, self.actor, change.now)
            ChannelContact.objects.create(
                ent_id=thread.ent_id,
                channel=self.channel,
                their_id=self.their_id,
                visitor_id=thread.visitor,
                conversation_id=thread.uuid,
                data={"from": self.address, "subject": self.subject},
            )
        row = batch.put(draft)
        if not isinstance(row, Row):
            raise Refused.from_event(row)  # type: ignore[arg-type]  # without `seen` never stale
        if not is_retry:
            row.data = {**(row.data or {}), "mail": {"subject": self.subject}}
        self.group = draft.group  # type: ignore[assignment]

    @property
    def their_id(self) -> str:
        """Of the thread; nobody else's mail begins one under it."""
        return f"s{self.draft.client_id}:{self.actor.uuid}"

    def opening(self) -> Opening:
        """For the visitor who reads it: a row of their own, made here, as a signed identity in an
        Opening would be its sender's."""
        channel = self.channel
        enterprise = Enterprise.objects.get(code=channel.ent_id)
        who = str(uuid.uuid5(SPACE, f"{channel.key}:{self.their_id}"))
        with override(enterprise.text_language):
            label = cookies.default_name(who)
        person = Person(f"{channel.kind}:{channel.key}:{self.their_id}", label)
        seen = identities.visitor_columns(enterprise, person)
        seen["identity"]["by"] = ContactBy.CHANNEL
        visitor, _new = Visitor.objects.get_or_create(
            uuid=who,
            ent_id=channel.ent_id,
            defaults={
                "secret_hash": identities.NO_SECRET_HASH,
                "label": label,
                "language": enterprise.text_language,
                "contact": self.address,
                "contact_by": ContactBy.MEMBER,
                **seen,
            },
        )
        opening = beginnings.opening_of(visitor, channel.team_id)
        opening.channel, opening.for_people = channel.kind, True
        return opening
