"""Links of articles to other articles."""

from accounts.models import Enterprise

from . import articles, markup
from .articles import Text


def lost(enterprise: Enterprise, slug: str, text: Text) -> list[str]:
    """The slugs, in order, to which a text of the article `slug` links and which its readers
    cannot open: of no article, of a draft, of a text for everybody those for colleagues too."""
    links = (node for node in markup.every(markup.tree(text.body)) if node["kind"] == "article")
    named = dict.fromkeys(node["slug"] for node in links if node["slug"] not in ("", slug))
    rows = articles.readable(enterprise, text.audience).filter(slug__in=named)
    there = set(rows.values_list("slug", flat=True)) if named else ()
    return [one for one in named if one not in there]
