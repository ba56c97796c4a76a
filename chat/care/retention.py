"""Keeps conversations for so many days only, where an enterprise or a team wants that.

Old rows of a closed conversation are emptied as by an erasure: they keep their numbers, their files
are deleted. A visitor whose conversations are all closed and all that old is erased, and so is one
without a conversation who has not come for that long. What is under a legal hold stays. A step
looks at a few rows and changes fewer, each in a transaction of its own that checks again under the
lock; so several processes may do it at once. templates/chat/visitor/privacy.html tells visitors how
long it is.
"""

import itertools
import logging
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Enterprise, Team
from chat import sweeps
from chat.conversations import changes
from chat.ledger import ledger
from chat.models import (
    AssistantTask,
    ChatGroup,
    Conversation,
    GroupMessage,
    LegalHold,
    Presence,
    Reception,
    Visitor,
    any_of,
    theirs,
)
from chat.reports import counting
from chat.webhooks import logs

from . import erasure

log = logging.getLogger("kefu.retention")

STEP = 200
"""Conversations, or visitors, looked at in a step; one every 15 s sees a million a day."""
BATCH = 20
"""Changes in a step; the next one goes on with the rest."""
SEEN = ("uuid", "team_id", "open", "visitor_id", "last_activity", "emptied_seq")
SILENT = ("uuid", "ent_id", "secret_hash", "created_at", "last_seen_at")
ASKED = timedelta(days=30)
"""How long it is kept what left the server for a model, and what came back (docs/privacy.md)."""
ROWS = 500
"""Rows emptied by one change, so that nobody who writes waits for long."""


def expire(after: int) -> int:
    """Empties what is too old among the next few conversations above the id `after`. Returns where
    to go on; 0 at the end."""
    days = days_by_team()
    if not days:
        return 0
    now = timezone.now()
    # By nothing but the id: with more conditions a database might sort all closed ones each time.
    rows = list(Conversation.objects.whole().filter(id__gt=after).order_by("id").only(*SEEN)[:STEP])
    closed = without_held([row for row in rows if row.team_id in days and not row.open])
    begins = first_of(closed)
    left = BATCH
    for row in closed:
        before = now - timedelta(days=days[row.team_id])
        if not (row.uuid in begins and begins[row.uuid] < before):
            continue
        if left <= 0:
            return row.id - 1
        left -= 1
        if row.last_activity < before and sweeps.run_step(forget, row.visitor_id, days):
            continue
        while left > 0 and sweeps.run_step(empty, row.uuid, before):
            left -= 1
        if left <= 0:
            return row.id - 1
    return rows[-1].id if len(rows) == STEP else 0


def days_by_team() -> dict[int, int]:
    """For how many days each team's conversations are kept: as the team has it, else its
    enterprise. Those that are kept for ever are missing."""
    teams = Team.objects.values_list("pk", "retention_days", "enterprise__retention_days")
    return {pk: own or common for pk, own, common in teams if own or common}


def without_held(rows: list[Conversation]) -> list[Conversation]:
    holds = LegalHold.objects.keeping(rows).values_list("visitor_id", "group_id")
    held = {group or visitor for visitor, group in holds}
    return [row for row in rows if not {row.uuid, row.visitor_id} & held]


def first_of(rows: list[Conversation]) -> dict[str, datetime]:
    """By group, when the oldest row was written of which something is left."""
    # Pair by pair, as the index has them.
    pairs = any_of(Q(group_id=row.uuid, seq=row.emptied_seq + 1) for row in rows)
    found = GroupMessage.objects.filter(pairs)
    return dict(found.values_list("group_id", "created_at"))


def forget(who: str, days: dict[int, int]) -> bool:
    """Erases a visitor all of whose conversations are closed and were last spoken in longer ago
    than their teams keep them (`days_by_team`). False where that is not so."""
    with changes.begin() as change:
        visitor = Visitor.objects.select_for_update().filter(uuid=who).first()
        if visitor is None or visitor.is_erased:
            return False
        threads = change.lock_all_of(visitor)
        theirs = list(Conversation.objects.whole().filter(visitor=visitor).only(*SEEN))
        # Who has no conversation belongs to no team: `forget_silent` looks at them.
        if not theirs or LegalHold.objects.of(who, visitor.ent_id).exists():
            return False
        if not all(is_over(row, days.get(row.team_id), change.now) for row in theirs):
            return False
        most = max(days[row.team_id] for row in theirs)
        erasure.by_age(visitor, threads, change.now, most)
    log.info("a visitor was erased after %d days", most)
    return True


def is_over(row: Conversation, days: int | None, now: datetime) -> bool:
    """Whether a conversation has been kept for so many days; with None it is kept for ever."""
    return not row.open and days is not None and row.last_activity < now - timedelta(days=days)


