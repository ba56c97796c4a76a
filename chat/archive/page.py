"""What the archive's page shows: a part of the list, the filters, and where to go on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Enterprise, Member, Topic
from chat.customers import attributes
from chat.models import Tag
from chat.protocol import channels

from . import pages_of_rows, rows, saved
from .pages_of_rows import Place
from .question import PAGE, Asked

SIZE = 30
"""Rows of a page."""
OFFERED = 200
"""Tags, and topics, that the form offers; others can be typed."""
STATES = {
    "open": pgettext_lazy("conversation", "Open"),
    "waiting": gettext_lazy("Waiting"),
    "closed": gettext_lazy("Closed"),
    "quarantined": gettext_lazy("Caught as spam"),
}
CHANNELS = {
    PAGE: gettext_lazy("Chat page"),
    **{kind: capfirst(name) for kind, name in channels.NAMES.items()},  # type: ignore[type-var]
}
LABELS = {
    "q": pgettext_lazy("archive", "Text"),
    "from": gettext_lazy("From"),
    "to": gettext_lazy("To"),
    "team": gettext_lazy("Team"),
    "member": gettext_lazy("Member"),
    "tag": gettext_lazy("Tag"),
    "topic": gettext_lazy("Topic"),
    "rating": gettext_lazy("Rating"),
    "state": gettext_lazy("Status"),
    "channel": gettext_lazy("Channel"),
    "visitor": gettext_lazy("Visitor"),
    "page": gettext_lazy("Page"),
}
SHORTCUTS = (1, 7, 28)
"""Days up to today that one click chooses."""


@dataclass(frozen=True)
class Chip:
    """A filter that is set, and the address without it."""

    label: str
    value: str
    href: str


def read(asked: Asked, cursor: str | None) -> dict:
    """The rows after a cursor, and how it goes on: `more`, the cursor of the next page; `further`,
    the cursor from which to search on where time ran out, and `until`, the moment to which the
    conversations were looked through. Raises `Refused` for a wrong cursor."""
    walked = pages_of_rows.walk(asked, Place.parse(cursor), SIZE + 1)
    shown = walked.found[:SIZE]
    full = len(walked.found) > SIZE
    further = walked.place if not full else None
    return {
        "rows": rows.rows_of(asked, [group for group, _place in shown]),
        "more": shown[-1][1].written() if full else None,
        "further": further.written() if further else None,
        "until": further.at if further else None,
    }


def choices(enterprise: Enterprise) -> dict:
    """What the form offers."""
    people = Member.objects.filter(enterprise=enterprise).order_by("name")
    topics = Topic.objects.filter(team__enterprise=enterprise).order_by("label")
    tags = Tag.objects.filter(ent_id=enterprise.code).order_by("name")
    return {
        "teams": [(team.slug, team.name) for team in enterprise.teams.order_by("name")],
        "members": [(one.name, one.display_name) for one in people],
        "tags": list(tags.values_list("name", flat=True)[:OFFERED]),
        "topics": list(dict.fromkeys(topics.values_list("label", flat=True)[:OFFERED])),
        "states": STATES.items(),
        "channels": CHANNELS.items(),
        "labels": {key: one.label for key, one in attributes.known(enterprise.code).items()},
    }


def attribute_rows(enterprise: Enterprise, fields: Mapping[str, str]) -> list[dict]:
    """The attributes that the form offers, each with the `value` that is asked for."""
    found = {
        name.removeprefix(attributes.PARAMETER): text
        for name, text in fields.items()
        if name.startswith(attributes.PARAMETER)
    }
    return attributes.rows(enterprise.code, found)


def ratings() -> list[tuple[str, str]]:
    scores = [(str(score), "★" * score) for score in range(5, 0, -1)]
    return [*scores, ("comment", _("with a comment")), ("none", _("not rated"))]


def chips(
    enterprise: Enterprise, fields: dict[str, str], offered: dict, superuser: bool
) -> list[Chip]:
    """Filters as words; `offered` are the `choices` of the enterprise."""
    words = {
        "team": dict(offered["teams"]),
        "member": dict(offered["members"]),
        "rating": dict(ratings()),
        "state": STATES,
        "channel": CHANNELS,
    }
    here, found = reverse("archive"), []
    for name, value in fields.items():
        others = {key: text for key, text in fields.items() if key != name}
        own = {"enterprise": enterprise.code} if superuser else {}
        href = address(here, {**own, **others})
        shown = words.get(name, {}).get(value.lower() if name == "member" else value, value)
        label = LABELS.get(name) or offered["labels"].get(
            name.removeprefix(attributes.PARAMETER), name
        )
        found.append(Chip(label, shown, href))
    return found


def saved_views(member: Member, asked: Asked) -> list[tuple[int, str, str, bool]]:
    """The reader's views: id, name, address, and whether it is what is asked for."""
    own = {"enterprise": asked.enterprise.code} if member.is_superuser else {}
    return [
        (
            view.pk,
            view.name,
            address(reverse("archive"), {**own, **view.fields}),
            view.fields == asked.fields,
        )
        for view in saved.of(member, asked.enterprise)
    ]


def shortcuts(asked: Asked, today: date, superuser: bool) -> list[tuple[int, str, bool]]:
    """How many days, the address, and whether these are chosen."""
    own, found = {"enterprise": asked.enterprise.code} if superuser else {}, []
    for days in SHORTCUTS:
        period = {"from": (today - timedelta(days - 1)).isoformat(), "to": today.isoformat()}
        chosen = period.items() <= asked.fields.items()
        href = address(reverse("archive"), {**own, **asked.fields, **period})
        found.append((days, href, chosen))
    return found


def address(path: str, fields: dict[str, str]) -> str:
    return f"{path}?{urlencode(fields)}" if fields else path
