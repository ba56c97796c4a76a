"""First messages that look like spam (spam.py): stored and acknowledged like all others, but in no
view except one of their own, where an agent says what they are. Nobody is alerted, nobody waits.

A conversation is held while `held_since` is set. `held_for`, the reason, stays when it is closed,
so that it is held again should its visitor come back; it goes once an agent has said that it is
none, or its visitor has signed in on the enterprise's site. Who is held with one team is held with
all, and what is said of one is said of all of them.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Enterprise, Member
from chat import sweeps
from chat.conversations import changes, receptions
from chat.delivery import ledger
from chat.delivery.threads import Thread
from chat.models import Conversation, GroupMessage, Visitor
from chat.protocol.errors import Refused

from . import blocks

AGE = timedelta(days=7)
"""What nobody has looked at for so long is closed, so that the view does not fill for ever."""
AT_ONCE = 100
"""Conversations that one look closes."""


def as_spam(visitor: Visitor, actor: Member, threads: list[Thread], now: datetime) -> None:
    """Closes what is held of a visitor and blocks them for good."""
    held = [thread for thread in threads if thread.quarantined]
    if not held and not visitor.is_blocked:
        raise Refused("conflict", "It is not held.")
    with translation.override(actor.language or settings.LANGUAGE_CODE):
        reason = _("Spam")
    for thread in held:
        receptions.close(thread, actor, now, reason)
    if held:
        blocks.block(visitor, actor, None, reason, threads, now)


def as_no_spam(visitor: Visitor, actor: Member, threads: list[Thread], now: datetime) -> None:
    """They wait like everybody from now on; one whom a colleague took for spam comes back."""
    marked = [thread for thread in threads if thread.quarantine_reason]
    if any(not thread.quarantined for thread in marked):
        blocks.unblock(visitor, actor, threads)
    for thread in marked:
        receptions.reopen(thread, actor.uuid, actor.display_name, now)
        clear(thread, now, actor.uuid, actor.display_name)


def clear(thread: Thread, now: datetime, who: str = "", name: str = "") -> None:
    """Makes it an ordinary conversation: unread, and if it is open waiting since its visitor wrote;
    one who is blocked waits from the end of that. `who` has found so; nobody where the visitor
    turned out to be known on the enterprise's site."""
    row = Conversation.objects.select_related("visitor").get(pk=thread.id)
    thread.clear()
    if thread.open and not row.visitor.is_blocked:
        thread.waiting = True
        thread.facts["waiting_since"] = row.held_since or now
    for seat in thread.seats.values():
        unread = ledger.count_unread(thread, seat)
        seat.added += unread - seat.unread
        seat.unread = unread
    if who:
        text = f"{name} found that it is no spam"
        thread.append(ledger.agent_notice("not_spam", text, by=who, by_name=name))


def clear_by_message(thread: Thread, who: str, name: str, now: datetime) -> None:
    """An agent who answers takes it for no spam; and a question that the team itself has worded is
    none, which its visitor has pressed before anything else."""
    if who != thread.visitor:
        clear(thread, now, who, name)
    elif not has_written(thread):
        clear(thread, now)


def has_written(thread: Thread) -> bool:
    mine = GroupMessage.objects.in_group(thread.uuid).filter(sender=thread.visitor)
    return mine.exists() or any(row.sender == thread.visitor for row in thread.rows)


def expire(now: datetime | None = None) -> None:
    """Closes what was held for too long; each by the one process that comes first."""
    now = now or timezone.now()
    codes = list(Enterprise.objects.values_list("code", flat=True))
    old = Conversation.objects.filter(ent_id__in=codes, held_since__lte=now - AGE)
    for group in list(old.values_list("uuid", flat=True)[:AT_ONCE]):
        sweeps.take(close, group, now)


def close(group: str, now: datetime) -> None:
    """Under the lock it is asked again: an agent may have said what it is."""
    with changes.begin(now) as change:
        thread = change.lock_one(group)
        old = Conversation.objects.filter(uuid=group, held_since__lte=now - AGE)
        if thread is not None and old.exists():
            receptions.end(thread, now, "", "")
            thread.append(ledger.agent_notice("held_over", "Held for a week; closed by itself"))
