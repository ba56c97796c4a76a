"""Segments: filters of the list of customers under a name, for all managers of an enterprise."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from accounts.models import Enterprise, Member
from chat.models import Segment
from chat.protocol import fields
from chat.protocol.errors import Refused

MAX_NAME = 60
"""Characters of a name (the column's length)."""
MAX_VALUE = 200
"""Characters of a filter's value: those of a search."""
MOST = 50
"""Segments of an enterprise."""


def of(enterprise: Enterprise) -> list[Segment]:
    """The enterprise's segments, by name."""
    return list(Segment.objects.filter(enterprise=enterprise))


def save(member: Member, enterprise: Enterprise, name: str, asked: Mapping[str, str]) -> Segment:
    """Keeps the filters of an address under a name; those of the same name are replaced. Refuses
    with `bad_field` a wrong name, what has no filter, and too many segments."""
    name, found = checked(name), {key: value for key, value in asked.items() if value}
    if not found or any(is_wrong(value) for value in found.values()):
        raise Refused("bad_field", "A segment has a filter.", field="filters")
    known = Segment.objects.filter(enterprise=enterprise)
    if known.count() >= MOST and not known.filter(name=name).exists():
        raise Refused("bad_field", f"There are {MOST} segments at the most.", field="segments")
    defaults = {"fields": found, "saved_by": member}
    return known.update_or_create(enterprise=enterprise, name=name, defaults=defaults)[0]


def rename(enterprise: Enterprise, pk: int, name: str) -> Segment | None:
    """Gives a segment another name; None where there is no such one. Refuses with `bad_field` a
    wrong name, and one that another segment has."""
    found, name = find(enterprise, pk), checked(name)
    if found is None or found.name == name:
        return found
    found.name = name
    try:
        with transaction.atomic():
            found.save(update_fields=["name"])
    except IntegrityError as error:
        raise Refused("bad_field", "Another segment has this name.", field="taken") from error
    return found


def delete(enterprise: Enterprise, pk: int) -> Segment | None:
    """Deletes a segment, and returns it; None where there is no such one."""
    found = find(enterprise, pk)
    if found is not None:
        found.delete()
    return found


def find(enterprise: Enterprise, pk: int) -> Segment | None:
    return Segment.objects.filter(enterprise=enterprise, pk=pk).first()


def checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or fields.has_controls(name):
        detail = f"name has 1 to {MAX_NAME} characters, none of which is a control."
        raise Refused("bad_field", detail, field="name")
    return name


def is_wrong(value: str) -> bool:
    return len(value) > MAX_VALUE or fields.has_controls(value)
