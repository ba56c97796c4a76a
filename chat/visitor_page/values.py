"""Values of attributes as people read them."""

from datetime import date

from django.utils import timezone
from django.utils.html import format_html

from accounts.admin.cells import Badge, cell
from accounts.models import Attribute, Enterprise


def value_of(attribute: Attribute, value):
    """What a cell of a list, or the page of a customer, shows of a value; None for none. A value
    that is older than the attribute's kind is shown as it is."""
    kind = Attribute.Kind
    if value is None:
        return None
    match attribute.kind:
        case kind.CHOICE:
            return Badge(str(value))
        case kind.NUMBER if not isinstance(value, str):
            return f"{value:,}"
        case kind.DATE:
            try:
                return date.fromisoformat(str(value))
            except ValueError:
                return str(value)
        case kind.LINK if str(value).startswith(("https://", "http://")):
            words = str(value).partition("://")[2]
            form = '<a href="{}" rel="noreferrer nofollow" target="_blank" dir="ltr">{}</a>'
            return format_html(form, value, words)
    return str(value)


def shown(enterprise: Enterprise, given: dict) -> list[tuple]:
    """Labels and values of the attributes that have one, in their order."""
    known, now = enterprise.attributes.filter(key__in=given), timezone.now()
    return [(one.label, cell(value_of(one, given[one.key]), now)) for one in known]
