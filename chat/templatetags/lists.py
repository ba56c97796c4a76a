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


MORE = ("attachment", "data", "reply_to", "mentions", "formatted", "edited", "automatic")
"""What a message may have beside its text."""


@register.filter
def lines(messages: list[dict] | None, me: str) -> list[dict]:
    """Message objects as by `whole`; `mine` are those that the reader `me` (uuid) wrote, `plain`
    those of people with nothing but a text, most of them: of these a template need not ask what
    else they have."""
    found = whole(messages)
    for one in found:
        by_people = one["kind"] != "notice" and one["sender_role"] != "bot"
        one["plain"] = by_people and not any(map(one.get, MORE))
        one["mine"] = one["sender"] == me and one["kind"] != "notice"
    return found


@register.filter
def with_last(rows: list[dict]) -> list[dict]:
    """Rows of an inbox whose last message, and what it carries, are such objects, too."""
    return [
        {**row, "last": notices.Facts(row["last"], data=notices.Facts(row["last"]["data"] or {}))}
        if row["last"]
        else row
        for row in rows
    ]


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
