"""Two people who save the same page: the second is shown what the first has changed since."""

import hashlib
import json
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.forms.secrets import SecretInput
from accounts.forms.texts import TextsField
from accounts.models import AuditRow

if TYPE_CHECKING:
    from django.forms import ModelForm as Base
else:
    Base = object

FIELD = "_seen"
"""The hidden field of a form that holds what it showed."""
DIGITS = 12
"""Of a digest: two values of one field that share them by chance are no worse than no check."""
TIME = ""
"""What the time of the page is called among the names of the fields."""
LONGEST = 10_000
"""Characters of the hidden field: a hundred fields and more."""


def plain(value):
    """A stored or a cleaned value in one form for both."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in sorted(value.items())}
    if isinstance(value, list | tuple | QuerySet):
        return sorted(map(plain, value), key=str)
    if isinstance(value, Model):
        return str(value.pk)
    if value is None or value is False:
        return ""
    return str(value).replace("\r\n", "\n").strip()


def digest(value) -> str:
    """Of what a field shows: lines are in order there, the options that are chosen in none."""
    return hashlib.sha256(repr(plain(value)).encode()).hexdigest()[:DIGITS]


def of_language(shown, code: str) -> str | None:
    """The digest of a text in one language, of all that a page sent of it."""
    return shown.get(code) if isinstance(shown, dict) else None


def words(value, is_chosen: bool = False) -> str:
    """What is said of a field that somebody else has changed."""
    if isinstance(value, str) and value and not is_chosen:
        return _("It is now “%(value)s”.") % {"value": value}
    return _("It was changed meanwhile.")


class Seen(Base):
    """A mixin for the form of a row that is there. It refuses to write over what somebody else has
    changed since the page was opened, once: sent again, it is what its reader wants."""

    is_gone = False

    @property
    def digests(self) -> dict[str, str | dict[str, str]]:
        """A digest of each field's stored value; of a text in several languages by language."""
        found: dict[str, str | dict[str, str]] = {}
        for name, field in self.fields.items():
            value = self.get_initial_for_field(field, name)
            if isinstance(field, TextsField):
                found[name] = {code: digest(text) for code, text in value.items()}
            else:
                found[name] = digest(field.prepare_value(value))
        return found

    def seen(self) -> SafeString | str:
        """The hidden field; "" for a row that is new."""
        if not self.instance.pk:
            return ""
        name = self.add_prefix(FIELD)
        line = '<input type="hidden" name="{}" value="{}">'
        return format_html(line, name, json.dumps({**self.digests, TIME: time.time()}))

    @property
    def sent(self) -> dict:
        """The digests of what the page showed, and when; none if they are not as this form wrote
        them."""
        text = self.data.get(self.add_prefix(FIELD), "{}")
        try:
            return dict(json.loads(text)) if len(text) <= LONGEST else {}
        except (TypeError, ValueError, RecursionError):
            return {}

    def full_clean(self):
        """A row of which somebody else has removed the stored one is refused once, and then left
        out."""
        super().full_clean()
        key = self._meta.model._meta.pk.name
        if self.prefix and not self.instance.pk and key in self.errors:
            self.errors.clear()
            self.cleaned_data.clear()
            self.is_gone = True
            if self.sent:
                self.add_error(None, _("This row was removed meanwhile. Save again without it."))

    def has_changed(self) -> bool:
        """Without scripts there is an empty row more, of which a page with scripts sends nothing
        even if they are late."""
        own = f"{self.prefix}-"
        if (
            self.prefix
            and not self.instance.pk
            and not any(key.startswith(own) for key in self.data)
        ):
            return False
        return super().has_changed()

    def clean(self):
        sent = self.sent
        stored = self.digests if self.instance.pk and sent else {}
        both = [name for name in self.changed_data if stored.get(name) != sent.get(name)]
        # A secret that was typed is for what was shown beside it, such as an address.
        if not any(isinstance(self.fields[name].widget, SecretInput) for name in self.changed_data):
            both = [name for name in both if not self.left_alone(name, sent.get(name))]
        cleaned = super().clean()
        if both:
            self.add_error(None, self.who_changed())
        for name in both:
            self.add_error(name, self.now(name, sent.get(name)))
        return cleaned

    def now(self, name: str, shown) -> list[str]:
        """What somebody else has made of a field."""
        field = self.fields[name]
        if not isinstance(field, TextsField):
            return [words(self.initial.get(name), hasattr(field, "choices"))]
        names, main = dict(settings.LANGUAGES), field.languages[0]
        return [
            words(text) if code == main else f"{names[code]}: {words(text)}"
            for code, text in self.initial[name].items()
            if digest(text) != of_language(shown, code)
        ]

    def left_alone(self, name: str, shown) -> bool:
        """Whether a field came back as it was shown. It then takes its stored value; of a text in
        several languages each that came back so does."""
        field = self.fields[name]
        if name not in self.cleaned_data:
            return False
        value, stored = self.cleaned_data[name], self.get_initial_for_field(field, name)
        is_left = True
        if isinstance(field, TextsField):
            value = {field.languages[0]: value, **field.others}
            for code, text in value.items():
                if digest(text) == of_language(shown, code):
                    value[code] = stored.get(code)
                elif digest(stored.get(code)) != of_language(shown, code):
                    is_left = False
        elif digest(field.prepare_value(value)) == shown:
            value = stored
        else:
            return False
        try:
            self.cleaned_data[name] = field.clean(value)
        except ValidationError:
            return False
        field.bound_data = lambda data, initial: value  # type: ignore[method-assign]
        if not (isinstance(field, TextsField) and field.has_changed(stored, value)):
            self.changed_data.remove(name)
        return is_left

    def who_changed(self) -> str:
        """By the audit, which need not have a row of it: a form may hold what is in other rows."""
        about = {"kind": self.instance._meta.model_name, "object_id": str(self.instance.pk)}
        changes = AuditRow.objects.filter(action=AuditRow.Action.CHANGED, **about)
        last, opened = changes.order_by("-pk").first(), self.sent.get(TIME)
        since = opened if isinstance(opened, float) else float("inf")
        if last is None or not last.actor_name or last.at.timestamp() < since:
            return _("This page was changed since you opened it. Save again to overwrite that.")
        text = _(
            "%(who)s changed this page at %(time)s, after you had opened it. Save again to "
            "overwrite that."
        )
        at = timezone.localtime(last.at)
        today = at.date() == timezone.localdate()
        said = f"{at:%H:%M}" if today else f"{at:%Y-%m-%d %H:%M}"
        return text % {"who": last.actor_name, "time": said}
