"""Figures about articles. Each is the number of rows of `ArticleUse` that `rows` finds."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from accounts.models import Enterprise
from chat.models import Article, ArticleUse
from chat.periods import day_after, midnight

Kind = ArticleUse.Kind
OF_ARTICLES = (Kind.OPENED, Kind.HELPFUL, Kind.UNHELPFUL, Kind.SOLVED)
WEEK = 7


@dataclass(slots=True)
class Line:
    """The figures of an article: {kind: number}."""

    title: str
    slug: str
    lang: str
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Week:
    """The figures of the days from `first` to `last`: {kind: number}."""

    first: date
    last: date
    counts: dict[str, int] = field(default_factory=dict)


def rows(
    enterprise: Enterprise, since: datetime, until: datetime, kind: str = "", slug: str = "",
    lang: str = "",
) -> QuerySet[ArticleUse]:  # fmt: skip
    """What readers did from `since` until before `until`, of one kind or of all, with one article
    or with all, the newest first."""
    found = ArticleUse.objects.filter(enterprise=enterprise, at__gte=since, at__lt=until)
    wanted = {"kind": kind, "slug": slug, "lang": lang}
    found = found.filter(**{name: value for name, value in wanted.items() if value})
    return found.order_by("-at", "-id")


def by_article(
    enterprise: Enterprise, since: datetime, until: datetime, readable: QuerySet[Article]
) -> list[Line]:
    """A line for each article that was used, those opened most often first. The title is today's;
    that of an article which is not among the `readable` ones is its address."""
    used = rows(enterprise, since, until).filter(kind__in=OF_ARTICLES).order_by()
    lines: dict[tuple[str, str], Line] = {}
    for slug, lang, kind, n in used.values_list("slug", "lang", "kind").annotate(Count("id")):
        line = lines.setdefault((slug, lang), Line(slug, slug, lang))
        line.counts[kind] = n
    known = readable.filter(enterprise=enterprise, slug__in={slug for slug, _ in lines})
    for slug, lang, title in known.values_list("slug", "lang", "title"):
        if (slug, lang) in lines:
            lines[slug, lang].title = title
    return sorted(lines.values(), key=lambda one: (-one.counts.get(Kind.OPENED, 0), one.title))


def by_week(enterprise: Enterprise, first: date, last: date, zone: ZoneInfo) -> list[Week]:
    """A line for each week that begins on a Monday, of the days from `first` to `last`; the newest
    first."""
    days = (last - first).days
    lines = [
        Week(first + timedelta(max(monday, 0)), first + timedelta(min(monday + WEEK - 1, days)))
        for monday in range(-first.weekday(), days + 1, WEEK)
    ]
    sums = {
        f"week{at}": Count(
            "id", Q(at__gte=midnight(one.first, zone), at__lt=day_after(one.last, zone))
        )
        for at, one in enumerate(lines)
    }
    span = midnight(first, zone), day_after(last, zone)
    counts = rows(enterprise, *span).order_by().values("kind").annotate(**sums)
    for found in counts:
        for at, line in enumerate(lines):
            line.counts[found["kind"]] = found[f"week{at}"]
    return lines[::-1]


def totals(lines: Iterable[Line | Week]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for line in lines:
        for kind, n in line.counts.items():
            found[kind] += n
    return dict(found)
