"""The form for a team's working hours: a line of text for each weekday and for each holiday."""

import itertools
import re
import unicodedata
from datetime import date, timedelta

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.hours import DAY, MAX_HOLIDAYS, WEEK, WORKED, Hours
from accounts.models import Team
from accounts.sentences import sentences

from .texts import TextsForm
from .zones import ZoneField, default_zone

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_LABELS = (
    *(_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday")),
    *(_("Friday"), _("Saturday"), _("Sunday")),
)
SPAN = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-–—~]\s*(\d{1,2})(?::(\d{2}))?\Z")
HOLIDAY = re.compile(
    r"(\+?)\s*(\d{4}-\d{1,2}-\d{1,2})(?:\s*\.\.\s*(\d{4}-\d{1,2}-\d{1,2}))?(?:\s+(.*))?\Z"
)
MAX_SPANS = 6
"""Spans of one day."""
MAX_NAME_LENGTH = 60
"""Characters of a holiday's name."""


def parse_spans(text: str) -> list[list[int]]:
    """Parses the spans of one day, such as "9:00-12:00, 13:30-18:00", separated by , ; or 、.

    Returns sorted [from, to] pairs in minutes after midnight, as `Team.hours` stores them.
    Full-width characters, which Chinese input methods write, mean the same as ASCII ones. Raises
    ValidationError, which quotes the wrong part.
    """
    parts = re.split(r"[,;、]", unicodedata.normalize("NFKC", text))
    spans = sorted(parse_span(part.strip()) for part in parts if part.strip())
    if len(spans) > MAX_SPANS:
        raise ValidationError(_("At most %(most)d periods a day."), params={"most": MAX_SPANS})
    for (begin, end), (after, _end) in itertools.pairwise(spans):
        if after < end:
            both = {"one": format_span([begin, end]), "other": format_span([after, _end])}
            raise ValidationError(_("%(one)s and %(other)s overlap."), params=both)
    return spans


def parse_span(text: str) -> list[int]:
    """Parses one span, such as "22:00-6:00". Its end is above 1440 if it is after midnight."""
    found = SPAN.match(text)
    if not found:
        message = _("“%(text)s” is not a valid period. Example: 9:00-18:00")
        raise ValidationError(message, params={"text": text[:40]})
    hour, minute, to_hour, to_minute = (int(part or 0) for part in found.groups())
    begin, end = hour * 60 + minute, to_hour * 60 + to_minute
    if max(minute, to_minute) > 59 or begin >= DAY or end > DAY:
        message = _("“%(text)s”: times must be between 0:00 and 24:00.")
        raise ValidationError(message, params={"text": text[:40]})
    if begin == end:
        message = _(
            "“%(text)s” starts and ends at the same time. For the whole day, write 0:00-24:00."
        )
        raise ValidationError(message, params={"text": text[:40]})
    return [begin, end if begin < end else end + DAY]


def format_spans(spans: list[list[int]]) -> str:
    return ", ".join(map(format_span, spans))


def format_span(span: list[int]) -> str:
    return "-".join(
        f"{minutes // 60}:{minutes % 60:02}"
        for minutes in (span[0], span[1] - DAY * (span[1] > DAY))
    )


def week_words(stored: dict) -> str:
    """The week in `Team.hours` as text: "Mon–Fri 9:00-18:00, Sat 10:00-12:00"."""
    known = Hours.from_stored(stored)
    if known is None:
        return gettext("always available")
    parts = []
    for spans, days in itertools.groupby(range(WEEK), key=lambda day: known.week[day]):
        found = [*days]
        first, last = found[0], found[-1]
        if spans:
            named = str(WEEKDAYS_ABBR[first])
            named += f"–{WEEKDAYS_ABBR[last]}" if last != first else ""
            named = named if last - first < WEEK - 1 else gettext("every day")
            parts.append(f"{named} {format_spans([*map(list, spans)])}")
    return ", ".join(parts)


def parse_holidays(text: str) -> list[list[str]]:
    """Parses holidays, one a line: a date or a range of dates by `..`, and a name.

    Returns a sorted row [date, name] for each day, or [date, name, WORKED] for the days of a line
    that begins with a plus. Raises ValidationError, which quotes the wrong line.
    """
    found: dict[str, list[str]] = {}
    for line in unicodedata.normalize("NFKC", text).splitlines():
        if line.strip():
            found |= parse_holiday(line.strip())
    if len(found) > MAX_HOLIDAYS:
        raise ValidationError(_("At most %(most)d days."), params={"most": MAX_HOLIDAYS})
    return [[day, *found[day]] for day in sorted(found)]


def format_holiday(row: list[str]) -> str:
    day, name, *kind = row
    return ("+" if kind else "") + f"{day} {name}".strip()


