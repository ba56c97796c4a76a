"""Legal holds: what they keep is not deleted, whoever wants it and however old it is.

Whoever deletes asks under the lock of the visitor's row or of the conversation. Both are locked
while a hold is placed, so a deletion either came before it or finds it.
"""

from accounts import audit
from accounts.audit import Origin
from accounts.models import Member
from chat.ledger.threads import Thread
from chat.models import Conversation, LegalHold, Visitor
from chat.models import Origin as Source
from chat.protocol.errors import Refused
from chat.protocol.notices import Notice, by


def place(
    visitor: Visitor, group: str, actor: Member, reason: str, threads: list[Thread], origin: Origin
) -> None:
    """Keeps the conversation `group`, or with "" everything of the visitor, whose row and
    conversations (`threads`) are locked."""
    if Conversation.objects.whole().filter(visitor=visitor, origin=Source.DEMO).exists():
        why = "The demo's visitors are invented; nothing of them is kept."
        raise Refused("conflict", why, state="demo")
    hold = LegalHold.objects.create(
        ent_id=visitor.ent_id,
        visitor=visitor,
        group_id=group,
        reason=reason,
        placed_by=actor.uuid,
        placed_by_name=actor.display_name,
    )
    tell(hold, Notice.LEGAL_HOLD, threads, actor)
    note(audit.Action.ADDED, hold, origin)


def lift(visitor: Visitor, number: int, actor: Member, threads: list[Thread], origin: Origin):
    """Ends the hold with this id; does nothing where it has ended."""
    hold = LegalHold.objects.of(visitor.uuid, visitor.ent_id).filter(pk=number).first()
    if hold is None:
        return
    tell(hold, Notice.LEGAL_HOLD_OVER, threads, actor)
    note(audit.Action.DELETED, hold, origin)
    hold.delete()


def tell(hold: LegalHold, notice: Notice, threads: list[Thread], actor: Member) -> None:
    """Appends a notice to the conversations that the hold keeps."""
    for thread in threads:
        if hold.group_id in ("", thread.uuid):
            thread.notice(notice, reason=hold.reason, **by(actor))


def note(action: str, hold: LegalHold, origin: Origin) -> None:
    about = {"kind": "legalhold", "object_id": str(hold.pk), "visitor": hold.visitor_id}
    values = {"visitor": hold.visitor_id, "group_id": hold.group_id, "reason": hold.reason}
    side = "after" if action == audit.Action.ADDED else "before"
    audit.note(action, audit.chain_of(hold.ent_id), origin, details={side: values}, **about)


def refuse(visitor: Visitor) -> None:
    """Refuses with conflict, which names the hold, where anything of the visitor is kept by one."""
    hold = LegalHold.objects.of(visitor.uuid, visitor.ent_id).order_by("pk").first()
    if hold is not None:
        what = "this conversation" if hold.group_id else "the visitor"
        raise Refused(
            "conflict",
            f"A legal hold by {hold.placed_by_name} keeps {what}: {hold.reason}",
            legal_hold={"by_name": hold.placed_by_name, "reason": hold.reason},
        )


def move(loose: Visitor, known: Visitor, facts: dict, merged: dict[str, str]) -> None:
    """All of `loose`, whose row goes, is now that of `known`, and so are the holds on it. `facts`
    are what was known of `loose`: a hold on everything of theirs keeps them. `merged` tells which
    conversation each of theirs became a part of."""
    for hold in LegalHold.objects.of(loose.uuid, loose.ent_id):
        hold.visitor = known
        hold.group_id = merged.get(hold.group_id, hold.group_id)
        hold.kept += [] if hold.group_id else [facts]
        hold.save(update_fields=["visitor", "group_id", "kept"])
