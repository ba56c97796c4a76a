"""What stands in the cells of the administration's lists: values as words, states as badges, and
what is wrong together with its act."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.contrib.admin.utils import lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

BADGE = '<span class="badge {}" dir="auto">{}</span>'
TROUBLE = '<span class="trouble">{}</span> <a class="act" href="{}">{}</a>'
MANY = 4
"""Names that a cell shows; of more it gives the number."""


class Face(NamedTuple):
    """Of a person: what their avatar is made of, and online, busy, away or "" (offline). `state`
    is None for somebody whose presence a list does not show; who is `expected` has no face yet."""

    uuid: str
    name: str
    picture: str = ""
    state: str | None = None
    expected: bool = False


class Badge(NamedTuple):
    """A state in words; `tone` is ok, warn, bad, accent, or "" for none."""

    text: str
    tone: str = ""


class Trouble(NamedTuple):
    """What is wrong, and the page on which it is put right."""

    text: str
    href: str
    act: str


def value_of(owner, row, name: str):
    """What a column of the ModelAdmin `owner` has for a row: of a choice its name, of a reference
    the row that it leads to; None where that is gone."""
    try:
        field, _attribute, value = lookup_field(name, row, owner)
    except ObjectDoesNotExist:
        return None
    if field is None or not field.concrete:
        return value
    if field.is_relation:
        return getattr(row, field.name)
    return dict(field.flatchoices).get(value, value) if field.flatchoices else value


def cell(value, now: datetime) -> SafeString | str:
    """A value as HTML: nothing for nothing, a truth as yes or no, a time as `moment`."""
    if value is None or value == "":
        return ""
    if value is True or value is False:
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, Badge):
        return format_html(BADGE, value.tone, value.text)
    if isinstance(value, Trouble):
        return format_html(TROUBLE, *value)
    if isinstance(value, datetime):
        form = '<time datetime="{}" title="{}">{}</time>'
        return format_html(form, value.isoformat(), whole(value), moment(value, now))
    if isinstance(value, date):
        return formats.date_format(value, "DATE_FORMAT")
    if isinstance(value, list):
        return several(value)
    if isinstance(value, SafeString):
        return value
    return format_html('<span dir="auto">{}</span>', value)


def whole(at: datetime) -> str:
    """A time with its date."""
    return f"{day_of(at)} {timezone.localtime(at):%H:%M:%S}"


def day_of(at: datetime) -> str:
    """A time's day in words."""
    return formats.date_format(timezone.localtime(at), "DATE_FORMAT")


def minute_of(at: datetime) -> str:
    """A time that is near, with its day: 3 December, 14:05."""
    local = timezone.localtime(at)
    return f"{formats.date_format(local, 'MONTH_DAY_FORMAT')} {local:%H:%M}"


def several(names: list) -> SafeString:
    """The first names as badges, and how many more there are."""
    more = len(names) - MANY
    shown = format_html_join(" ", BADGE, (("", name) for name in names[:MANY]))
    return shown if more <= 0 else format_html("{} +{}", shown, more)


def moment(at: datetime, now: datetime) -> str:
    """A time as one would say it: 5 minutes ago, 14:05, yesterday 18:02, 26 November, a date."""
    minutes = int((now - at).total_seconds() // 60)
    if 0 <= minutes < 60:
        if minutes == 0:
            return gettext("just now")
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return clock
    if local.date() == today - timedelta(days=1):
        return gettext("yesterday %(time)s") % {"time": clock}
    near = local.year == today.year
    return formats.date_format(local, "MONTH_DAY_FORMAT" if near else "DATE_FORMAT")
