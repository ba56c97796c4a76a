"""The lists of the administration: the rows of a page, and filters as chips."""

from datetime import datetime
from typing import NamedTuple

from django import template
from django.contrib.admin.templatetags.admin_list import result_headers
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from accounts.admin import cells, navigation

register = template.Library()
TICKS = "action_checkbox"
LONGEST = 120
"""Characters of a row's second line."""
SAID, DATED = '<time datetime="{}" data-said>{}</time>', '<time datetime="{}">{}</time>'
"""By which static/js/shared/local_times.js puts times on the reader's clocks."""


class Row(NamedTuple):
    """A row of a page. `cells` are (column, label, HTML) without the first column, whose value is
    the title."""

    key: object
    href: str
    title: str
    second: str
    face: cells.Face | None
    cells: list


@register.filter
def heads(changelist) -> list[dict]:
    """The heads of the columns, without that of the boxes."""
    found = list(result_headers(changelist))
    return found[1:] if TICKS in changelist.list_display else found


@register.filter
def rows(changelist) -> list[Row]:
    """The rows of the page that is looked at."""
    labels = [head["text"] for head in heads(changelist)]
    names = [name for name in changelist.list_display if name != TICKS]
    columns, now = list(zip(names, labels, strict=True)), timezone.now()
    return [row_of(changelist, row, columns, now) for row in changelist.result_list]


@register.filter
def said(at: datetime) -> SafeString:
    """A time as one would say it."""
    return format_html(SAID, at.isoformat(), cells.moment(at, timezone.now()))


@register.filter
def dated(at: datetime) -> SafeString:
    """A time with its day."""
    return format_html(DATED, at.isoformat(), cells.minute_of(at))


def row_of(changelist, row, columns: list, now) -> Row:
    owner, (first, _label), others = changelist.model_admin, columns[0], columns[1:]
    shown = []
    for name, label in others:
        column = getattr(name, "__name__", name)
        shown.append((column, label, cells.cell(cells.value_of(owner, row, name), now)))
    kept = f"?{changelist.preserved_filters}" if changelist.preserved_filters else ""
    return Row(
        key=row.pk,
        href=f"{changelist.url_for_result(row)}{kept}",
        title=str(cells.value_of(owner, row, first) or ""),
        second=Truncator(owner.second_line(row)).chars(LONGEST),
        face=owner.face(row),
        cells=shown,
    )


@register.filter
def icon_of(options) -> str:
    """The icon of a model, by its `_meta`."""
    return navigation.ICONS.get(options.object_name, "list")


@register.filter
def parted(choices) -> dict:
    """A filter's choices: all that are offered, the one that is set, if any, and the address
    without it. The first one of Django's choices sets nothing."""
    offered = list(choices)
    found = next((one for one in offered[1:] if one["selected"]), None)
    return {"offered": offered[1:], "set": found, "without": offered[0]["query_string"]}
