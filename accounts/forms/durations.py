"""Lengths of time, as people say them: a number and a unit. They are stored in one unit."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator
from django.db.models import Field, IntegerField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
"""How long each unit is, the shortest first."""
LABELS = {
    "seconds": _("seconds"),
    "minutes": _("minutes"),
    "hours": _("hours"),
    "days": _("days"),
}
IN_UNIT = re.compile(r"\s*[(（][^()（）]*[)）]\Z")
"""What a label says of the unit in which the column is stored."""
MOST_DIGITS = 9


def unit_of(column: Field) -> str:
    """The unit in which a column is stored, which its name ends with; "" if it is no length of
    time."""
    unit = column.name.rpartition("_")[2]
    return unit if unit in SECONDS and isinstance(column, IntegerField) else ""


def units_from(stored: str) -> list[str]:
    """The units in which one may say what is stored in `stored`: it and longer ones."""
    return [unit for unit, seconds in SECONDS.items() if seconds >= SECONDS[stored]]


def split(value: int, stored: str) -> tuple[int, str]:
    """`value` in the longest unit that says it exactly."""
    seconds = value * SECONDS[stored]
    longest = next(unit for unit in reversed(SECONDS) if not seconds % SECONDS[unit])
    unit = longest if value else stored
    return seconds // SECONDS[unit], unit


def words(value: int, stored: str) -> str:
    """`value` as text, such as "2 minutes"."""
    count, unit = split(value, stored)
    said = {
        "seconds": ngettext("%(count)d second", "%(count)d seconds", count),
        "minutes": ngettext("%(count)d minute", "%(count)d minutes", count),
        "hours": ngettext("%(count)d hour", "%(count)d hours", count),
        "days": ngettext("%(count)d day", "%(count)d days", count),
    }
    return said[unit] % {"count": count}


class DurationWidget(forms.Widget):
    """A number with the column's own name, and a unit with `_unit` behind it. A number without a
    unit is in the one that is stored."""

    def __init__(self, stored: str):
        super().__init__()
        self.stored = stored

    def value_from_datadict(self, data, files, name) -> tuple[str | None, str]:
        return data.get(name), data.get(f"{name}_unit", self.stored)

    def value_omitted_from_data(self, data, files, name) -> bool:
        return name not in data

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        number, unit = value if isinstance(value, tuple) else ("", self.stored)
        if isinstance(value, int):
            number, unit = split(value, self.stored)
        units = [(one, LABELS[one], one == unit) for one in units_from(self.stored)]
        parts = {"name": name, "number": number, "units": units, "attrs": attrs or {}}
        return render_to_string("admin/duration.html", parts)


class DurationField(forms.Field):
    """Takes the number and the unit, and cleans to the whole number that is stored, within the
    limits of the column's validators. An error says these limits in words."""

    def __init__(self, column: Field, stored: str):
        super().__init__(
            label=IN_UNIT.sub("", capfirst(str(column.verbose_name))),
            help_text=column.help_text,
            required=not column.blank,
            widget=DurationWidget(stored),
            initial=column.get_default(),
        )
        self.stored = stored
        bounds = [one for one in column.validators if isinstance(one, BaseValidator)]
        limits = {type(one): one.limit_value for one in bounds}
        self.least, self.most = limits[MinValueValidator], limits[MaxValueValidator]

    def clean(self, value) -> int | None:
        number, unit = value if isinstance(value, tuple) else (value, self.stored)
        text = "" if number is None else str(number).strip()
        self.validate(text)
        if not text:
            return None
        digits = text.removeprefix("-")  # Less than nothing is a number, too, beyond the limits.
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS):
            raise ValidationError(_("Enter a whole number."), code="invalid")
        if unit not in units_from(self.stored):
            raise ValidationError(_("Choose a unit of the list."), code="invalid_choice")
        found = int(text) * SECONDS[unit] // SECONDS[self.stored]
        if not self.least <= found <= self.most:
            least, most = (words(limit, self.stored) for limit in (self.least, self.most))
            message = _("Choose between %(least)s and %(most)s.")
            raise ValidationError(message, code="limits", params={"least": least, "most": most})
        return found

    def has_changed(self, initial, data) -> bool:
        try:
            return self.clean(data) != initial
        except ValidationError:
            return True
