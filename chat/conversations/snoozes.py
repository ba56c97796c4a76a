"""Snoozing a conversation: it is in nobody's open view until a moment, or until the visitor writes.
Then it comes back to the top."""

from datetime import datetime, timedelta

from accounts.models import Member
from chat import clock, sweeps
from chat.ledger.threads import Thread
from chat.models import Conversation
from chat.protocol.errors import Refused
from chat.protocol.notices import Notice, by

from . import changes

BATCH = 200
"""Snoozes that one run ends."""


def snooze(thread: Thread, actor: Member, minutes: int, now: datetime) -> None:
    """Snoozes it, or changes until when."""
    if not thread.open:
        raise Refused("conflict", "It is closed; nobody sees it among the open ones.")
    until = now + timedelta(minutes=minutes)
    thread.snoozed = True
    thread.cancel_closing()
    thread.facts["snoozed_until"] = until
    thread.set_columns(snoozed_until=until)
    thread.notice(Notice.SNOOZED, until=until, **by(actor))


def wake(thread: Thread, actor: Member, now: datetime) -> None:
    if thread.end_snooze():
        move_to_top(thread, now)
        thread.notice(Notice.WOKEN, **by(actor))


def end(thread: Thread) -> None:
    """Ends the snooze because the visitor has written, with a notice that says so."""
    if thread.end_snooze():
        text = "The visitor has written; the snooze is over"
        thread.notice(Notice.BACK, text, why="visitor")


def move_to_top(thread: Thread, now: datetime) -> None:
    """Moves it to the top of inboxes."""
    thread.facts["last_activity"] = now
    thread.set_columns(last_activity=now)


def expire() -> None:
    """Ends the snoozes whose moment has come. Several processes may do so at once."""
    due = Conversation.objects.filter(snoozed_until__lte=clock.now())
    for group in list(due.values_list("uuid", flat=True)[:BATCH]):
        sweeps.run_step(bring_back, group)


def bring_back(group: str) -> None:
    """Checks again under the lock: a colleague may have snoozed it for longer."""
    with changes.begin() as change:
        thread = change.lock_one(group)
        due = Conversation.objects.filter(uuid=group, snoozed_until__lte=change.now)
        if thread is None or not due.exists():
            return
        come_back(thread, change.now)


def come_back(thread: Thread, now: datetime) -> None:
    """Ends the snooze of a locked conversation, as its time is over."""
    thread.end_snooze()
    move_to_top(thread, now)
    thread.notice(Notice.BACK)
