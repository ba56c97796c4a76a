"""For the administration: whether an enterprise has conversations of the demo."""

from django import template

from accounts.models import Enterprise
from chat.bulk.demo import conversations

register = template.Library()


@register.filter
def has_demo(enterprise: Enterprise) -> bool:
    return conversations.exist(enterprise)
