"""The claim: which member looks after a conversation, one at a time.

The other members see it and may answer nevertheless. A holder who is away or offline for too long
loses it where a visitor waits; of who was answered they go on looking after.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import Member
from chat import clock, sweeps
from chat.ledger.threads import Thread
from chat.models import Conversation, GroupMember, Origin, theirs
from chat.presence import leases
from chat.protocol.errors import Refused
from chat.protocol.notices import Facts, Notice, about, by

from . import changes, floor, offers

log = logging.getLogger("kefu.claims")

AWAY = timedelta(seconds=120)
"""A holder who was not connected for so long loses a claim: longer than a reload, a change of
network or the restart of a computer's browser, and no visitor waits more than these two minutes
for somebody who is not there. Presence itself is right within 60 s (leases.LEASE). It has to be
shorter than leases.EXPIRED_KEPT, or leases.connected_since refuses to answer and no claim is
freed."""
RENEWED = 20
"""Seconds in which all leases are renewed once the database answers again: upkeep.RENEWAL, and a
tick."""
OFFLINE = timedelta(seconds=60)
"""Who chose to be offline for so long gives claims up; before it they may change their mind. What
they claim or are handed while they are offline stays with them for as long."""


def claim(thread: Thread, actor: Member, leads: bool, take_over: bool, now: datetime) -> None:
    """Gives the claim to `actor`, who has a seat. Refuses with `claimed` where another member holds
    it. Members who lead may take it over, but have to say so: of two who claim at once one must
    be refused."""
    if actor.uuid not in thread.seats:
        raise Refused("forbidden", "Take a seat first: invite yourself.")
    if not thread.open:
        raise Refused("conflict", "It is closed. Reopen it first.")
    holder = thread.claimed_by
    if holder == actor.uuid:
        return
    if not holder:
        return give(thread, actor.uuid, actor.display_name, now)
    if take_over and leads:
        former = name_of(thread, holder)
        facts: Facts = {**about(actor), "from": holder, "from_name": former}
        thread.notice(Notice.TAKEN_OVER, **facts)
    else:
        raise refusal(thread)
    set_holder(thread, actor.uuid, actor.display_name, now)


def assign(
    thread: Thread, member: Member, reason: str, taken: int, limit: int, now: datetime
) -> None:
    """Claims a conversation that nobody holds for a member who has a seat, by routing."""
    thread.notice(Notice.CLAIMED, **about(member))
    offers.append_assigned(thread, member.uuid, member.display_name, reason, taken, limit)
    set_holder(thread, member.uuid, member.display_name, now)


def lock_member(who: str) -> None:
    """Locks the row of a member (uuid) who is about to get a claim, so that routing does not give
    them one more by what they held before. Before conversations, as routing does."""
    list(Member.objects.select_for_update().filter(uuid=who).values_list("pk"))


def give(thread: Thread, who: str, name: str, now: datetime) -> None:
    """Gives the claim, which nobody holds, to a member who has a seat."""
    thread.notice(Notice.CLAIMED, member=who, name=name)
    offers.append_reason(thread, who, name)
    set_holder(thread, who, name, now)


def release(thread: Thread, actor: Member, leads: bool, now: datetime) -> None:
    """Frees the claim: their own, or that of anybody where the actor leads. Routing gives it to the
    others before it gives it back to the holder."""
    holder = thread.claimed_by
    if not holder:
        return
    if holder == actor.uuid:
        thread.notice(Notice.RELEASED, **about(actor))
    elif leads:
        thread.notice(Notice.FREED, member=holder, name=name_of(thread, holder), **by(actor))
    else:
        raise refusal(thread)
    if thread.waiting:
        offers.step_back(thread, holder, now)
    clear_holder(thread)


def refusal(thread: Thread) -> Refused:
    """The refusal that says who holds the claim."""
    name = name_of(thread, thread.claimed_by)
    facts = {"claimed_by": thread.claimed_by, "claimed_name": name, "group": thread.uuid}
    return Refused("claimed", f"{name} holds the claim.", **facts)


def name_of(thread: Thread, who: str) -> str:
    """The name under which somebody with a seat is shown; empty where there is none."""
    shown = GroupMember.objects.filter(theirs(thread.ent_id), group_id=thread.uuid, member_id=who)
    return shown.values_list("member_name", flat=True).first() or ""


def set_holder(thread: Thread, who: str, name: str, now: datetime) -> None:
    """Stores who has the claim. A bot has not the floor any more; what it has not answered waits
    for the holder."""
    floor.pass_on(thread, None)
    thread.claimed_by, thread.former_holder = who, ""
    thread.facts |= {"claimed_by": who, "claimed_name": name}
    thread.set_columns(claimed_by=who, claimed_at=now)


def clear_holder(thread: Thread) -> bool:
    """Frees the claim; False if nobody held it."""
    if not thread.claimed_by:
        return False
    thread.former_holder, thread.claimed_by = thread.claimed_by, ""
    thread.facts |= {"claimed_by": None, "claimed_name": None}
    thread.set_columns(claimed_by="", claimed_at=None)
    return True


class Looks:
    """When `expire` looked: after a pause of the looks, as while the database was gone, the leases
    of those who never went may be over, too."""

    def __init__(self):
        self.last = self.began = time.monotonic()

    def tell_who_is_here(self) -> bool:
        """Whether everybody has had the time to renew their lease. A pause right after another one
        counts for nothing: where looks are always late, claims are freed nevertheless."""
        now = time.monotonic()
        if now - self.last > leases.LEASE.total_seconds() and self.began != self.last:
            self.began = now
        self.last = now
        return now - self.began > RENEWED


def expire(looks: Looks | None = None) -> None:
    """Frees the claims of members who are away. Several processes may do so at once. The demo's
    claims stay: nobody signs in as all of its agents."""
    moment = clock.now() - AWAY
    old = may_lapse(moment).exclude(origin=Origin.DEMO)
    held_by = dict(old.values_list("uuid", "claimed_by"))
    if looks and not looks.tell_who_is_here():
        return
    here = leases.connected_since(set(held_by.values()), moment)
    for group, holder in held_by.items():
        if holder not in here:
            sweeps.run_step(free_if_away, group, holder)


def give_up() -> None:
    """Frees the claims of members who have chosen to be offline. Several processes may do so at
    once."""
    moment = clock.now() - OFFLINE
    held = may_lapse(moment).filter(claimed_by__in=gone_offline(moment).values("uuid"))
    for group, holder in list(held.values_list("uuid", "claimed_by")):
        sweeps.run_step(free_if_offline, group, holder)


def may_lapse(moment: datetime) -> QuerySet[Conversation]:
    """The conversations that somebody holds since `moment` or longer, in which a visitor waits."""
    return Conversation.objects.filter(
        claimed_by__gt="", claimed_at__lte=moment, waiting_since__isnull=False, open=True
    )


def gone_offline(moment: datetime) -> QuerySet[Member]:
    """The members who are offline by choice since `moment` or longer."""
    offline = Member.OnlineStatus.OFFLINE
    return Member.objects.filter(online_status=offline, offline_since__lte=moment).order_by()


def free_if_offline(group: str, holder: str) -> None:
    with changes.begin() as change:
        moment = change.now - OFFLINE
        thread = lock_lapsing(change, group, holder, moment)
        if thread is None or not gone_offline(moment).filter(uuid=holder).exists():
            return
        name = name_of(thread, holder)
        text = f"{name} is offline; the claim is free"
        thread.notice(Notice.EXPIRED, text, member=holder, name=name, why="offline")
        clear_holder(thread)
    log.info("a claim was freed, its holder is offline and the visitor waits")


def free_if_away(group: str, holder: str) -> None:
    with changes.begin() as change:
        moment = change.now - AWAY
        thread = lock_lapsing(change, group, holder, moment)
        if thread is None or leases.connected_since({holder}, moment):
            return
        thread.notice(Notice.EXPIRED, member=holder, name=name_of(thread, holder))
        clear_holder(thread)
    log.info("a claim was freed, its holder is away and the visitor waits")


def lock_lapsing(
    change: changes.Change, group: str, holder: str, moment: datetime
) -> Thread | None:
    """The conversation, locked, if the claim may lapse still: the visitor may have been answered,
    the claim be another one, or another process have been first."""
    thread = change.lock_one(group)
    if thread is None or thread.claimed_by != holder or not thread.waiting:
        return None
    return thread if may_lapse(moment).filter(pk=thread.id).exists() else None
