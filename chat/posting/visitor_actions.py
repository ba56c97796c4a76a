"""What agents do about a visitor: who may, and what is locked for it. It concerns all conversations
of that visitor, so each of them gets the notice.

The visitor's row is locked first, so that no conversation of theirs begins meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts import rights
from accounts.audit import Origin
from accounts.models import Member
from chat.care import blocks, codes, erasure, legal_holds, quarantine
from chat.conversations import seating
from chat.conversations.changes import Change
from chat.customers import attributes
from chat.ledger import access
from chat.ledger.threads import Thread
from chat.models import ContactBy, LegalHold, Visitor
from chat.protocol import contacts
from chat.protocol.errors import Refused
from chat.protocol.forms import ActionForm, DeclineForm
from chat.protocol.notices import Notice, by

from .actions import Action, Decline, state
from .items import LoneItem, not_found


@dataclass(slots=True)
class VisitorAction(LoneItem):
    """`actor` is a member's uuid, `group` the conversation from which they do it; "" where who may
    read all does it to a visitor (`visitor`, a uuid) who has none."""

    name: str
    actor: str
    group: str
    label: str | None = None
    contact: str | None = None
    """The name and the contact that an edit gives; None leaves one as it is."""
    attributes: object = None
    """Values by key that an edit gives (customers/attributes.py); None leaves all as they are."""
    minutes: int | None = None
    reason: str = ""
    whole: bool = False
    """Whether a legal hold keeps everything of the visitor, not this conversation alone."""
    hold: int = 0
    """The id of the legal hold that is lifted."""
    address: str = ""
    """The IP address from which the actor does it, for the audit."""
    visitor: str = ""

    def perform(self, change: Change) -> None:
        actor, visitor = lock_visitor(self)
        threads = change.lock_all_of(visitor)
        if self.group:
            watch(change.threads.get(self.group), actor)
        elif not actor.may(rights.LEAD):
            raise Refused("forbidden", "Only managers act on a visitor without a conversation.")
        act(self, actor, visitor, threads, change)

    def state(self, change: Change) -> dict | None:
        return state(change.threads[self.group]) if self.group else None


VERDICTS = "spam", "not_spam"
HOLDS = "hold", "lift"


def asked(form: ActionForm | DeclineForm, actor: str) -> Action | Decline | VisitorAction:
    """What a conversation's frame or form asks for."""
    if isinstance(form, DeclineForm):
        return Decline(actor, form.group)
    if form.name in VERDICTS:
        if form.note:
            raise Refused("bad_field", "note does not go with this.")
        return VisitorAction(form.name, actor, form.group)
    return Action(form, actor)


def lock_visitor(action: VisitorAction) -> tuple[Member, Visitor]:
    """The acting member and the visitor, whose row is locked. Refuses where the member may not see
    the conversation, or the visitor."""
    actor = Member.objects.filter(uuid=action.actor).first()
    if actor is None or not actor.is_active:
        raise not_found()
    who: Visitor | None = None
    if not action.group:
        who = access.visitor_for(actor, action.visitor)
    elif seen := access.conversation_for(actor, action.group):
        who = seen.visitor
    locked = who and Visitor.objects.select_for_update().filter(pk=who.pk).first()
    if locked is None:
        raise not_found()
    return actor, locked


def watch(thread: Thread | None, actor: Member) -> None:
    """Has a manager without a seat told of what they did. The conversation may be gone meanwhile,
    where it was merged with another."""
    if thread is None:
        raise not_found()
    if actor.uuid in thread.seats:
        return
    if not actor.may(rights.LEAD):
        raise access.refusal(actor.uuid, thread.ent_id)
    thread.watching = (actor.uuid,)


def act(
    action: VisitorAction,
    actor: Member,
    visitor: Visitor,
    threads: list[Thread],
    change: Change,
) -> None:
    now = change.now
    if actor.role == rights.BOT and action.name != "edit":
        raise Refused("forbidden", "This is for people.")
    if action.name == "erase":
        if not actor.may(rights.LEAD):
            raise Refused("forbidden", "Only managers erase a visitor.")
        return erasure.by_member(visitor, actor, threads, now, action.address)
    if action.name in HOLDS and not actor.may(rights.LEAD):
        raise Refused("forbidden", "Only managers place and lift legal holds.")
    if visitor.is_erased:
        why = "The visitor was erased; nothing is left to be done about them."
        raise Refused("conflict", why, state="erased")
    match action.name:
        case "edit":
            edit(action, actor, visitor, threads, change)
        case "code":
            codes.send(visitor, actor, change.threads[action.group])
        case "block":
            blocks.block(visitor, actor, action.minutes, action.reason, threads, now)
        case "unblock":
            blocks.unblock(visitor, actor, threads, now)
        case "spam":
            quarantine.as_spam(visitor, actor, threads, now)
        case "not_spam":
            quarantine.as_no_spam(visitor, actor, threads, now)
        case "hold":
            group = "" if action.whole else action.group
            origin = origin_of(action, actor)
            legal_holds.place(visitor, group, actor, action.reason, threads, origin)
        case "lift":
            legal_holds.lift(visitor, action.hold, actor, threads, origin_of(action, actor))


def is_unseen(contact: str, actor: Member, visitor: Visitor) -> bool:
    """Whether the contact in a form is only what stands there for one that the actor cannot
    see."""
    return not actor.sees_contacts and contact in ("", contacts.mask(visitor.contact))


def origin_of(action: VisitorAction, actor: Member) -> Origin:
    return Origin(actor.uuid, actor.name, "conversation-visitor", action.address)


def edit(
    action: VisitorAction, actor: Member, visitor: Visitor, threads: list[Thread], change: Change
) -> None:
    """Another name, another contact, other values of attributes."""
    former = {"name": visitor.label, "contact": visitor.contact, "attributes": visitor.attributes}
    if action.label is not None and action.label != visitor.label:
        seating.relabel(visitor, action.label, threads)
        for thread in threads:
            thread.notice(Notice.NAMED, name=visitor.label, **by(actor))
    contact = action.contact
    if (
        contact is not None
        and contact != visitor.contact
        and not is_unseen(contact, actor, visitor)
    ):
        by_whom = ContactBy.PROGRAM if actor.is_program else ContactBy.MEMBER
        visitor.give_contact(contact, by_whom)
        for thread in threads:
            thread.notice(Notice.CONTACT, **by(actor))
    if action.attributes is not None:
        given = without_unseen(action.attributes, actor, visitor)
        values = attributes.checked(attributes.known(visitor.ent_id), given)
        before = visitor.attributes
        if attributes.write(visitor, values):
            changed = [key for key in values if before.get(key) != visitor.attributes.get(key)]
            for thread in threads:
                thread.notice(Notice.ATTRIBUTES, keys=", ".join(changed), **by(actor))
    now = {"name": visitor.label, "contact": visitor.contact, "attributes": visitor.attributes}
    if former != now:
        change.visitor_changed = True
        LegalHold.objects.keep_former(visitor, change.now, **former)
    visitor.save(update_fields=["label", "contact", "contact_by"])


def without_unseen(given: object, actor: Member, visitor: Visitor) -> object:
    """Values without those that are only what stands in a form for one that the actor cannot
    see."""
    if actor.sees_contacts or not isinstance(given, Mapping):
        return given
    known = visitor.attributes
    hidden = {key: contacts.masked_value(value) for key, value in known.items()}
    return {
        key: value
        for key, value in given.items()
        if hidden.get(key) == known.get(key) or value not in (None, "", hidden[key])
    }
