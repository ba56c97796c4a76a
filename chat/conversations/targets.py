"""Until when a visitor who waits is to have an answer: the team's target, in its working hours.

It is stored with the wait (`Conversation.due_at`), so that an inbox can be sorted by it, and
computed anew where the wait, the team, its target or its hours change. `level` and `over` say how
near it is, of one wait and for the database.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts import hours
from accounts.models import Team
from chat.ledger.threads import Thread
from chat.models import Conversation, Reception, any_of
from chat.protocol import channels

BATCH = 500
"""Conversations that one statement changes."""
OK, SOON, LATE = "ok", "soon", "late"
"""How near a target is: `soon` from half of its time on."""


def settle(threads: Iterable[Thread]) -> None:
    """Adds the target to what a change has made of these locked conversations, before they are
    written: where a wait began or ended, or another team serves the visitor who waits."""
    waiting = []
    for thread in threads:
        if thread.waiting and ("waiting_since" in thread.facts or "team" in thread.facts):
            waiting.append(thread)
        elif "waiting_since" in thread.facts:
            keep(thread, None)
    if not waiting:
        return
    # Mostly one target holds for all replies, and nothing more is asked for.
    unsure = [one for one in waiting if has_later(one.team, is_mail(one)) and not one.replied]
    replied = replied_of([one.reception_id for one in unsure])
    for thread in waiting:
        since = thread.facts.get("waiting_since") or stored_since(thread)
        again = thread.replied or thread.reception_id in replied
        seconds = thread.team.target(again, is_mail(thread))
        thread.facts["target"] = seconds
        keep(thread, hours.passed(hours.Hours.from_stored(thread.team.hours), since, seconds))


def has_later(team: Team, by_mail: bool) -> bool:
    """Whether a team has another target for further replies than for the first."""
    return bool(team.mail_next_hours if by_mail else team.next_seconds)


def is_mail(one: Thread | Conversation) -> bool:
    return one.channel == channels.MAIL


def keep(thread: Thread, due: datetime | None) -> None:
    thread.facts["due_at"] = due
    # Merging stores the wait like other columns (care/merges.py).
    if "waiting_since" in (thread.columns or ()):
        thread.set_columns(due_at=due)


def replied_of(receptions: list[int | None]) -> set[int]:
    """Those of these receptions that have a first reply."""
    if not receptions:
        return set()
    found = Reception.objects.filter(pk__in=receptions, first_reply_at__isnull=False)
    return set(found.values_list("pk", flat=True))


def stored_since(thread: Thread) -> datetime:
    found = Conversation.objects.values_list("waiting_since", flat=True).get(pk=thread.id)
    assert found is not None, "it waits"
    return found


def recompute(team: Team) -> None:
    """After a change of the team's target or hours: for all who wait there."""
    calendar = hours.Hours.from_stored(team.hours)
    with transaction.atomic():
        rows = Conversation.objects.filter(team=team, open=True, waiting_since__isnull=False)
        # As everywhere, in the order of the uuids.
        rows = rows.only("due_at", "waiting_since", "reception_id", "channel")
        rows = list(rows.select_for_update().order_by("uuid"))
        replied = replied_of([row.reception_id for row in rows])
        changed = []
        for row in rows:
            seconds = team.target(row.reception_id in replied, is_mail(row))
            due = hours.passed(calendar, row.waiting_since, seconds)
            if due != row.due_at:
                row.due_at = due
                changed.append(row)
        Conversation.objects.bulk_update(changed, ["due_at"], batch_size=BATCH)


def due(since: datetime, due_at: datetime | None, seconds: int) -> datetime:
    """The target of a wait, as stored; a wait that began before there were targets has none."""
    return due_at or since + timedelta(seconds=seconds)


def level(left: timedelta, seconds: int) -> str:
    """How near a target of so many seconds is, of which `left` is left: OK, SOON or LATE."""
    if left <= timedelta():
        return LATE
    return SOON if left * 2 <= timedelta(seconds=seconds) else OK


def over(teams: Iterable[Team], now: datetime, level: str) -> Q:
    """The condition for waits in these teams that are LATE; with SOON, for these and the soon
    ones."""
    by_seconds: dict[tuple[int, bool], list[int]] = defaultdict(list)
    for team in teams:
        for by_mail in (False, True):
            by_seconds[team.target(False, by_mail), by_mail].append(team.pk)
    found = []
    for (seconds, by_mail), ids in by_seconds.items():
        left = timedelta(seconds=seconds) / 2 if level == SOON else timedelta()
        over = Q(team__in=ids, due_at__lte=now + left)
        found.append(over & (Q(channel=channels.MAIL) if by_mail else ~Q(channel=channels.MAIL)))
    return any_of(found)
