"""Carries the decision out: offers, assigns, and ends offers.

Each process looks once a second and whenever something was stored that may make a decision possible
(chat/background/router.py). A look decides from what it reads without a lock. Then a transaction of
its own locks the members concerned in the order of their ids, then the conversations, reads
everything again, decides again, and does what concerns only the locked ones. So two processes never
decide twice, no member gets more than they may, and nothing is lost where a process ends.
"""

import logging
from datetime import datetime

from django.db import OperationalError
from django.db.models import F

from accounts.models import Member
from chat import clock, metrics, sweeps
from chat.conversations import changes, claims, offers, snoozes
from chat.database import COLLISIONS
from chat.ledger.threads import Thread
from chat.presence import leases
from chat.protocol import events

from . import facts, overflow
from .decision import ASSIGN, EXPIRED, End, Give, decide
from .locks import lock_members

log = logging.getLogger("kefu.routing")

BATCH = 50
"""Decisions of one transaction: it keeps the locks for some ten milliseconds."""
MAX_ROUNDS = 40
"""Transactions of one look in an enterprise: then the others have their turn."""

routed: set[str] = set()
"""The enterprises (codes) with teams that route or overflow, as this process saw at its last look.
In the others nothing asks for a look."""


def look() -> None:
    """Decides in every enterprise where a visitor waits. Several processes may do so at once."""
    with_teams, with_visitors = facts.waiting_enterprises()
    # What was routed and still is stays in it: other threads look into it meanwhile.
    routed.intersection_update(with_teams)
    routed.update(with_teams)
    for ent_id in sorted(with_visitors):
        sweeps.run_step(route, ent_id)


def route(ent_id: str) -> None:
    """Does what is due in one enterprise: what waits, then what has waited for too long, which may
    bring more agents."""
    decide_all(ent_id)
    if overflow.spill(ent_id, clock.now()):
        decide_all(ent_id)


def decide_all(ent_id: str) -> None:
    """Offers, assigns and ends offers until there is nothing to be decided."""
    for _round in range(MAX_ROUNDS):
        wanted = decide(facts.read(ent_id, clock.now()))[:BATCH]
        if not wanted:
            return
        try:
            carry_out(ent_id, wanted, clock.now())
        except OperationalError as error:
            if error.args[0] not in COLLISIONS:
                raise
            metrics.RETRIES.labels("deadlock").inc()
        except Exception:
            # One that cannot be carried out must not stop the others. What is left comes next time.
            for one in wanted:
                sweeps.run_step(carry_out_one, one.case.group, ent_id, one)
            return


def carry_out_one(_group: str, ent_id: str, one: End | Give) -> None:
    carry_out(ent_id, [one], clock.now())


def carry_out(ent_id: str, wanted: list[End | Give], now: datetime) -> None:
    """One transaction: does what is still so of `wanted`, once all of it is locked."""
    with changes.begin(now) as change:
        people = {one.who for one in wanted}
        members = lock_members(ent_id, people)
        threads = change.lock(one.case.group for one in wanted)
        for one in decide(facts.read(ent_id, now)):
            thread = threads.get(one.case.group)
            if one.who not in people:
                continue
            if thread is None:
                if isinstance(one, End):
                    # It still counts against their limit.
                    people.discard(one.who)
            elif isinstance(one, End):
                end(thread, one, members.get(one.who))
            else:
                give(thread, one, members[one.who], now)


def end(thread: Thread, over: End, member: Member | None) -> None:
    """Ends an open offer. Who lets the third expire in a row counts as away, and is told."""
    if over.why != EXPIRED:
        return offers.end(thread, over.why)
    case, asked = over.case, over.round
    offers.note_asked(thread, case.since, asked.asked, asked.ended_at, asked.last)
    offers.end(thread, over.why)
    if member is None:
        return
    member.missed_offers += 1
    Member.objects.filter(pk=member.pk).update(missed_offers=F("missed_offers") + 1)
    if member.missed_offers == leases.MAX_MISSED:
        thread.tell([member.uuid], events.offers_paused(member.missed_offers))
        log.info("an agent missed %d offers and counts as away", member.missed_offers)


def give(thread: Thread, wish: Give, member: Member, now: datetime) -> None:
    """Offers or assigns a conversation."""
    case, asked = wish.case, wish.round
    load = {"taken": wish.taken, "limit": wish.limit}
    offers.note_asked(thread, case.since, asked.asked, asked.ended_at, asked.last, **load)
    if thread.snoozed:  # Its time is over: an offer would end with a snooze that still stands.
        snoozes.come_back(thread, now)
    if case.mode == ASSIGN:
        claims.assign(thread, member, wish.reason, now=now, **load)
        Member.objects.filter(pk=member.pk).update(given_at=now)
    else:
        offers.make(thread, member.uuid, case.offer_seconds, now, wish.reason, **load)
