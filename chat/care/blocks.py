"""Blocks: visitors who may not write for a while, or for good. Their pages and sockets are closed,
and they are told until when. Only agents see the reason."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Member
from chat import sweeps
from chat.conversations import changes, receptions, waits
from chat.ledger.threads import Thread
from chat.models import Visitor
from chat.protocol.notices import Notice, by

BATCH = 200
"""Blocks that one run ends."""
NONE = {"blocked": False, "blocked_until": None, "block_reason": "", "blocked_by": ""}


def block(
    visitor: Visitor,
    actor: Member,
    minutes: int | None,
    reason: str,
    threads: list[Thread],
    now: datetime,
) -> None:
    """Blocks for `minutes`, or with None for good. Replaces an earlier block. They do not wait for
    an answer meanwhile."""
    until = now + timedelta(minutes=minutes) if minutes else None
    name = actor.display_name
    store(visitor, blocked=True, blocked_until=until, block_reason=reason, blocked_by=name)
    for thread in threads:
        waits.stop_waiting(thread)
        thread.notice(Notice.BLOCKED, until=until, reason=reason, **by(actor))


def unblock(visitor: Visitor, actor: Member, threads: list[Thread], now: datetime) -> None:
    if visitor.blocked:
        store(visitor, **NONE)
        receptions.resume_waiting(threads, now)
        for thread in threads:
            thread.notice(Notice.UNBLOCKED, **by(actor))


def store(visitor: Visitor, **columns) -> None:
    for name, value in columns.items():
        setattr(visitor, name, value)
    visitor.save(update_fields=list(columns))


def expire() -> None:
    """Ends the blocks whose time has come. Several processes may do so at once."""
    due = Visitor.objects.filter(blocked=True, blocked_until__lte=timezone.now())
    for who in list(due.values_list("uuid", flat=True)[:BATCH]):
        sweeps.run_step(lift, who)


def lift(who: str) -> None:
    """Checks again under the lock: a colleague may have blocked them for longer."""
    with changes.begin() as change:
        due = Visitor.objects.filter(uuid=who, blocked=True, blocked_until__lte=change.now)
        visitor = due.select_for_update().first()
        if visitor is None:
            return
        threads = change.lock_all_of(visitor)
        store(visitor, **NONE)
        receptions.resume_waiting(threads, change.now)
        for thread in threads:
            thread.notice(Notice.BLOCK_OVER)
