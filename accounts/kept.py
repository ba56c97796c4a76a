"""Questions to the database whose SQL is made once. For what every page asks, Django takes longer
to build a query and write its SQL than the database to answer."""

import copy
from collections.abc import Callable, Collection
from datetime import datetime
from itertools import count
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")


class Hole(int):
    """The number of a value among those that are given."""


class Slot(models.Expression):
    """Stands for a value that is given later, as it is stored: a text, number, truth value or
    time, but never None, which SQL compares otherwise."""

    def __init__(self, number: int) -> None:
        super().__init__(output_field=models.TextField())
        self.hole = Hole(number)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list]:
        return "%s", [self.hole]


class Kept(Generic[Row]):
    """`Kept(build)(*values)` is the list of rows of `build(*values)`, a QuerySet.

    `build` is called once for each shape of values, with a Slot for each, and a list of them for a
    list, a set or the keys of a dict; so the query may depend on nothing else. What is kept is SQL
    with holes: never a row, and never a value."""

    def __init__(self, build: "Callable[..., models.QuerySet[Any, Row]]"):
        self.build = build
        self.made: dict[tuple, Made | None] = {}

    def __call__(self, *values: Any) -> list[Row]:
        if None in values:
            raise ValueError("None is compared otherwise in SQL")
        given = [
            padded(one) if isinstance(one, Collection) and not isinstance(one, str) else one
            for one in values
        ]
        shape = tuple(len(one) if isinstance(one, list) else -1 for one in given)
        if shape not in self.made:
            self.made[shape] = self.make(shape)
        made = self.made[shape]
        return made.rows(given) if made else []

    def make(self, shape: tuple) -> "Made | None":
        """None where nothing can be found, as among no values."""
        numbers = count()
        slots = [
            Slot(next(numbers)) if size < 0 else [Slot(next(numbers)) for _ in range(size)]
            for size in shape
        ]
        try:
            return Made(self.build(*slots), next(numbers))
        except EmptyResultSet:
            return None

    def first(self, *values: Any) -> Row | None:
        """The first of the rows; None if there are none."""
        return next(iter(self(*values)), None)


def attach(row: models.Model, name: str, found: list) -> None:
    """Gives a row the rows of other tables that point at it, as prefetch_related does."""
    related = getattr(row, name)
    for one in found:
        setattr(one, related.field.name, row)
    asked = related.all()
    asked._result_cache, asked._prefetch_done = found, True
    row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = asked


def refer(rows: list, name: str, found: list) -> None:
    """Gives each row what its reference `name` points at, where that is among `found`."""
    known = {one.pk: one for one in found}
    for row in rows:
        field = row._meta.get_field(name)
        field.set_cached_value(row, known.get(getattr(row, field.attname)))


class Made:
    """A query of `number` values with its SQL, whose parameters are Holes, and what it has of its
    own."""

    def __init__(self, queryset: models.QuerySet, number: int):
        self.queryset = queryset
        self.compiler: SQLCompiler = queryset.query.get_compiler(queryset.db)
        self.sql, self.parameters = self.compiler.as_sql()
        columns = [column for column, *_rest in self.compiler.select[: self.compiler.col_count]]
        self.converters = self.compiler.get_converters(columns)
        if len({one for one in self.parameters if isinstance(one, Hole)}) < number:
            raise ValueError("a value has no place in the SQL")

    def rows(self, given: list) -> list:
        connection = connections[self.queryset.db]
        stored = [
            connection.ops.adapt_datetimefield_value(one) if isinstance(one, datetime) else one
            for one in flat(given)
        ]
        parameters = tuple(stored[one] if isinstance(one, Hole) else one for one in self.parameters)
        # Typed loosely, as these stand in for methods of Django's.
        compiler: Any = copy.copy(self.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_args, **_options: (self.sql, parameters)
        compiler.get_converters = lambda _columns: self.converters
        asked: Any = self.queryset.all()
        asked.query.get_compiler = lambda *_args, **_options: compiler
        return list(asked)


def flat(values: list) -> list:
    return [each for one in values for each in (one if isinstance(one, list) else [one])]


def padded(values: Collection) -> list:
    """The values as a list, the last one repeated until their number is a power of two: so there
    are few shapes."""
    found = list(values)
    size = 1 << (len(found) - 1).bit_length() if found else 0
    return found + found[-1:] * (size - len(found))
