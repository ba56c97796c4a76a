"""Parts of pages that are the same for everybody: scripts' texts and patterns, icons, addresses of
files. They depend on nothing but the language, so each is made once in it."""

from functools import cache

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def fixed(path: str, **words: str) -> SafeString:
    """The template at `path`, which gets nothing of the page but these words, written in the page's
    template itself. So it can show nothing of a person, and nothing that changes."""
    return made(path, get_language(), **words)


@cache
def made(path: str, language: str, **words: str) -> SafeString:
    return get_template(path).render(words)
