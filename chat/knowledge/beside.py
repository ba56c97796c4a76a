"""An article that is named beside the chat: on the visitor's page, under an answer, by an agent."""

import re

from accounts.models import Enterprise
from chat.models import Article
from chat.models.knowledge import SLUG_PATTERN

from . import articles

HEADING = re.compile(r"^#{1,6}[ \t]+(.*)$", re.MULTILINE)
INSIDE = re.compile(r"!?\[([^\[\]]*)\]\((?!https?:|mailto:)[^()\s]*\)", re.IGNORECASE)
"""A picture, or a link to another article: their words are left of them in a message."""
RULE = re.compile(r"^[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*\n?", re.MULTILINE)
ROW = re.compile(r"^[ \t]*\|(.+)\|[ \t]*$", re.MULTILINE)
"""Of a table the line under its head, and each other line."""


def find(enterprise: Enterprise, slug: str, lang: str, audience: str = "public") -> Article | None:
    """The published article with this slug for this audience, in this language if it is written in
    it. None for a draft and for one that is not there."""
    if not SLUG_PATTERN.fullmatch(slug):
        return None
    rows = articles.readable(enterprise, audience).filter(slug=slug)
    return min(rows, key=lambda row: (row.lang != lang, row.lang), default=None)


def facts(enterprise: Enterprise, article: Article) -> dict[str, str]:
    """Its title, and its path in the help centre."""
    return {"title": article.title, "url": address(enterprise, article.slug, article.lang)}


def address(enterprise: Enterprise, slug: str, lang: str) -> str:
    """The path of an article in the help centre."""
    return f"/help/{enterprise.code}/{slug}/?lang={lang}"


def message_text(body: str) -> str:
    """An article's text as a message can show it (chat/protocol/formatting.py): headings in bold,
    of pictures and links to other articles the words, a line for each row of a table."""
    in_bold = HEADING.sub(lambda found: f"**{found[1].strip(' #')}**", body)
    in_lines = ROW.sub(
        lambda found: " · ".join(map(str.strip, found[1].split("|"))), RULE.sub("", in_bold)
    )
    return INSIDE.sub(r"\1", in_lines)
