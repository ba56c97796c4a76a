"""The forms of the administration: what they only show, and what was refused."""

from datetime import datetime
from typing import NamedTuple

from django import template
from django.contrib import admin
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from accounts.admin import cells

register = template.Library()


class Fault(NamedTuple):
    """What was refused. `field` is the id of its field, "" for what concerns several."""

    field: str
    label: str
    text: str


@register.filter
def shown(readonly):
    """What a form shows of a field that is not written there: a row as a link to its page, a time
    with its date; "" for nothing."""
    value = cells.value_of(readonly.model_admin, readonly.form.instance, readonly.field["field"])
    if isinstance(value, Model) and admin.site.is_registered(type(value)):
        place = reverse(admin_urlname(value._meta, "change"), args=[value.pk])
        return format_html('<a href="{}">{}</a>', place, value)
    if isinstance(value, datetime):
        return cells.whole(value)
    return cells.cell(value, timezone.now())


@register.filter
def called(row, inline) -> str:
    """The title of a row on its parent's page."""
    return inline.title_of(row) if row else ""


@register.simple_tag(takes_context=True)
def new_row(context) -> SafeString:
    """The row that a script copies, with `__prefix__` for its number. Each takes a tenth of the
    page, so the one for those without scripts is made of it (`numbered`)."""
    return context.template.engine.get_template("admin/edit_inline/card.html").render(context)


@register.filter(is_safe=True)
def numbered(row: str, number: int) -> str:
    return row.replace("__prefix__", str(number))


@register.filter
def faults(page, formsets) -> list[Fault]:
    """All that was refused in a form (AdminForm) and in its rows of other tables, in the order of
    the page."""
    found = faults_of(page.form, flatten_fieldsets(page.fieldsets))
    for owner in formsets:
        found += [Fault("", "", text) for text in owner.non_form_errors()]
        for row in owner.formset.forms:
            found += faults_of(row, row.fields)
    return found


def faults_of(form, names) -> list[Fault]:
    found = []
    in_order = dict.fromkeys([NON_FIELD_ERRORS, *names, *form.errors])
    for name in filter(form.errors.__contains__, in_order):
        texts = form.errors[name]
        if name == NON_FIELD_ERRORS:
            found += [Fault("", "", text) for text in texts]
            continue
        field = form[name]
        place = field.id_for_label or f"{field.auto_id}_all"
        found += [Fault(place, capfirst(field.label), text) for text in texts]
    return found