def expire_silent(after: int) -> int:
    """Erases those of the next few visitors above the id `after` who have no conversation and have
    not come for as many days as their enterprise keeps one. Returns where to go on; 0 at the
    end."""
    own = Enterprise.objects.filter(retention_days__gt=0)
    days = dict(own.values_list("code", "retention_days"))
    if not days:
        return 0
    now, left = timezone.now(), BATCH
    rows = list(Visitor.objects.filter(id__gt=after).order_by("id").only(*SILENT)[:STEP])
    old = [row for row in rows if not row.is_erased and is_gone(row, days.get(row.ent_id), now)]
    spoken = Conversation.objects.whole().filter(visitor__in=old)
    held = LegalHold.objects.filter(visitor__in=old, visitor__ent_id=F("ent_id"))
    kept = {*spoken.values_list("visitor_id", flat=True), *held.values_list("visitor", flat=True)}
    for row in old:
        if row.uuid in kept:
            continue
        if left == 0:
            return row.id - 1
        left -= 1
        sweeps.run_step(forget_silent, row.uuid, days[row.ent_id])
    return rows[-1].id if len(rows) == STEP else 0


def is_gone(visitor: Visitor, days: int | None, now: datetime) -> bool:
    """Whether a visitor has not come for so many days; with None they are kept for ever."""
    last = visitor.last_seen_at or visitor.created_at
    return days is not None and last < now - timedelta(days=days)


def forget_silent(who: str, days: int) -> bool:
    """Erases a visitor who has no conversation and has not come for so many days. False where that
    is not so."""
    with changes.begin() as change:
        visitor = Visitor.objects.select_for_update().filter(uuid=who).first()
        if visitor is None or visitor.is_erased or not is_gone(visitor, days, change.now):
            return False
        # Their row does not say yet that they are here (leases.delete_expired).
        here = Presence.objects.filter(who=who).exists()
        spoken = Conversation.objects.whole().filter(visitor=visitor).exists()
        if here or spoken or LegalHold.objects.of(who, visitor.ent_id).exists():
            return False
        erasure.by_age(visitor, [], change.now, days)
    log.info("a visitor without a conversation was erased after %d days", days)
    return True


def empty(group: str, before: datetime) -> bool:
    """Empties the next rows of a closed conversation that are older; whether there may be more."""
    with changes.begin() as change:
        thread = change.lock_one(group)
        if thread is None or thread.open:
            return False
        if LegalHold.objects.of(thread.visitor, thread.ent_id, group).exists():
            return False
        emptied = Conversation.objects.values_list("emptied_seq", flat=True).get(uuid=group)
        rows = GroupMessage.objects.of(thread).filter(seq__gt=emptied).order_by("seq")
        next_ones = rows.values_list("seq", "created_at")[:ROWS]
        # Rows that joined from another conversation (merges.py) may be older than those before.
        found = list(itertools.takewhile(lambda row: row[1] < before, next_ones))
        if not found:
            return False
        last, _at = found[-1]
        counting.settle([group])
        old = GroupMessage.objects.of(thread).filter(seq__gt=emptied, seq__lte=last)
        erasure.delete_after_commit(erasure.files_of(old, thread.ent_id))
        erasure.empty_rows(old)
        logs.empty(thread.ent_id, [group])
        asked = AssistantTask.objects.filter(theirs(thread.ent_id), conversation_id=group)
        asked.filter(created_at__lt=before).forget()
        over = Reception.objects.filter(theirs(thread.ent_id), group_id=group, closed_at__lt=before)
        over.update(comment="", reason="", summary="")
        spoken = {} if thread.message_seq > last else {"message_seq": 0}
        Conversation.objects.filter(pk=thread.id).update(emptied_seq=last, **spoken)
        called = ChatGroup.objects.of(thread).filter(mentioned_seq__lte=last)
        called.update(mentioned_seq=0)
        for seat in thread.seats.values():
            if seat.unread and seat.read_seq < last:
                seat.recounted, seat.unread = True, ledger.count_unread(thread, seat)
    return len(found) == ROWS


def forget_asked(after: int) -> int:
    """Empties the texts of what assistants were asked too long ago, of the next few tasks above the
    id `after`; the figures stay. Returns where to go on; 0 at the end."""
    before = timezone.now() - ASKED
    rows = AssistantTask.objects.filter(pk__gt=after).order_by("pk")
    next_ones = rows.values_list("pk", "created_at")[:ROWS]
    old = [pk for pk, _at in itertools.takewhile(lambda row: row[1] < before, next_ones)]
    written = Q(question__gt="") | Q(request__gt="") | Q(reply__gt="") | Q(text__gt="")
    AssistantTask.objects.filter(written, pk__in=old).forget()
    return old[-1] if len(old) == ROWS else 0