def parse_holiday(line: str) -> dict[str, list[str]]:
    """Parses one line. Returns for each ISO date the rest of its row."""
    parts = HOLIDAY.match(line)
    try:
        begin = parse_date(parts[2])
        end = parse_date(parts[3] or parts[2])
    except (TypeError, ValueError):
        message = _("“%(line)s” does not start with a valid date. Example: 2026-10-01")
        raise ValidationError(message, params={"line": line[:40]}) from None
    if not timedelta() <= end - begin < timedelta(MAX_HOLIDAYS):
        message = _("“%(line)s”: the last day is before the first day, or too far after it.")
        raise ValidationError(message, params={"line": line[:40]})
    name = (parts[4] or "").strip()
    if len(name) > MAX_NAME_LENGTH:
        message = _("“%(line)s”: a name can have at most %(most)d characters.")
        raise ValidationError(message, params={"line": line[:40], "most": MAX_NAME_LENGTH})
    days = (end - begin).days + 1
    row = [name, WORKED] if parts[1] else [name]
    return {(begin + timedelta(number)).isoformat(): row for number in range(days)}


def parse_date(text: str) -> date:
    return date(*map(int, text.split("-")))


class HoursForm(TextsForm):
    """The form of a team. Each line of its hours is a field of its own, and so are its errors."""

    time_zone = ZoneField(label=_("Time zone"), required=False)
    holidays = forms.CharField(
        label=_("Holidays"),
        required=False,
        max_length=100 * MAX_HOLIDAYS,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "One day per line, such as “2026-10-01 National Day”, or several days: "
            "2026-10-01..2026-10-07. The team is off on these days. For a day off that is worked "
            "in exchange, start the line with a plus sign: “+2026-10-10”. It has the hours of the "
            "last working weekday before it."
        ),
    )
    for _name, _label in zip(DAYS, DAY_LABELS, strict=True):
        locals()[_name] = forms.CharField(
            label=_label,
            required=False,
            max_length=120,
            widget=forms.TextInput(attrs={"size": 40}),
        )
    del _name, _label

    class Meta:
        model = Team
        fields = ["enterprise", "slug", "name", "greeting", "answer_seconds", "next_seconds"]
        fields += [
            "mail_answer_hours",
            "mail_next_hours",
            "mail_minutes",
            "offered",
            "mail_left",
            "idle_hours",
            "warn_minutes",
            "warning",
            "farewell",
        ]
        fields += ["routing", "capacity", "offer_seconds", "overflow", "overflow_minutes"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        stored = self.instance.hours
        self.initial["time_zone"] = stored.get("zone") or self.usual_zone()
        for name, spans in zip(DAYS, stored.get("week", [[]] * len(DAYS)), strict=True):
            self.initial[name] = format_spans(spans)
        if not settings.PUBLIC_URL and "mail_minutes" in self.fields:
            mailed = self.fields["mail_minutes"]
            warning = _("PUBLIC_URL is not set on this server, so these e-mails contain no link.")
            mailed.help_text = sentences(mailed.help_text, warning)
        self.initial["holidays"] = "\n".join(map(format_holiday, stored.get("holidays", [])))

    def usual_zone(self) -> str:
        """The enterprise's, where somebody has set it."""
        enterprise = self.instance.enterprise if self.instance.enterprise_id else None
        zone = enterprise.zone if enterprise else "UTC"
        return zone if zone != "UTC" else default_zone()

    def clean_slug(self) -> str:
        """Checks what the database would refuse anyway, but without naming the field."""
        slug, enterprise = self.cleaned_data["slug"], self.cleaned_data.get("enterprise")
        if enterprise and enterprise.teams.filter(slug=slug).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Another team has this slug."), code="unique")
        return slug

    def clean(self):
        cleaned = super().clean()
        week = [self.parse_field(name, parse_spans) for name in DAYS]
        holidays = self.parse_field("holidays", parse_holidays)
        unchosen = not cleaned.get("time_zone") and "time_zone" not in self.errors
        if (any(week) or holidays) and unchosen:
            self.add_error("time_zone", _("Choose the time zone of these hours."))
        self.hours = {"zone": cleaned.get("time_zone") or "UTC", "week": week, "holidays": holidays}
        if not any(week) and not holidays:
            self.hours = {}
        return cleaned

    def parse_field(self, name: str, parse) -> list:
        try:
            return parse(self.cleaned_data.get(name) or "")
        except ValidationError as error:
            self.add_error(name, error)
            return []

    def _post_clean(self):
        super()._post_clean()
        if not self.errors and self.hours != self.instance.hours:
            self.instance.hours = self.hours
            self.changed_columns.append("hours")
