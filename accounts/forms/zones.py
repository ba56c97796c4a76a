"""Time zones, as forms offer them: to be typed, with those that match below the field."""

import re
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.hours import is_zone

COMMON_ZONES = {
    "UTC": "UTC",
    "Asia/Shanghai": _("China (Beijing, Shanghai)"),
    "Asia/Hong_Kong": _("Hong Kong"),
    "Asia/Taipei": _("Taipei"),
    "Asia/Singapore": _("Singapore"),
    "Asia/Tokyo": _("Japan (Tokyo)"),
    "Europe/London": _("Britain (London)"),
    "Europe/Berlin": _("Central Europe (Berlin)"),
    "America/New_York": _("US East (New York)"),
    "America/Los_Angeles": _("US West (Los Angeles)"),
}
MOST_MEANT = 3
"""Zones that an error names."""


def default_zone() -> str:
    """The time zone in which most readers of the active language live."""
    return "Asia/Shanghai" if (get_language() or "").startswith("zh") else "UTC"


@cache
def names() -> tuple[str, ...]:
    """The common time zones, then all others named after places."""
    places = sorted(name for name in available_timezones() if "/" in name and name[:4] != "Etc/")
    return (*COMMON_ZONES, *(name for name in places if name not in COMMON_ZONES))


def city(name: str) -> str:
    return name.rpartition("/")[2].replace("_", " ")


@cache
def labels() -> dict[str, tuple[str, ...]]:
    """What each zone is called, the common ones in every language of the site: whoever reads
    English may all the same type 上海."""
    found: dict[str, tuple[str, ...]] = {name: (city(name),) for name in names()}
    for name, label in COMMON_ZONES.items():
        said = []
        for code, _name in settings.LANGUAGES:
            with translation.override(code):
                said.append(str(label))
        found[name] = tuple(dict.fromkeys(said))
    return found


@cache
def options() -> SafeString:
    """The options of the list below a field."""
    rows = ((name, " · ".join(said)) for name, said in labels().items())
    return format_html_join("\n", '<option value="{}">{}</option>', rows)


def fold(text: str) -> str:
    return re.sub(r"[\s_]+", " ", text.strip()).casefold()


@cache
def by_words() -> dict[str, str]:
    """The names of zones by what else they are called: a label, a part of one, a city."""
    found: dict[str, str] = {}
    for name, said in labels().items():
        parts = [part for label in said for part in re.split("[()（）]", label)]
        for words in (name, city(name), *said, *parts):
            found.setdefault(fold(words), name)
    return {words: name for words, name in found.items() if words}


def meant_by(text: str) -> list[str]:
    """The zones that `text` may mean: the one that is called so, else those in whose names it
    occurs."""
    wanted = fold(text)
    if name := by_words().get(wanted):
        return [name]
    return list(dict.fromkeys(name for words, name in by_words().items() if wanted in words))


class ZoneWidget(forms.TextInput):
    """A text field with a list, and the time that it is in the zone (static/js/admin/zones.js)."""

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        now = datetime.now(ZoneInfo(value)) if value and is_zone(value) else None
        parts = {"name": name, "value": value or "", "attrs": attrs or {}, "now": now}
        return render_to_string("admin/zone.html", {**parts, "options": options()})


class ZoneField(forms.CharField):
    """Takes the name of a time zone, or what else it is called, and cleans to the name."""

    widget = ZoneWidget

    def clean(self, value) -> str:
        text = super().clean(value)
        if not text:
            return text
        if is_zone(text):
            # Also one that is not offered: an import may have stored it.
            return text
        found = meant_by(text)
        if len(found) == 1:
            return found[0]
        if not found:
            message = _("There is no time zone “%(text)s”. Write a large city near you.")
            raise ValidationError(message, params={"text": text[:40]})
        message = _("“%(text)s” may be several time zones: %(some)s. Choose one of the list.")
        some = ", ".join(found[:MOST_MEANT])
        raise ValidationError(message, params={"text": text[:40], "some": some})
