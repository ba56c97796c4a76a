"""How a manager enters a secret: it is stored sealed, and stands in no page."""

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import encryption

KEPT = "-kept"
"""What follows a field's name in that of the hidden field beside it."""


class SecretInput(forms.PasswordInput):
    """What was typed is not shown again. Where something else in the form is wrong it goes along
    sealed, and counts unless something else is typed."""

    def __init__(self):
        super().__init__({"autocomplete": "new-password"})

    def value_from_datadict(self, data, files, name) -> str:
        typed = super().value_from_datadict(data, files, name)
        return typed or encryption.unseal(data.get(name + KEPT, "")) or ""

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        if not value:
            return super().render(name, value, attrs, renderer)
        field = super().render(name, value, {**(attrs or {}), "placeholder": "••••••••"}, renderer)
        line = '{}<input type="hidden" name="{}" value="{}">'
        return format_html(line, field, name + KEPT, encryption.seal(value))
