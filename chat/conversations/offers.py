"""Offers: an agent is asked for a while whether they take a conversation (chat/routing/ decides).

An offer is columns of the conversation's row and no timer: it outlives the process that made it.
`asked` holds, of the wait that began at `wait`: `who` was asked in this round, in their order;
when the last of these offers or claims ended (`ended_at`); who was the `last` of the round
before; and of how many conversations the agent who is asked now had taken how many (`taken`,
`limit`).
"""

from datetime import datetime, timedelta

from django.utils.dateparse import parse_datetime

from chat.ledger import access
from chat.ledger.threads import Thread
from chat.models import Conversation
from chat.protocol import events
from chat.protocol.notices import Facts, Notice

TAKEN, DECLINED, EXPIRED, GONE = "taken", "declined", "expired", "gone"
"""Why an offer is over; GONE: for another reason than the three before."""


def asked_before(
    asked: dict, wait: datetime | None
) -> tuple[tuple[str, ...], datetime | None, str]:
    """Who was asked in this round of the wait that began at `wait`, when the last of these offers
    ended, and who was the last of the round before."""
    if not wait or asked.get("wait") != wait.isoformat():
        return (), None, ""
    ended_at = asked.get("ended_at")
    return tuple(asked["who"]), ended_at and parse_datetime(ended_at), asked.get("last", "")


def note_asked(
    thread: Thread,
    wait: datetime,
    who: tuple[str, ...],
    ended_at: datetime | None,
    last: str,
    **load: int,
) -> None:
    """Notes who was asked in a wait, for `asked_before`."""
    ended = ended_at and ended_at.isoformat()
    asked = {"wait": wait.isoformat(), "who": list(who), "ended_at": ended, "last": last, **load}
    thread.set_columns(asked=asked)


def make(thread: Thread, who: str, seconds: int, now: datetime, reason: str, **load: int) -> None:
    """Offers a locked conversation to `who`, who sits there, for so many seconds. `load`: how many
    conversations they have `taken` of their `limit`."""
    until = now + timedelta(seconds=seconds)
    thread.offered_to = who
    thread.set_columns(offered_to=who, offered_until=until, offer_reason=reason)
    thread.tell([who], events.offer(thread.uuid, until, seconds, reason, **load))


def end(thread: Thread, why: str) -> None:
    """Ends the open offer, and tells the agent who had it."""
    who, thread.offered_to = thread.offered_to, ""
    thread.set_columns(offered_to="", offered_until=None, offer_reason="")
    thread.tell([who], events.offer_ended(thread.uuid, why))


def decline(thread: Thread, who: str, now: datetime) -> None:
    """Ends the offer to `who`, who sits there; the others are asked before them. Does nothing where
    it is offered to nobody, or to another."""
    if who not in thread.seats:
        raise access.refusal(who, thread.ent_id)
    if thread.offered_to != who:
        return
    step_back(thread, who, now)
    end(thread, DECLINED)


def step_back(thread: Thread, who: str, now: datetime) -> None:
    """Puts `who` behind the others who can be asked in this wait, as an offer to them or their
    claim ended."""
    found = Conversation.objects.filter(pk=thread.id)
    asked, wait = found.values_list("asked", "waiting_since").get()
    # It may begin in this transaction, as where a conversation is handed on.
    if wait := thread.facts.get("waiting_since", wait):
        before, _ended_at, last = asked_before(asked, wait)
        others = tuple(other for other in before if other != who)
        note_asked(thread, wait, (*others, who), now, last)


def append_reason(thread: Thread, who: str, name: str) -> None:
    """The notice that says why routing chose `who`, where they claim what was offered to them."""
    if thread.offered_to != who:
        return
    found = Conversation.objects.filter(pk=thread.id)
    reason, asked = found.values_list("offer_reason", "asked").get()
    append_assigned(thread, who, name, reason, asked.get("taken"), asked.get("limit"))


def append_assigned(
    thread: Thread, who: str, name: str, reason: str, taken: int | None, limit: int | None
) -> None:
    facts: Facts = {"member": who, "name": name, "reason": reason, "taken": taken, "limit": limit}
    thread.notice(Notice.ASSIGNED, **facts)


def settle(thread: Thread, now: datetime) -> None:
    """What a change means for routing, before it is written: who held the claim last, and whether
    the open offer is over. It costs nothing where there is neither."""
    if thread.former_holder:
        thread.set_columns(last_held_by=thread.former_holder, last_held_at=now)
    if not thread.offered_to:
        return
    if thread.claimed_by:
        end(thread, TAKEN)
    elif not may_be_offered(thread) or thread.offered_to not in thread.seats:
        end(thread, GONE)


def may_be_offered(thread: Thread) -> bool:
    """Whether it waits for somebody, and nothing has changed its team."""
    waits = thread.open and thread.waiting and not thread.snoozed and not thread.quarantined
    return waits and not thread.claimed_by and "team" not in thread.facts
