"""An article that is named beside the chat: on the visitor's page, under an answer, by an agent."""

from accounts.models import Enterprise
from chat.models import Article
from chat.models.knowledge import SLUG_PATTERN

from . import articles


def find(enterprise: Enterprise, slug: str, lang: str) -> Article | None:
    """The public article with this slug, in this language if it is written in it. None for a draft,
    an internal one, and one that is not there."""
    if not SLUG_PATTERN.fullmatch(slug):
        return None
    rows = articles.readable(enterprise).filter(slug=slug)
    return min(rows, key=lambda row: (row.lang != lang, row.lang), default=None)


def facts(enterprise: Enterprise, article: Article) -> dict[str, str]:
    """Its title, and its path in the help centre."""
    url = f"/help/{enterprise.code}/{article.slug}/?lang={article.lang}"
    return {"title": article.title, "url": url}
