"""Visitors who may not write for a while, or any more: their pages and sockets are closed to them,
with a word that tells until when. The reason is for agents alone."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Member
from chat import sweeps
from chat.conversations import changes, receptions
from chat.conversations.claims import by
from chat.delivery import ledger
from chat.delivery.threads import Thread
from chat.models import Visitor

AT_ONCE = 200
"""Blocks that one beat ends."""
NONE = {"blocked": False, "blocked_until": None, "block_reason": "", "blocked_by": ""}


def block(
    visitor: Visitor,
    actor: Member,
    minutes: int | None,
    reason: str,
    threads: list[Thread],
    now: datetime,
) -> None:
    """Blocks for `minutes`, or for good with None. Who is blocked already gets this instead. Nobody
    has to answer them meanwhile."""
    until = now + timedelta(minutes=minutes) if minutes else None
    name = actor.display_name
    store(visitor, blocked=True, blocked_until=until, block_reason=reason, blocked_by=name)
    for thread in threads:
        receptions.stop_waiting(thread)
    text = f"{name} blocked the visitor: {reason}"
    ledger.append_agent_notices(threads, "blocked", text, until=until, reason=reason, **by(actor))


def unblock(visitor: Visitor, actor: Member, threads: list[Thread]) -> None:
    if visitor.blocked:
        store(visitor, **NONE)
        receptions.resume_waiting(threads)
        text = f"{actor.display_name} ended the block"
        ledger.append_agent_notices(threads, "unblocked", text, **by(actor))


def store(visitor: Visitor, **columns) -> None:
    for name, value in columns.items():
        setattr(visitor, name, value)
    visitor.save(update_fields=list(columns))


def expire() -> None:
    """Ends the blocks whose time has come; each by the one process that comes first."""
    due = Visitor.objects.filter(blocked=True, blocked_until__lte=timezone.now())
    for who in list(due.values_list("uuid", flat=True)[:AT_ONCE]):
        sweeps.take(lift, who)


def lift(who: str) -> None:
    """Under the lock it is asked again: a colleague may have blocked them for longer."""
    with changes.begin() as change:
        due = Visitor.objects.filter(uuid=who, blocked=True, blocked_until__lte=change.now)
        visitor = due.select_for_update().first()
        if visitor is None:
            return
        threads = change.lock_all_of(visitor)
        store(visitor, **NONE)
        receptions.resume_waiting(threads)
        ledger.append_agent_notices(threads, "block_over", "The block is over")
