"""Quarantine: conversations whose first message looks like spam (visitors/spam.py).

Their messages are stored and acknowledged like all others, but appear only in a view of their own,
where an agent says whether they are spam. Nobody is alerted, and their visitors do not wait.

A conversation is in quarantine while the column `quarantined_since` is set. The reason,
`quarantined_for`, stays when it is closed, so that it is in quarantine again if its visitor comes
back. The reason is removed when an agent says that it is no spam, or when the visitor signs in on
the enterprise's site. All conversations of a visitor are treated alike.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Enterprise, Member
from chat import clock, sweeps
from chat.conversations import changes, receptions, waits
from chat.ledger import ledger
from chat.ledger.threads import Thread
from chat.models import Conversation, GroupMessage, Visitor
from chat.protocol.errors import Refused
from chat.protocol.notices import Notice

from . import blocks

AGE = timedelta(days=7)
"""Conversations that nobody has judged for so long are closed, so that the view stays short."""
BATCH = 100
"""Conversations that one run closes."""


def as_spam(visitor: Visitor, actor: Member, threads: list[Thread], now: datetime) -> None:
    """Closes the visitor's conversations that are in quarantine, and blocks the visitor for
    good."""
    quarantined = [thread for thread in threads if thread.quarantined]
    if not quarantined and not visitor.is_blocked:
        raise Refused("conflict", "It is not in quarantine.")
    with translation.override(actor.language or settings.LANGUAGE_CODE):
        reason = _("Spam")
    for thread in quarantined:
        receptions.close(thread, actor, now, reason)
    if quarantined:
        blocks.block(visitor, actor, None, reason, threads, now)


def as_no_spam(visitor: Visitor, actor: Member, threads: list[Thread], now: datetime) -> None:
    """Takes all their conversations out of quarantine; ends the block and opens them again where a
    colleague had said that they are spam."""
    marked = [thread for thread in threads if thread.quarantine_reason]
    if any(not thread.quarantined for thread in marked):
        blocks.unblock(visitor, actor, threads, now)
    for thread in marked:
        receptions.reopen(thread, actor.uuid, actor.display_name, now)
        clear(thread, now, actor.uuid, actor.display_name)


def clear(thread: Thread, now: datetime, who: str = "", name: str = "") -> None:
    """Takes it out of quarantine for good: its messages are unread, and if it is open and the
    visitor is not blocked, the visitor waits since they wrote. `who` and `name` are the agent who
    said that it is no spam; empty where the visitor turned out to be known on the enterprise's
    site."""
    row = Conversation.objects.select_related("visitor").get(pk=thread.id)
    lift(thread)
    if thread.open and not row.visitor.is_blocked:
        waits.wait(thread, row.quarantined_since or now)
    if who:
        thread.notice(Notice.NOT_SPAM, by=who, by_name=name)


def lift(thread: Thread) -> None:
    """Takes it out of quarantine for good, with its messages unread. Nobody waits for that."""
    thread.clear()
    for seat in thread.seats.values():
        unread = ledger.count_unread(thread, seat)
        seat.added += unread - seat.unread
        seat.unread = unread


def clear_by_message(thread: Thread, who: str, name: str, now: datetime) -> None:
    """Takes it out of quarantine by a message: an agent who answers says that it is no spam. A
    quick question is no spam either, as the team has worded it, if the visitor wrote nothing
    before; it is answered by itself, so they wait for nobody."""
    if who != thread.visitor:
        clear(thread, now, who, name)
    elif not has_written(thread):
        lift(thread)


def has_written(thread: Thread) -> bool:
    mine = GroupMessage.objects.of(thread).filter(sender=thread.visitor)
    return mine.exists() or any(row.sender == thread.visitor for row in thread.rows)


def expire(now: datetime | None = None) -> None:
    """Closes what was in quarantine for too long. Several processes may do so at once."""
    now = now or clock.now()
    codes = list(Enterprise.objects.values_list("code", flat=True))
    old = Conversation.objects.filter(ent_id__in=codes, quarantined_since__lte=now - AGE)
    for group in list(old.values_list("uuid", flat=True)[:BATCH]):
        sweeps.run_step(close, group, now)


def close(group: str, now: datetime) -> None:
    """Checks again under the lock: an agent may have said what it is."""
    with changes.begin(now) as change:
        thread = change.lock_one(group)
        old = Conversation.objects.filter(uuid=group, quarantined_since__lte=now - AGE)
        if thread is not None and old.exists():
            receptions.end(thread, now, "", "")
            thread.notice(Notice.QUARANTINE_OVER)
