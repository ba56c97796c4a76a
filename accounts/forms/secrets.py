"""How a manager enters a secret: it is stored sealed, and stands in no page."""

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from accounts import encryption
from accounts.models import Member

KEPT = "-kept"
"""What follows a field's name in that of the hidden field beside it."""
LASTS = 3600
"""Seconds for which what stands there counts."""


class SecretInput(forms.PasswordInput):
    """What was typed is not shown again. Where something else in the form is wrong it goes along
    sealed, and counts unless something else is typed. It counts in this field alone, for who typed
    it: a form sends its secrets to the address beside them, and whoever has a copy of the database
    could have any sealed one opened so."""

    owner = ""
    """Who fills the form in (a uuid); where nobody is known nothing goes along."""

    def __init__(self):
        super().__init__({"autocomplete": "new-password"})

    def purpose(self, name: str) -> str:
        return f"accounts.forms.secrets {self.owner} {name}"

    def value_from_datadict(self, data, files, name) -> str:
        typed, kept = super().value_from_datadict(data, files, name), data.get(name + KEPT)
        if typed or not kept or not self.owner:
            return typed or ""
        return encryption.unseal(kept, self.purpose(name), LASTS) or ""

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        if not value or not self.owner:
            return super().render(name, value, attrs, renderer)
        words = {"placeholder": gettext("Kept as typed; type anew to replace it")}
        field = super().render(name, value, {**(attrs or {}), **words}, renderer)
        line = '{}<input type="hidden" name="{}" value="{}">'
        sealed = encryption.seal(value, self.purpose(name))
        return format_html(line, field, name + KEPT, sealed)


def filled_in_by(member: Member, form: forms.BaseForm) -> None:
    """Says before a form is read whose secrets go along in it."""
    for field in form.fields.values():
        if isinstance(field.widget, SecretInput):
            field.widget.owner = member.uuid
