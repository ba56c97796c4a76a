"""What a UTC day has counted, packed so that a report of a year reads hundreds of rows and not
millions.

A pack is made of the tables' rows of its day and of nothing else. `CountedDay.version` grows with
each change of these rows, in the transaction that changes them; a pack is good while the version is
still the one that was read before the rows. So a pack may be made at any time, twice, or not at
all: without one the rows are read.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from itertools import compress
from typing import NamedTuple

import orjson
from django.db.models import F, QuerySet

from chat import sweeps
from chat.models import CountedDay, CountedMessages, CountedReception, CountedReply, Origin
from chat.reports.figures import DURATIONS, MICROSECOND, SECOND, quarter_number

BATCH = 30
"""Days packed by one run of the background."""


Pieces = dict[tuple[int | None, str], list]
"""Lists by team and member."""


@dataclass
class Pack:
    """What was counted in a time, as JSON stores it. Quarters of an hour are numbers since 1970 in
    UTC, members uuids, "" nobody."""

    begun: list[list]
    """[team, members who wrote, quarters of answered receptions, those of unanswered ones]"""
    durations: dict[str, list[list]]
    """[team, member, seconds, seconds of working hours (None: the same), quarters]"""
    scores: list[list]
    """[team, member, scores, quarters]"""
    messages: list[list]
    """[team, member, numbers, quarters]; those of visitors have no member"""

    def within(self, slots: Container[int]) -> "Pack":
        """What of it counts in these quarters."""
        return Pack(
            [
                [*key, *([q for q in quarters if q in slots] for quarters in both)]
                for *key, both in ((*piece[:2], piece[2:]) for piece in self.begun)
            ],
            {name: cut(pieces, slots) for name, pieces in self.durations.items()},
            cut(self.scores, slots),
            cut(self.messages, slots),
        )

    def of_receptions(self) -> "Pack":
        """It without next replies and messages."""
        return Pack(self.begun, self.durations | {"next_reply": []}, self.scores, [])


class Packs(NamedTuple):
    """What was counted in a time: `demo` of conversations that are the demo's or were
    imported, `others` of all others."""

    others: Pack
    demo: Pack

    def within(self, slots: Container[int]) -> "Packs":
        return Packs(*(one.within(slots) for one in self))


def cut(pieces: list[list], slots: Container[int]) -> list[list]:
    """The columns of pieces, whose last one has the quarters, without those that are not asked
    for."""
    found = []
    for team, who, *lists in pieces:
        asked = [quarter in slots for quarter in lists[-1]]
        found.append([team, who, *(one and list(compress(one, asked)) for one in lists)])
    return found


def pack_days(now: datetime) -> None:
    """Packs days that are over and have changed since they were packed. Several processes may do so
    at once."""
    for pk in list(stale_days(now).order_by("-day").values_list("pk", flat=True)[:BATCH]):
        sweeps.run_step(pack_day, pk)


def stale_days(now: datetime) -> QuerySet[CountedDay]:
    return CountedDay.objects.exclude(packed=F("version")).filter(day__lt=now.date())


def pack_day(pk: int) -> None:
    row = CountedDay.objects.filter(pk=pk).only("ent_id", "day", "version").first()
    if row is None:
        return
    begin = midnight(row.day)
    found = of_period(row.ent_id, begin, begin + timedelta(1))
    data = orjson.dumps({**vars(found.others), "demo": vars(found.demo)})
    CountedDay.objects.filter(pk=pk).update(data=data, packed=row.version)


def quarters(day: date) -> range:
    """The quarters of an hour of a UTC day."""
    first = quarter_number(midnight(day))
    return range(first, first + 96)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.utc)


def unpacked(data: bytes) -> Packs:
    """What `pack_day` has stored."""
    stored = orjson.loads(data)
    demo = stored.pop("demo")
    return Packs(Pack(**stored), Pack(**demo))


def of_period(
    ent_id: str,
    begin: datetime,
    end: datetime,
    replaced: Iterable[int] = (),
    brief: bool = False,
) -> Packs:
    """Packs the tables' rows of a period; the brief packs have no next replies and no messages.
    Receptions that are `replaced`, by their keys, are different by now; their replies and messages
    are there, and are only added to."""
    receptions = CountedReception.objects.filter(ent_id=ent_id)
    receptions = receptions.filter(opened_at__gte=begin, opened_at__lt=end)
    there = [one for one in receptions if one.pk not in replaced]
    if brief:
        return both(there, [], [])
    replies = CountedReply.objects.filter(reception__in=receptions).select_related("reception")
    messages = CountedMessages.objects.filter(ent_id=ent_id)
    messages = messages.filter(quarter__gte=begin, quarter__lt=end)
    return both(there, list(replies), list(messages))


def both(
    receptions: list[CountedReception], replies: list[CountedReply], messages: list[CountedMessages]
) -> Packs:
    """Packs what was counted, that of the demo apart."""
    demo = (
        [one for one in receptions if is_demo(one)],
        [one for one in replies if is_demo(one.reception)],
        [one for one in messages if is_demo(one)],
    )
    if not any(demo):
        return Packs(pack(receptions, replies, messages), pack([], [], []))
    others = (
        [one for one in receptions if not is_demo(one)],
        [one for one in replies if not is_demo(one.reception)],
        [one for one in messages if not is_demo(one)],
    )
    return Packs(pack(*others), pack(*demo))


def is_demo(one: CountedReception | CountedMessages) -> bool:
    """Or whether it was imported: neither was had with a visitor of this installation."""
    return one.origin != Origin.LIVE


def pack(
    receptions: Iterable[CountedReception],
    replies: Iterable[CountedReply],
    messages: Iterable[CountedMessages],
) -> Pack:
    begun: dict[tuple, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    durations: dict[str, Pieces] = {name: defaultdict(list) for name in DURATIONS}
    scores: Pieces = defaultdict(list)
    for one in receptions:
        quarter, team = quarter_number(one.opened_at), one.team_id
        begun[team, tuple(sorted(one.members))][one.replied_at is None].append(quarter)
        if one.replied_at:
            times = length(one.opened_at, one.replied_at), one.reply_worked
            durations["first_reply"][team, one.replied_by].append((*times, quarter))
        if one.closed_at:
            times = length(one.opened_at, one.closed_at), one.resolution_worked
            durations["resolution"][team, one.holder].append((*times, quarter))
        if one.score is not None:
            scores[team, one.holder].append((one.score, quarter))
    for reply in replies:
        quarter, team = quarter_number(reply.reception.opened_at), reply.reception.team_id
        times = length(reply.asked_at, reply.replied_at), reply.worked
        durations["next_reply"][team, reply.replied_by].append((*times, quarter))
    numbers: Counter = Counter()
    for some in messages:
        numbers[some.team_id, some.member, quarter_number(some.quarter)] += some.n
    sent: Pieces = defaultdict(list)
    for (team, who, quarter), n in numbers.items():
        sent[team, who].append((n, quarter))
    return Pack(
        [[*key, *both] for key, both in begun.items()],
        {
            name: [timed(team, who, rows) for (team, who), rows in pieces.items()]
            for name, pieces in durations.items()
        },
        [[*key, *columns(rows)] for key, rows in scores.items()],
        [[*key, *columns(rows)] for key, rows in sent.items()],
    )


def timed(team: int | None, who: str, rows: list[tuple[int, int, int]]) -> list:
    """Durations of a team and a member as columns, in seconds, ascending. The working hours are
    left out where they are the same."""
    seconds, worked, quarters = columns(sorted(rows))
    others = None if seconds == worked else [value / SECOND for value in worked]
    return [team, who, [value / SECOND for value in seconds], others, quarters]


def columns(rows: list[tuple]) -> list[list]:
    return [list(column) for column in zip(*rows, strict=True)]


def length(begin: datetime, end: datetime) -> int:
    """A duration in microseconds. Rows of two processes may bear times a little out of order."""
    return max(0, (end - begin) // MICROSECOND)


def changed(days: set[tuple[str, date]]) -> None:
    """Tells that rows of these days (an enterprise's code, a UTC day) have changed, in the
    transaction that changes them."""
    for ent_id in sorted({code for code, _day in days}):
        theirs = sorted(day for code, day in days if code == ent_id)
        new = [CountedDay(ent_id=ent_id, day=day) for day in theirs]
        CountedDay.objects.bulk_create(new, ignore_conflicts=True)
        CountedDay.objects.filter(ent_id=ent_id, day__in=theirs).update(version=F("version") + 1)
