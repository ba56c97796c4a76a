"""Texts for people, and sentences that are put together on a page."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import pgettext

Words = str | Promise
"""A text, or one that is in its reader's language once it is shown."""


def sentences(*texts: object) -> str:
    """Those that are not empty, one behind the other: in Chinese without a space between them."""
    return pgettext("between sentences", " ").join(filter(None, map(str, texts)))


def listed(names: Iterable[object]) -> str:
    """Names in one text: in Chinese with the comma of lists between them."""
    return pgettext("between names", ", ").join(map(str, names))
