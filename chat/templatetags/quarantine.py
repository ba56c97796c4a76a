"""Why a conversation is in quarantine, in words."""

from collections.abc import Iterable

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.visitors import spam

register = template.Library()

WORDS: dict[str, tuple[Promise, Promise]] = {
    spam.LINKS: (
        _("many links"),
        _("Caught as spam: more than two links in the first message."),
    ),
    spam.SAME: (
        _("same text"),
        _("Caught as spam: many visitors started with the same text."),
    ),
}
"""By reason: in a row of the inbox, and above the conversation."""


@register.filter
def quarantine_words(reason: str) -> tuple:
    return WORDS.get(reason, ("", ""))


@register.simple_tag
def quarantine_reasons() -> Iterable[tuple]:
    return WORDS.items()
