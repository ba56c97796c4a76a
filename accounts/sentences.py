"""Sentences that are put together on a page."""

from django.utils.translation import pgettext


def sentences(*texts: object) -> str:
    """Those that are not empty, one behind the other: in Chinese without a space between them."""
    return pgettext("between sentences", " ").join(filter(None, map(str, texts)))
