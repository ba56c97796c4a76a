"""What several columns of the models have in common."""

from typing import Any, TypedDict


class Default(TypedDict):
    default: Any
    db_default: Any


def at_first(value: Any) -> Default:
    """What a column has at first: in new objects, and in rows that are older than it or that a
    process of the release before writes."""
    return {"default": value, "db_default": value}
