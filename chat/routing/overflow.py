"""Overflow: what happens where a visitor has waited for too long and nobody has claimed.

After the team's minutes, in its working hours, the eligible agents of another team are seated
beside; after twice as long the leaders who sit there are told; after three times the visitor is
asked to leave a message. Each happens once in a wait, also where an earlier one could not. Then
routing has more agents to choose from (live.py).
"""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q, QuerySet

from accounts import hours
from accounts.models import Enterprise, Member, Team
from chat import sweeps
from chat.conversations import changes, seating
from chat.conversations.changes import Change
from chat.ledger.threads import Thread
from chat.models import Conversation, MemberType, any_of
from chat.protocol.notices import Notice

from . import facts
from .decision import can_take
from .locks import lock_members

log = logging.getLogger("kefu.routing")

SEATED, LEADERS_TOLD, VISITOR_TOLD = 1, 2, 4
"""What has happened in a wait: the bits of Conversation.overflow_step."""
AFTER = {SEATED: 1, LEADERS_TOLD: 2, VISITOR_TOLD: 3}
"""After how many times the team's minutes."""
BATCH = 100
"""Conversations of one team that one look helps, the longest waits."""


def spill(ent_id: str, now: datetime) -> bool:
    """Does what is due in an enterprise, and returns whether there was anything. Several processes
    may do so at once."""
    found = False
    teams = Team.objects.filter(
        enterprise__code=ent_id, enterprise__status=Enterprise.Status.OPEN, overflow__isnull=False
    )
    for team in teams.select_related("overflow", "enterprise"):
        if not hours.is_open(team, now):
            continue
        before = limits(team, now)
        if not long_waits(team, now, before).exists():
            continue
        helpers = helpers_of(team, now)
        if not helpers:
            del before[SEATED]  # Nobody can be seated, and each look would try.
        groups = list(long_waits(team, now, before).values_list("uuid", flat=True)[:BATCH])
        for group in groups:
            sweeps.run_step(help_out, group, team, helpers, before, now)
        found |= bool(groups)
    return found


STATE = ("waiting_since", "overflowed_for", "overflow_step")


def limits(team: Team, now: datetime) -> dict[int, datetime]:
    """Since when a visitor has waited for whom each step is due, by the team's working hours, as
    its targets are: who wrote at night has not waited for its agents."""
    calendar, seconds = hours.Hours.from_stored(team.hours), team.overflow_minutes * 60
    return {step: hours.ago(calendar, now, times * seconds) for step, times in AFTER.items()}


def long_waits(team: Team, now: datetime, before: dict[int, datetime]) -> QuerySet[Conversation]:
    """Where one of these steps is due: as `due` has it, for the database."""
    wanted = []
    for step, moment in before.items():
        undone = Q(overflowed_for=None) | Q(overflowed_for__lt=F("waiting_since"))
        undone |= Q(overflowed_for__gt=F("waiting_since")) | Q(**{f"done_{step}": 0})
        wanted.append(Q(undone, waiting_since__lte=moment))
    bits = {f"done_{step}": F("overflow_step").bitand(step) for step in AFTER}
    found = facts.unheld(team.enterprise.code, now).filter(team=team)
    return found.annotate(**bits).filter(any_of(wanted))


def due(
    before: dict[int, datetime], since: datetime, overflowed_for: datetime | None, step: int
) -> list[int]:
    """What has to happen in a wait and has not. A later wait begins with nothing."""
    done = step if overflowed_for == since else 0
    return [one for one, moment in before.items() if not done & one and since <= moment]


def help_out(
    group: str, team: Team, helpers: list[str], before: dict[int, datetime], now: datetime
) -> None:
    """Checks again under the locks: somebody may have claimed, or another process was first."""
    with changes.begin(now) as change:
        members = lock_members(team.enterprise.code, helpers)
        thread = change.lock_one(group)
        if thread is None:
            return
        rows = long_waits(team, now, before)
        row = rows.filter(pk=thread.id).values_list(*STATE).first()
        if not row:
            return
        since, overflowed_for, steps = row
        done = []
        for step in due(before, since, overflowed_for, steps):
            if act(step, thread, team, members.values(), change):
                done.append(step)  # noqa: PERF401  (each step changes something)
        if done:
            step = sum(done) + (steps if overflowed_for == since else 0)
            thread.set_columns(overflowed_for=since, overflow_step=step)


def helpers_of(team: Team, now: datetime) -> list[str]:
    """The eligible agents of the team that this one overflows into: uuids."""
    other = team.overflow
    if other is None or not hours.is_open(other, now):
        return []
    code = team.enterprise.code
    offered = facts.open_offers(code).values_list("offered_to", flat=True)
    agents = facts.agents_of(code, offered, now)
    able = {one.who for one in agents if can_take(one, team.capacity, one.taken)}
    places = other.places.filter(member__uuid__in=able)
    return list(places.values_list("member__uuid", flat=True))


def act(step: int, thread: Thread, team: Team, helpers: Iterable[Member], change: Change) -> bool:
    """Takes one step; False where it cannot be taken yet."""
    minutes = AFTER[step] * team.overflow_minutes
    if step == SEATED:
        return seat(thread, team.overflow, helpers)  # type: ignore[arg-type]  # it overflows
    if step == LEADERS_TOLD:
        tell_leaders(thread, minutes)
    else:
        thread.notice(Notice.NO_ANSWER, minutes=minutes)
    return True


def seat(thread: Thread, other: Team, helpers: Iterable[Member]) -> bool:
    """Seats those helpers who do not sit there yet; False where nobody can help. The notice calls
    those, too, who still sit there from an earlier wait."""
    able = [one for one in helpers if one.is_active]
    if not able:
        return False
    come = [one for one in able if one.uuid not in thread.seats]
    seating.take_seats([(thread, member, MemberType.MEMBER) for member in come])
    people = [member.uuid for member in able]
    thread.notice(Notice.OVERFLOWED, to=other.slug, to_name=other.name, members=people)
    log.info("a conversation overflowed into another team")
    return True


def tell_leaders(thread: Thread, minutes: int) -> None:
    """A notice that mentions the leaders who sit there, so that it is among their mentions."""
    seats = thread.seats.values()
    leaders = [seat.member_id for seat in seats if seat.member_type == MemberType.LEADER]
    row = thread.notice(Notice.OVERDUE, minutes=minutes, leaders=leaders)
    thread.mentioned.update(dict.fromkeys(leaders, row.seq))
