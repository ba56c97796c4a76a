"""Filters of the reports' templates."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

register = template.Library()

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds in the two largest units that they fill, tenths only below one; "–" for None."""
    if seconds is None:
        return "–"
    if seconds < 1:
        return _("%(n)s s") % {"n": number_format(seconds, 1)}
    seconds = round(seconds)
    if seconds < MINUTE:
        return _("%(n)s s") % {"n": seconds}
    if seconds < HOUR:
        minutes, rest = divmod(seconds, MINUTE)
        if not rest:
            return _("%(n)s min") % {"n": minutes}
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}
    if seconds < DAY:
        hours, rest = divmod(seconds // MINUTE, 60)
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    days, rest = divmod(seconds // HOUR, 24)
    return _("%(days)s d %(hours)s h") % {"days": days, "hours": rest}


@register.filter
def ago(moment: datetime | None, now: datetime) -> str:
    """How long a moment lies back; "–" for None."""
    return duration(moment and (now - moment).total_seconds())


@register.filter
def elapsed(since: datetime, now: datetime) -> str:
    """How long ago as a clock, such as 3:07 or 1:03:07; static/js/shared/time.js does the same."""
    minutes, seconds = divmod(max(int((now - since).total_seconds()), 0), MINUTE)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def stars(mean: float | None) -> str:
    """The mean of ratings; "–" for None."""
    return "–" if mean is None else number_format(round(mean, 2), 2)


@register.filter
def shown(cell) -> str:
    """The number of a page.Cell."""
    if cell.kind == "duration":
        return duration(cell.value)
    if cell.kind == "score":
        return stars(cell.value)
    return "–" if cell.value is None else number_format(cell.value)


@register.filter
def local(moment: datetime | None, zone: ZoneInfo) -> str:
    """A time on the clocks of a time zone; "–" for None."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment else "–"
