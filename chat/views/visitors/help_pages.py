"""How the pages of the help centre are made: without the request, so that nothing of a reader can
be in them, and kept for a minute in this process, since they are the same for everybody."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import hours
from accounts.models import Enterprise
from chat.knowledge import articles, centre
from chat.presence import leases
from chat.visitors import cookies

from .visitor import head_of

KEPT = 256
"""Pages in this process, some 5 MB."""
SHOWN_FOUND = 10
MAX_LOCATIONS = 50_000
"""What a sitemap may have (sitemaps.org)."""


@dataclass(frozen=True, slots=True)
class Place:
    """An enterprise's help centre in one language, on the site `origin`. `fresh` differs soon
    after a text has changed, and after a while: a page that is kept is of one Place."""

    enterprise: Enterprise
    lang: str
    origin: str
    fresh: tuple

    def address(self, slug: str = "", lang: str = "", **query: str) -> str:
        """The address of the first page, or of an article, in a language."""
        code = self.enterprise.code
        path = reverse("help-article", args=[code, slug]) if slug else reverse("help", args=[code])
        return f"{path}?{urlencode(query | {'lang': lang or self.lang})}"

    def page(self, name: str, context: dict, langs: set[str], lang: str = "", **place: str) -> str:
        """The page `name` at the place that `address` takes; it has texts in `langs`, and is shown
        in `lang`, or in the wanted language. Its menu leads to `languages` of `context`, else to
        the same place in each language."""
        context = {
            "enterprise": self.enterprise,
            "origin": self.origin,
            "canonical": self.address(lang=lang, **place),
            "alternates": [(code, self.address(lang=code, **place)) for code in sorted(langs)],
            "languages": [(code, self.address(lang=code, **place)) for code in articles.LANGUAGES],
            **context,
        }
        with timezone.override(hours.zone_named(self.enterprise.zone)):
            return render_to_string(f"help/{name}.html", context)


def found_page(place: Place, words: str) -> str:
    """What is found for `words`."""
    listed = centre.find(place.enterprise, words, place.lang, SHOWN_FOUND)
    return place.page("home", {"words": words, "listed": listed}, {place.lang}, q=words)


@lru_cache(KEPT)
def home_page(place: Place) -> str:
    """The categories, what is read most, and who is there."""
    rows = centre.entries(place.enterprise)
    shown = centre.in_language(rows, place.lang)
    newest = sorted(shown, key=lambda entry: entry.updated_at, reverse=True)
    team = cookies.find_team(place.enterprise, None)
    context = {
        "categories": centre.categories(shown),
        "recent": newest[: centre.MAX_READ],
        "read": centre.read_most(place.enterprise, shown),
        "team": team,
        **(head_of(place.enterprise, team, leases.team_states(team)) if team else {}),
    }
    return place.page("home", context, {place.lang, *(row.lang for row in rows)})


@lru_cache(KEPT)
def category_page(place: Place, category: str) -> str:
    """The articles of a category; Refused without any."""
    rows = centre.entries(place.enterprise)
    listed = [row for row in centre.in_language(rows, place.lang) if row.category == category]
    if not listed:
        raise articles.not_found()
    names = {lang: centre.category_in(rows, listed, lang) for lang in articles.LANGUAGES}
    names[place.lang] = category
    languages = [(lang, place.address(lang=lang, category=name)) for lang, name in names.items()]
    context = {"category": category, "listed": listed, "languages": languages}
    return place.page("home", context, {place.lang}, category=category)


@lru_cache(KEPT)
def article_page(place: Place, slug: str, thanks: bool) -> str:
    """An article, in another language where it lacks the wanted one; Refused if it is not there for
    everybody. With `thanks` the reader has just voted."""
    texts = centre.texts(place.enterprise, slug)
    if not texts:
        raise articles.not_found()
    row = texts.get(place.lang) or next(iter(texts.values()))
    context = {"article": row, "related": centre.related(row), "thanks": thanks}
    return place.page("article", context, set(texts), row.lang, slug=slug)


def sitemap(place: Place) -> str:
    """All addresses, for search engines."""
    rows = articles.readable(place.enterprise).order_by("slug", "lang")
    found = rows.values_list("slug", "lang", "updated_at")[: MAX_LOCATIONS - 1]
    home = place.origin + reverse("help", args=[place.enterprise.code])
    lines = [f"<url><loc>{home}</loc></url>"]
    lines += [
        f"<url><loc>{home}{slug}/?lang={lang}</loc><lastmod>{at:%Y-%m-%d}</lastmod></url>"
        for slug, lang, at in found
    ]
    schema = "http://www.sitemaps.org/schemas/sitemap/0.9"
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{schema}">'
    return "\n".join([head, *lines, "</urlset>\n"])
