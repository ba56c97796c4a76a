"""The queue that waiting visitors see: their position, and how long a first reply usually takes.

The queue of a whole enterprise is read at once and cached for some seconds, so that a thousand
requests cost as much as one. Storing a message does not touch it.
"""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from weakref import WeakKeyDictionary

from django.db.models import Min
from django.db.models.functions import Coalesce

from chat import clock, database
from chat.models import Conversation, Reception, not_snoozed, theirs

from . import leases

QUEUE_CACHED = 5
"""Seconds that a queue is cached."""
USUAL_CACHED = 60
"""Seconds that the usual waits are cached: a median changes slowly."""
MAX_SCANNED = 2_000
"""Waiting conversations of the enterprise that are read, those with the longest waits."""
MAX_RECEPTIONS = 500
"""Receptions of the enterprise that are read for the usual waits, the newest."""
MAX_PER_TEAM = 50
"""Receptions with a reply that count for a team's median."""
MIN_PER_TEAM = 5
"""Receptions with a reply that a median needs; with fewer no usual wait is given."""
MAX_AGE = timedelta(days=14)
"""Receptions that are older do not count."""
MAX_CACHED = 1_000
"""Enterprises whose queues are cached."""


@dataclass(slots=True)
class Queue:
    """An enterprise's queue. `until`: when the cache expires (monotonic seconds); `places`: for
    each waiting group the number of groups before it, and the id of its team; `usual`: the usual
    wait in seconds by team id, where it can be promised; `staffed`: the ids of teams with a present
    agent."""

    until: float
    places: dict[str, tuple[int, int]]
    usual: dict[int, int]
    staffed: set[int]

    def place(self, group: str) -> dict:
        """The group's position, for events.queue: `before` is None if the group does not wait,
        `usual` is None if it is not known or no agent is present."""
        before, team = self.places.get(group, (None, None))
        usual = self.usual.get(team) if team in self.staffed else None
        return {"group": group, "before": before, "usual": usual}


queues: dict[str, Queue] = {}
usual_times: dict[str, tuple[float, dict[int, int]]] = {}
reading: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Task]] = WeakKeyDictionary()
"""The running read of each enterprise, by event loop."""


def cached_queue(ent_id: str) -> Queue | None:
    """The enterprise's cached queue; None if it has expired. Reads no database."""
    queue = queues.get(ent_id)
    return queue if queue and queue.until > time.monotonic() else None


async def read_shared(function, ent_id: str):
    """As database.read, with one read for concurrent calls of one enterprise. The others wait for
    it without a thread, so that one enterprise does not use up the readers."""
    under_way = reading.setdefault(asyncio.get_running_loop(), {})
    if ent_id not in under_way:
        task = under_way[ent_id] = asyncio.ensure_future(database.read(function, ent_id))
        task.add_done_callback(lambda _task: under_way.pop(ent_id))
    # A caller that is cancelled must not cancel the read for the others.
    return await asyncio.shield(under_way[ent_id])


def read_queue(ent_id: str) -> Queue:
    """The enterprise's queue, from the cache or read."""
    if queue := cached_queue(ent_id):
        return queue
    if len(queues) >= MAX_CACHED:
        queues.clear()
    places = read_places(ent_id)
    queue = Queue(
        time.monotonic() + QUEUE_CACHED,
        places,
        promised_waits(ent_id),
        set(leases.staffed_teams({ent_id})),
    )
    queues[ent_id] = queue
    return queue


def read_places(ent_id: str) -> dict[str, tuple[int, int]]:
    """The groups that wait and are neither claimed nor snoozed, in each team by the time of
    waiting."""
    rows = database.select(
        "SELECT c.uuid, c.team_id FROM (SELECT id, uuid, team_id, visitor_id, open, claimed_by,"
        " waiting_since, snoozed_until FROM conversation WHERE ent_id = %s"
        " AND waiting_since IS NOT NULL ORDER BY waiting_since, id LIMIT %s) c"
        " JOIN visitor v ON v.uuid = c.visitor_id AND +v.ent_id = %s"
        " WHERE c.open = %s AND c.claimed_by = ''"
        " AND c.snoozed_until IS NULL AND v.blocked = %s ORDER BY c.waiting_since, c.id",
        [ent_id, MAX_SCANNED, ent_id, True, False],
    )
    lengths: dict[int, int] = defaultdict(int)
    places = {}
    for group, team in rows:
        places[group] = lengths[team], team
        lengths[team] += 1
    return places


def usual_wait(ent_id: str, team_id: int) -> int | None:
    """The usual wait in seconds of one of the enterprise's teams; None if it cannot be promised."""
    return read_queue(ent_id).usual.get(team_id)


def promised_waits(ent_id: str) -> dict[int, int]:
    """The usual waits by team id, without those of teams in which somebody waits for longer than
    that, as it is promised: the median is of those who have an answer, and knows nothing of
    them."""
    usual = usual_waits(ent_id)
    longest = longest_waits(ent_id) if usual else {}
    return {team: wait for team, wait in usual.items() if longest.get(team, 0) <= promise(wait)}


def promise(seconds: int) -> int:
    """A usual wait in whole minutes, from an hour on in whole hours, as visitors read it; in
    seconds."""
    unit = 3600 if seconds > 3600 else 60
    return max(1, -(-seconds // unit)) * unit


def longest_waits(ent_id: str) -> dict[int, float]:
    """For how many seconds somebody has waited for a first reply, by team id; claimed or not."""
    now = clock.now()
    waiting = Conversation.objects.filter(
        not_snoozed(now),
        ent_id=ent_id,
        open=True,
        waiting_since__isnull=False,
        quarantined_since=None,
        visitor__blocked=False,
        reception__first_reply_at=None,
    )
    found = waiting.order_by().values_list("team_id").annotate(since=Min("waiting_since"))
    return {team: (now - since).total_seconds() for team, since in found}


def usual_waits(ent_id: str) -> dict[int, int]:
    """The median time in seconds from the opening of a reception, or where a bot answered first
    from then on, to its first reply, by team id."""
    until, times = usual_times.get(ent_id, (0.0, {}))
    if until <= time.monotonic():
        if len(usual_times) >= MAX_CACHED:
            usual_times.clear()
        times = read_usual_waits(ent_id)
        usual_times[ent_id] = time.monotonic() + USUAL_CACHED, times
    return times


def read_usual_waits(ent_id: str) -> dict[int, int]:
    newest = Reception.objects.filter(ent_id=ent_id).order_by("-id")
    begun = Coalesce("handed_at", "opened_at")
    rows = newest.values_list("group_id", begun, "first_reply_at")[:MAX_RECEPTIONS]
    since = clock.now() - MAX_AGE
    answered = [(group, begun, reply) for group, begun, reply in rows if reply and begun >= since]
    groups = {group for group, _begun, _reply in answered}
    rows = Conversation.objects.filter(theirs(ent_id), uuid__in=groups)
    teams = dict(rows.values_list("uuid", "team_id"))
    waits: dict[int, list[float]] = defaultdict(list)
    for group, begun, reply in answered:
        if (team := teams.get(group)) and len(waits[team]) < MAX_PER_TEAM:
            waits[team].append((reply - begun).total_seconds())
    return {team: round(median(each)) for team, each in waits.items() if len(each) >= MIN_PER_TEAM}
