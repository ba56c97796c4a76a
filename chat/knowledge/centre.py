"""What the help centre shows: the published public texts of an enterprise, each in the reader's
language, or in another one where it is not written in that."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Sum
from django.utils import timezone

from accounts.models import Enterprise
from chat.models import Article, ArticleUse

from . import articles, nearest
from .search import Found, search
from .tokens import HAN

READ_WITHIN = timedelta(days=7)
MAX_READ, MAX_RELATED = 6, 4
COUNTED_EACH_TIME = 200
STAMP_KEPT = 5.0
"""Seconds for which the stamp of an enterprise with more public texts is kept: to make it takes 2
ms on SQLite and 22 on MariaDB with 5,000 texts."""
stamps: dict[int, tuple[float, tuple]] = {}
"""By the key of the enterprise, in this process: when it was made, by time.monotonic, and it."""
FIELDS = "slug", "lang", "title", "category", "updated_at"


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in a list, in the language `lang`."""

    slug: str
    lang: str
    title: str
    category: str
    updated_at: datetime


def stamp(enterprise: Enterprise) -> tuple | None:
    """Changes with whatever everybody may read, where that is much within STAMP_KEPT; None while
    it is nothing."""
    made, kept = stamps.get(enterprise.pk, (0.0, ()))
    if kept and time.monotonic() - made < STAMP_KEPT:
        return kept
    found = articles.readable(enterprise).aggregate(Count("pk"), Sum("version"), Max("updated_at"))
    new = tuple(found.values())
    if found["pk__count"] > COUNTED_EACH_TIME:
        stamps[enterprise.pk] = time.monotonic(), new
    return new if found["pk__count"] else None


def entries(enterprise: Enterprise) -> list[Entry]:
    """All that everybody may read, each article in each of its languages."""
    rows = articles.readable(enterprise).order_by("slug", "lang")
    return [Entry(*row) for row in rows.values_list(*FIELDS)]


def in_language(found: list[Entry], lang: str) -> list[Entry]:
    """Each article once, by title: in this language if it is written in it."""
    best: dict[str, Entry] = {}
    for entry in found:
        if entry.slug not in best or entry.lang == lang:
            best[entry.slug] = entry
    return sorted(best.values(), key=lambda entry: entry.title)


def categories(shown: list[Entry]) -> list[tuple[str, int]]:
    """The categories and how many articles each has, the largest first; "" is what has none."""
    counts = Counter(entry.category for entry in shown)
    return sorted(counts.items(), key=lambda pair: (not pair[0], -pair[1], pair[0]))


def category_in(found: list[Entry], listed: list[Entry], lang: str) -> str:
    """The category that most of the listed articles have in a language: each language has its own
    names."""
    slugs = {entry.slug for entry in listed}
    same = [entry for entry in in_language(found, lang) if entry.slug in slugs]
    own = [entry for entry in same if entry.lang == lang]
    return categories(own or same)[0][0]


def read_most(enterprise: Enterprise, shown: list[Entry]) -> list[Entry]:
    """Those of the articles that were opened most of late, at most MAX_READ."""

    since = timezone.now() - READ_WITHIN
    uses = ArticleUse.objects.filter(enterprise=enterprise, at__gte=since)
    counted = uses.filter(kind=ArticleUse.Kind.OPENED).values("slug").annotate(n=Count("pk"))
    slugs = [row["slug"] for row in counted.order_by("-n", "slug")[: 2 * MAX_READ]]
    by_slug = {entry.slug: entry for entry in shown}
    return [by_slug[slug] for slug in slugs if slug in by_slug][:MAX_READ]


def texts(enterprise: Enterprise, slug: str) -> dict[str, Article]:
    """The texts of an article by language; nothing if it is not there for everybody."""
    rows = articles.readable(enterprise).filter(slug=slug).order_by("lang")
    # MariaDB finds TEA as tea, which is another address of the same page.
    return {row.lang: row for row in rows if row.slug == slug}


def related(article: Article) -> list[Found] | list[Entry]:
    """Articles like this one, in its language: those that a search for its title finds, else
    others of its category."""
    found = search(article.enterprise, article.title, article.lang, limit=MAX_RELATED + 1)
    if others := [one for one in found if one.slug != article.slug][:MAX_RELATED]:
        return others
    own = articles.readable(article.enterprise).filter(lang=article.lang, category=article.category)
    rows = own.exclude(pk=article.pk).exclude(category="").order_by("-updated_at")
    return [Entry(*row) for row in rows.values_list(*FIELDS)[:MAX_RELATED]]


def find(enterprise: Enterprise, text: str, lang: str, limit: int) -> list[Found]:
    """What a reader of a page in this language finds, each article once: in the language of their
    words if these are Chinese, else rather in the page's."""
    nearest.prepare(enterprise.code, text)
    best: dict[str, Found] = {}
    for one in search(enterprise, text, limit=2 * limit):
        if one.slug not in best or (one.lang == lang and not HAN.search(text)):
            best[one.slug] = one
    return list(best.values())[:limit]
