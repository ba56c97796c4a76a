"""Filters that a member has kept under a name."""

from accounts.models import Enterprise, Member
from chat.models import SavedView
from chat.protocol.errors import Refused
from chat.protocol.fields import has_controls

from .question import Asked

MAX_NAME = 60
MOST = 50
"""Views of a member in one enterprise."""


def of(member: Member, enterprise: Enterprise) -> list[SavedView]:
    """The member's views, by name."""
    return list(SavedView.objects.filter(member=member, enterprise=enterprise).order_by("name"))


def save(member: Member, asked: Asked, name: str) -> SavedView:
    """Keeps the filters; those of the same name are replaced. Raises `Refused` (`bad_field`) for a
    wrong name, without a filter, and for too many views."""
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or has_controls(name):
        detail = f"name has 1 to {MAX_NAME} characters, none of which is a control."
        raise Refused("bad_field", detail, field="name")
    if not asked.fields:
        raise Refused("bad_field", "A view has a filter.", field="filters")
    known = SavedView.objects.filter(member=member, enterprise=asked.enterprise)
    if known.count() >= MOST and not known.filter(name=name).exists():
        raise Refused("bad_field", f"There are {MOST} views at the most.", field="views")
    whose = {"member": member, "enterprise": asked.enterprise, "name": name}
    return SavedView.objects.update_or_create(**whose, defaults={"fields": asked.fields})[0]


def delete(member: Member, pk: int) -> SavedView | None:
    """Deletes a view of the member, and returns it; None if there is no such one."""
    found = SavedView.objects.filter(member=member, pk=pk).select_related("enterprise").first()
    if found is not None:
        SavedView.objects.filter(pk=pk).delete()
    return found
