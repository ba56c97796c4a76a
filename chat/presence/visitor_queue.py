"""What a visitor is told while nobody has answered: how many wait before them, and how soon one is
usually answered. Read from the rows of a whole enterprise at once and kept for some seconds, so
that a thousand who ask cost as much as one; no message's way leads through here.
"""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from weakref import WeakKeyDictionary

from django.db import connection
from django.utils import timezone

from chat import database
from chat.models import Conversation, Reception

from . import leases

QUEUE_CACHED = 5
"""Seconds that a line is kept."""
USUAL_CACHED = 60
"""Seconds that the usual time is kept: a median moves slowly."""
MAX_SCANNED = 2_000
"""Conversations that are looked through, the newest ones of the enterprise: whoever waits has
written lately, and no index has to change with each message."""
MAX_RECEPTIONS = 500
"""Of the newest receptions those with an answer are counted, of these so many of each team:"""
MAX_PER_TEAM = 50
MIN_PER_TEAM = 5
"""With fewer a median is an accident; then nothing is told."""
MAX_AGE = timedelta(days=14)
"""What was usual before is not usual."""
MAX_CACHED = 1_000
"""Enterprises whose lines are kept."""


@dataclass(slots=True)
class Queue:
    """`places`: of each waiting group how many wait before it, and the id of its team; `usual`:
    seconds by team; `staffed`: teams in which somebody is there."""

    until: float
    places: dict[str, tuple[int, int]]
    usual: dict[int, int]
    staffed: set[int]

    def place(self, group: str) -> dict:
        """What its visitor is told: `before` is None for one who is not in line, `usual` None
        where it is not known, or nobody is there who could answer as usual."""
        before, team = self.places.get(group, (None, None))
        usual = self.usual.get(team) if team in self.staffed else None
        return {"group": group, "before": before, "usual": usual}


queues: dict[str, Queue] = {}
usual_times: dict[str, tuple[float, dict[int, int]]] = {}
reading: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Task]] = WeakKeyDictionary()
"""Of each enterprise the reading that is under way."""


def cached_queue(ent_id: str) -> Queue | None:
    """The enterprise's line, if it was read lately. Asks no database."""
    line = queues.get(ent_id)
    return line if line and line.until > time.monotonic() else None


async def read_shared(function, ent_id: str):
    """As database.read, for who come at the same moment together: they wait for the one who reads,
    and on no thread, so that one enterprise's line keeps no others from the database."""
    under_way = reading.setdefault(asyncio.get_running_loop(), {})
    if ent_id not in under_way:
        task = under_way[ent_id] = asyncio.ensure_future(database.read(function, ent_id))
        task.add_done_callback(lambda _task: under_way.pop(ent_id))
    # Who goes away meanwhile ends it for nobody.
    return await asyncio.shield(under_way[ent_id])


def read_queue(ent_id: str) -> Queue:
    """The enterprise's line, read anew unless it was lately."""
    if line := cached_queue(ent_id):
        return line
    for kept in (queues, usual_times):
        if len(kept) >= MAX_CACHED:
            kept.clear()
    places = read_places(ent_id)
    line = Queue(
        time.monotonic() + QUEUE_CACHED,
        places,
        usual_waits(ent_id),
        set(leases.staffed_teams({ent_id})),
    )
    queues[ent_id] = line
    return line


def read_places(ent_id: str) -> dict[str, tuple[int, int]]:
    """Who waits and is neither claimed nor put off, each team's in their order: one whom somebody
    has claimed is looked after, and stands in no line."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.uuid, c.team_id FROM (SELECT id, uuid, team_id, visitor_id, open, claimed_by,"
            " waiting_since, snoozed_until FROM conversation WHERE ent_id = %s"
            " ORDER BY last_activity DESC, id DESC LIMIT %s) c"
            " JOIN visitor v ON v.uuid = c.visitor_id"
            " WHERE c.open = %s AND c.claimed_by = '' AND c.waiting_since IS NOT NULL"
            " AND c.snoozed_until IS NULL AND v.blocked = %s ORDER BY c.waiting_since, c.id",
            [ent_id, MAX_SCANNED, True, False],
        )
        rows = cursor.fetchall()
    lengths: dict[int, int] = defaultdict(int)
    places = {}
    for group, team in rows:
        places[group] = lengths[team], team
        lengths[team] += 1
    return places


def usual_waits(ent_id: str) -> dict[int, int]:
    """The median time from the opening of a reception to its first reply, in seconds, by team."""
    until, times = usual_times.get(ent_id, (0.0, {}))
    if until <= time.monotonic():
        times = read_usual_waits(ent_id)
        usual_times[ent_id] = time.monotonic() + USUAL_CACHED, times
    return times


def read_usual_waits(ent_id: str) -> dict[int, int]:
    newest = Reception.objects.filter(ent_id=ent_id).order_by("-id")
    rows = newest.values_list("group_id", "opened_at", "first_reply_at")[:MAX_RECEPTIONS]
    since = timezone.now() - MAX_AGE
    answered = [(group, begun, reply) for group, begun, reply in rows if reply and begun >= since]
    groups = {group for group, _begun, _reply in answered}
    teams = dict(Conversation.objects.filter(uuid__in=groups).values_list("uuid", "team_id"))
    waits: dict[int, list[float]] = defaultdict(list)
    for group, begun, reply in answered:
        if (team := teams.get(group)) and len(waits[team]) < MAX_PER_TEAM:
            waits[team].append((reply - begun).total_seconds())
    return {team: round(median(each)) for team, each in waits.items() if len(each) >= MIN_PER_TEAM}
