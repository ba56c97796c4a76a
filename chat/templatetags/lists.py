"""Filters for what a page shows fifty times: a thread's messages, the rows of an inbox. There, a
template's usual means are too slow."""

from datetime import datetime
from functools import cache

from django import template
from django.urls import reverse

from . import notices

register = template.Library()


@register.filter
def whole(messages: list[dict] | None) -> list[dict]:
    """Message objects in which a field that a message lacks is "". Templates are slow to find out
    that there is none, and a thread asks many of each of its messages."""
    return [notices.Facts(message) for message in messages or ()]


@register.filter(expects_localtime=True)
def stamp(moment: datetime | None, form: str = "") -> str:
    """A time in the format of strftime, without one that of an attribute `datetime`; "" for None.
    Lists need it for each row, and it takes a tenth of Django's filter `date`."""
    if not moment:
        return ""
    return moment.strftime(form) if form else moment.isoformat()


@register.filter
def conversation_path(group: str) -> str:
    """The address of a conversation, for lists: to reverse it for each row takes long."""
    before, after = conversation_pattern()
    return f"{before}{group}{after}"


@cache
def conversation_pattern() -> list[str]:
    """What stands before and after the uuid in a conversation's address."""
    uuid = "00000000-0000-0000-0000-000000000000"
    return reverse("conversation", args=[uuid]).split(uuid)
