"""Values of attributes as the administration and the pages of customers show them."""

from django.utils import timezone
from django.utils.html import format_html

from accounts.admin.cells import Badge, cell
from accounts.models import Attribute, Enterprise
from chat.customers import attributes


def value_of(attribute: Attribute, value):
    """What a cell of a list, or the page of a customer, shows of a value; None for none."""
    kind = Attribute.Kind
    if value is None:
        return None
    if attribute.kind == kind.CHOICE:
        return Badge(str(value))
    if attribute.kind == kind.LINK and str(value).startswith(("https://", "http://")):
        words = str(value).partition("://")[2]
        form = '<a href="{}" rel="noreferrer nofollow" target="_blank" dir="ltr">{}</a>'
        return format_html(form, value, words)
    return attributes.in_words(attribute, value)


def shown(enterprise: Enterprise, given: dict) -> list[tuple]:
    """Labels and values of the attributes that have one, in their order."""
    known, now = enterprise.attributes.filter(key__in=given), timezone.now()
    return [(one.label, cell(value_of(one, given[one.key]), now)) for one in known]
