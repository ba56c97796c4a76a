"""Whose site this is."""

from django import template

from accounts.models import Enterprise

register = template.Library()


@register.simple_tag
def only_enterprise() -> Enterprise | None:
    """The open enterprise with its provider, if there is exactly one. With several, a stranger must
    not learn which use this installation."""
    found = Enterprise.objects.filter(status=Enterprise.Status.OPEN).select_related("provider")[:2]
    return found[0] if len(found) == 1 else None
