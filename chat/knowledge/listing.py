"""The articles as those who write them see them: a line for each slug, with what there is of it in
each language."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import get_language_info

from accounts.models import Enterprise
from chat.models import Article
from chat.models.knowledge import RESERVED

from . import articles
from .articles import DRAFT, LANGUAGES, PUBLISHED, Text

SIZE, MOST_PAGES = 50, 10_000
"""Lines of a page, and pages."""
BEHIND = timedelta(days=1)
"""A text is behind that of another language which was changed so much later: those of one day were
written one after the other."""
MOST_CATEGORIES = 200
STATES = {
    "published": Q(state=PUBLISHED),
    "draft": Q(state=DRAFT),
    "changed": Q(state=PUBLISHED, draft__isnull=False),
    "missing": Q(),
}
FILTERS = ("q", "state", "audience", "category", "lang")


@dataclass(slots=True)
class Tab:
    """An article in one language; without `row` it is not written in it. `behind` has the article
    in another language that was changed after this one."""

    lang: str
    row: Article | None = None
    behind: "Tab | None" = None

    @property
    def name(self) -> str:
        return get_language_info(self.lang)["name_local"]

    @property
    def state(self) -> str:
        if self.row is None:
            return "missing"
        return "changed" if self.row.draft and self.row.state == PUBLISHED else self.row.state


@dataclass(slots=True)
class Line:
    tabs: list[Tab]
    shown: Article
    """In the reader's language if it is written in it."""
    text: Text
    saved: Article
    """The one that was saved last."""


def tabs(rows: list[Article]) -> list[Tab]:
    """An article in each language, from its rows."""
    found = {row.lang: Tab(row.lang, row) for row in rows}
    if rows:
        latest = max(rows, key=lambda row: row.updated_at)
        for row in rows:
            if latest.updated_at > row.saved_at + BEHIND:
                found[row.lang].behind = found[latest.lang]
    return [found.get(lang) or Tab(lang) for lang in LANGUAGES]


def read(enterprise: Enterprise, asked: dict[str, str], page: int, lang: str) -> dict:
    """A page of the list, those saved last first: its `lines`, how many there are (`count`), and
    whether there are `more`. `asked` has the FILTERS; unknown values find nothing. `lang` is the
    reader's language."""
    lines = matching(enterprise, asked).order_by().values("slug").annotate(at=Max("saved_at"))
    start = SIZE * page
    slugs = [one["slug"] for one in lines.order_by("-at", "slug")[start : start + SIZE + 1]]
    grouped = defaultdict(list)
    rows = articles.of(enterprise).filter(slug__in=slugs[:SIZE]).select_related("saved_by")
    for row in rows:
        grouped[row.slug].append(row)
    found = [line(grouped[slug], lang) for slug in slugs[:SIZE] if grouped[slug]]
    return {"lines": found, "count": lines.count(), "more": len(slugs) > SIZE}


def matching(enterprise: Enterprise, asked: dict[str, str]) -> QuerySet[Article]:
    rows, state, lang = articles.of(enterprise), asked["state"], asked["lang"]
    if state == "missing":
        counted = rows.order_by().values("slug").annotate(n=Count("pk")).values("slug")
        there = rows.filter(lang=lang) if lang else counted.filter(n=len(LANGUAGES))
        rows = rows.exclude(slug__in=there.order_by().values("slug"))
    elif lang:
        rows = rows.filter(lang=lang)
    if state:
        rows = rows.filter(STATES.get(state, Q(pk__in=())))
    for name in ("audience", "category"):
        if asked[name]:
            rows = rows.filter(**{name: asked[name]})
    for word in asked["q"].split():
        rows = rows.filter(Q(title__icontains=word) | Q(slug__icontains=word))
    return rows


def line(rows: list[Article], lang: str) -> Line:
    shown = next((row for row in rows if row.lang == lang), rows[0])
    saved = max(rows, key=lambda row: row.saved_at)
    return Line(tabs(rows), shown, articles.written(shown), saved)


def categories(enterprise: Enterprise) -> list[str]:
    """The categories that articles have."""
    rows = articles.of(enterprise).exclude(category="").order_by("category")
    return list(rows.values_list("category", flat=True).distinct()[:MOST_CATEGORIES])


def category_in(enterprise: Enterprise, row: Article, lang: str) -> str:
    """The category of an article as most articles of the same one have it in a language: each has
    its own names. Its own where none has."""
    category = articles.written(row).category
    rows = articles.of(enterprise).exclude(category="")
    same = rows.filter(lang=row.lang, category=category).values("slug")
    named = Counter(rows.filter(lang=lang, slug__in=same).values_list("category", flat=True))
    return named.most_common(1)[0][0] if named else category


def proposed(enterprise: Enterprise, title: str) -> str:
    """An address for an article with this title that no other one has."""
    base = "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:60].rstrip("-") or "article"
    same = articles.of(enterprise).filter(slug__startswith=base)
    taken = {*RESERVED, *same.values_list("slug", flat=True)}
    free = (f"{base}-{n}" if n > 1 else base for n in range(1, len(taken) + 2))
    return next(slug for slug in free if slug not in taken)
