"""The attributes of customers in an enterprise's settings."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import setup
from accounts.models import Attribute
from accounts.models.attribute import MAX_ATTRIBUTES

from .base import ScopedInline

SURE = "sure"
"""What the box that deletes an attribute sends once it was asked about."""


class LinesField(forms.CharField):
    """Short texts, one on each line."""

    widget = forms.Textarea

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value) -> list[str]:  # type: ignore[override]
        lines = value if isinstance(value, list) else str(value or "").split("\n")
        return [text for line in lines if (text := " ".join(line.split()))]

    def has_changed(self, initial, data) -> bool:
        return self.to_python(data) != (initial or [])


class AttributeForm(forms.ModelForm):
    choices = LinesField(
        label=_("choices"),
        required=False,
        help_text=_("Of a choice: one on each line."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # Programs and values name it by its key.
            self.fields["key"].disabled = True
            known = gettext("As your colleagues read it; programs and CSV files name it %(key)s.")
            self.fields["label"].help_text = known % {"key": self.instance.key}


class AttributeFormSet(BaseInlineFormSet):
    """Refuses more than an enterprise may have; and once, to delete values with an attribute: sent
    again, it is what its reader wants."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if form.is_bound and form.add_prefix("DELETE") in form.data:
            form.fields["DELETE"].widget.attrs["value"] = SURE

    def clean(self):
        super().clean()
        deleted = [form for form in self.initial_forms if self._should_delete_form(form)]
        new = [form for form in self.extra_forms if form.has_changed()]
        if self.initial_form_count() - len(deleted) + len(new) > MAX_ATTRIBUTES:
            raise ValidationError(setup.too_many_attributes())
        unasked = [form for form in deleted if form.data.get(form.add_prefix("DELETE")) != SURE]
        if losses := [text for form in unasked if (text := loss(form.instance))]:
            raise ValidationError(losses)


def loss(attribute: Attribute) -> str:
    """What goes with an attribute that is deleted; "" for nothing."""
    n = attribute.count_values()
    text = ngettext(
        "“%(label)s” has a value of %(n)d customer, which is deleted with it."
        " Save again to delete both.",
        "“%(label)s” has values of %(n)d customers, which are deleted with it."
        " Save again to delete all of it.",
        n,
    )
    return text % {"label": attribute, "n": n} if n else ""


class AttributeInline(ScopedInline):
    model = Attribute
    form = AttributeForm
    formset = AttributeFormSet
    scope = "pk"
    adds, order = _("Add an attribute"), "position"
    about = _("What your colleagues and programs know about each customer.")
    fields = [("label", "key"), ("kind", "choices"), "position"]
