"""Goes through an enterprise's conversations, newest activity first, for those that were asked for.

It goes in steps, each of so many conversations, and stops when it has enough or when the reader has
waited for long enough; the place where it stopped goes on from there. So the first rows come at
once where what is asked for is common, and where it is rare the reader sees how far it has come.
A full-text index would find the rare at once, but it would be written with each message, and
neither database has one that finds Chinese words of two letters.
"""

import time
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from chat.database import aware_datetime, select
from chat.protocol import cursors
from chat.protocol.selection import Order

from . import conditions
from .question import Asked

PATIENCE = 0.6
"""Seconds after which no further step begins; a step takes a fraction of it."""
STEP = 0.12
"""Seconds that a step should take at the most; the next one is larger as long as they take less."""
FIRST, MOST = 100, 20_000
"""Conversations of the first step, and of the largest."""
BACKWARDS = Order("c.last_activity", descending=True)
FORWARDS = Order("c.last_activity", descending=False)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order: that of the conversation with this activity and id."""

    at: datetime
    number: int

    def written(self) -> str:
        return cursors.write([cursors.moment(self.at), self.number])

    @classmethod
    def parse(cls, text: str | None) -> "Place | None":
        """The place that `written` wrote. Raises `Refused` for any other text."""
        found = cursors.parse(text)
        if found is None:
            return None
        at, number = cursors.checked(found, str, int)
        return cls(cursors.parse_moment(at), number)


@dataclass(frozen=True, slots=True)
class Walked:
    found: list[tuple[str, Place]]
    """The conversations that were found, in order, each with its place."""
    place: Place | None
    """Where to go on; None at the end."""


class Walk:
    """One way through the conversations; `step` does a part of it."""

    def __init__(self, asked: Asked, place: Place | None = None, order: Order = BACKWARDS):
        self.code = asked.enterprise.code
        self.order = order
        self.place = place
        self.conditions = conditions.of(asked)
        self.begin = asked.begin if order.descending else None
        self.size = FIRST
        self.ended = False

    def step(self, limit: int) -> list[tuple[str, Place]]:
        """What the next conversations have, `limit` at the most; then the place is that of the last
        one. Sets `ended` where there are no further ones."""
        bottom = self.bottom()
        began = time.monotonic()
        found = self.select(bottom, limit)
        took = time.monotonic() - began
        if len(found) == limit:
            self.place = found[-1][1]
        else:
            self.place, self.ended = bottom, bottom is None or self.is_before_the_period(bottom)
        self.size = min(self.size * 4, MOST) if took < STEP / 4 else self.size
        self.size = max(self.size // 2, FIRST // 4) if took > STEP else self.size
        return found

    def is_before_the_period(self, place: Place) -> bool:
        return self.begin is not None and place.at < self.begin

    def bottom(self) -> Place | None:
        """The place of the last conversation of this step; None where fewer are left. It is read
        from the index alone."""
        position, values = self.beyond(self.place)
        rows = fetch(
            f"SELECT '', c.last_activity, c.id FROM {table()} WHERE c.ent_id = %s{position}"
            f"{self.order.sql} LIMIT 1 OFFSET %s",
            [self.code, *values, self.size - 1],
        )
        return rows[0][1] if rows else None

    def select(self, bottom: Place | None, limit: int) -> list[tuple[str, Place]]:
        position, values = self.beyond(self.place)
        if bottom:
            sign = ">=" if self.order.descending else "<="
            within = f" AND c.last_activity {sign} %s"
            beyond, others = self.beyond(bottom)
            position += f"{within} AND NOT (1 = 1{beyond})"
            values = [*values, conditions.adapt(bottom.at), *others]
        sql = "".join(f" AND {condition}" for condition, _values in self.conditions)
        own = [value for _sql, own in self.conditions for value in own]
        return fetch(
            f"SELECT c.uuid, c.last_activity, c.id FROM {table()} WHERE c.ent_id = %s{position}"
            f"{sql}{self.order.sql} LIMIT %s",
            [self.code, *values, *own, limit],
        )

    def beyond(self, place: Place | None) -> tuple[str, list]:
        if place is None:
            return "", []
        return self.order.after(conditions.adapt(place.at), place.number)


def table() -> str:
    """The conversations in the order of their activity: planners would sort instead, where a
    condition leaves few."""
    name = "conversation_activity"
    index = f"INDEXED BY {name}" if connection.vendor == "sqlite" else f"FORCE INDEX ({name})"
    return f"conversation c {index}"


def fetch(sql: str, values: list) -> list[tuple[str, Place]]:
    rows = select(sql, values)
    return [(group, Place(aware_datetime(at), number)) for group, at, number in rows]


def walk(
    asked: Asked,
    place: Place | None,
    limit: int,
    order: Order = BACKWARDS,
    patience: float = PATIENCE,
) -> Walked:
    """Up to `limit` conversations after a place, as many as are found within `patience` seconds."""
    one, found = Walk(asked, place, order), []
    until = time.monotonic() + patience
    while len(found) < limit and not one.ended:
        found += one.step(limit - len(found))
        if time.monotonic() > until:
            break
    return Walked(found, None if one.ended else one.place)
