"""Search in published articles: one function for pages, frames, programs and commands."""

from dataclasses import dataclass
from itertools import chain, islice

from django.db import connection
from django.db.models import BigIntegerField, F, Func
from django.db.models.lookups import Exact

from accounts.models import Enterprise
from chat import metrics
from chat.database import select
from chat.models import Article

from . import articles, beside, excerpts, frequency, index, nearest
from .tokens import HAN, asked, encoded, is_common

SUGGESTED = 3
READ = "slug", "lang", "title", "body", "category", "audience"
POINTS, SHARE = 2, 0.14
"""How much of what somebody writes an article must hold to be suggested (excerpts.points), and
which part of it. In a trial of 55 texts that no article answers, 18 got suggestions by this rule
and 36 where all words counted alike wherever they stood; of 119 others 89 and 90 got a right one.
Half a point more loses every third of the English ones."""
ENOUGH = 8
"""Points with which an article is suggested whatever else a long text says."""
LOOKED_AT = 24
"""Articles that may be suggested, where some are found by meaning: these are in one language. With
12, a third of a trial's questions in two scripts lost their article."""
MOST_READ = 200
"""Rows that MariaDB and MySQL read of what they have ranked. They give the best first, and look up
each row, of tables that are larger than their memory."""


@dataclass(frozen=True, slots=True)
class Found:
    """An article that was found; `score` is the higher the better, and compares within one
    search."""

    slug: str
    lang: str
    title: str
    category: str
    snippet: str
    score: float

    def result(self, enterprise: Enterprise) -> dict:
        """As suggestions and the help centre's search show it (docs/protocol.md)."""
        return {
            "slug": self.slug,
            "lang": self.lang,
            "title": self.title,
            "snippet": self.snippet,
            "url": beside.address(enterprise, self.slug, self.lang),
        }


def suggestions(
    enterprise: Enterprise, text: str, audience: str = "public", lang: str = ""
) -> list[dict]:
    """The few articles that are suggested to somebody who writes this: none where the text says too
    little. Each comes once, in this language if it is written in it; what visitors cannot read is
    `internal`."""
    words = [word for word in asked(text) if not is_common(word)]
    most = sum(map(excerpts.weight, words))
    needed = max(POINTS, min(SHARE * most, ENOUGH))
    if most < needed:
        return []
    once: dict[str, tuple[Article, float]] = {}
    most = LOOKED_AT if nearest.knows(enterprise.code, text) else 2 * SUGGESTED
    for row, score in best(enterprise, text, audience=audience, limit=most):
        if excerpts.points(words, row.title, row.body) >= needed:
            once.setdefault(row.slug, (row, score))
    slugs = [*once][:SUGGESTED]
    wanted = articles.readable(enterprise, audience).filter(slug__in=slugs, lang=lang)
    in_lang = {row.slug: row for row in wanted} if lang else {}
    shown = [(in_lang.get(slug, once[slug][0]), once[slug][1]) for slug in slugs]
    return [
        found(row, score, words).result(enterprise)
        | ({"internal": True} if row.audience == Article.Audience.INTERNAL else {})
        for row, score in shown
    ]


def search(
    enterprise: Enterprise, text: str, lang: str = "", audience: str = "public", limit: int = 10
) -> list[Found]:
    """The published articles for a question, best first; in one language, or in all with those in
    the question's script first. `audience` "internal" finds both. Nothing for a text without
    words."""
    words = asked(text)
    return [
        found(row, score, words) for row, score in best(enterprise, text, lang, audience, limit)
    ]


@metrics.SEARCHES.time()
def best(
    enterprise: Enterprise, text: str, lang: str = "", audience: str = "public", limit: int = 10
) -> list[tuple[Article, float]]:
    """The articles of `search`, and their scores."""
    words = encoded(enterprise.pk, asked(text))
    if not words:
        return []
    audiences = ["public", "internal"] if audience == "internal" else ["public"]
    script = "zh-hans" if HAN.search(text) else "en"
    langs = [lang] if lang else [script, *(each for each in articles.LANGUAGES if each != script)]
    words = frequency.rare(enterprise, words)
    scopes = [[index.scope(each, one) for each in audiences] for one in langs]
    near = nearest.near(enterprise.code, text, audiences)
    if near is None:
        scores = ranked(words, [*chain(*scopes)], len(audiences), limit)
    else:
        scores = {}
        for one, own in zip(langs, scopes, strict=True):
            if len(scores) < limit:
                by_words = [*ranked(words, own, len(own), nearest.LISTED)]
                by_meaning = [keys[one] for keys in near if one in keys]
                scores |= nearest.fused(text, by_words, by_meaning)
        scores = dict(islice(scores.items(), limit))
    rows = by_key(enterprise, audiences, list(scores))
    return [(rows[key], score) for key, score in scores.items() if key in rows]


def by_key(enterprise: Enterprise, audiences: list[str], keys: list[int]) -> dict[int, Article]:
    """The published articles with these keys. The condition on the enterprise is written so that
    SQLite does not read all of its articles to find them."""
    plain = Func(F("enterprise_id"), template="+%(expressions)s", output_field=BigIntegerField())
    readable = Article.objects.filter(
        Exact(plain, enterprise.pk), state=Article.State.PUBLISHED, audience__in=audiences
    )
    return readable.only(*READ).in_bulk(keys)


def ranked(words: list[str], scopes: list[str], first: int, limit: int) -> dict[int, float]:
    """The keys of articles in these scopes and their scores, best first, by the database's
    full-text index; those in the `first` scopes before all others."""
    inside, before = ", ".join(["%s"] * len(scopes)), ", ".join(["%s"] * first)
    if connection.vendor == "sqlite":
        match, asked_for = "article_words MATCH %s", [" OR ".join(words)]
        score, most = f"-bm25(article_words, {index.TITLE_WEIGHT}, 1)", ""
        table = "article_words JOIN article_index ON id = article_words.rowid"
    else:
        match, table = "MATCH (title, body) AGAINST (%s)", "article_index"
        score, asked_for, most = match, [" ".join(words)] * 2, f" LIMIT {MOST_READ}"
    sql = (
        f"SELECT id, score FROM (SELECT id, scope, {score} AS score FROM {table} WHERE {match}"
        f" AND scope IN ({inside}){most}) AS best"
        f" ORDER BY scope IN ({before}) DESC, score DESC, id LIMIT %s"
    )
    return dict(select(sql, [*asked_for, *scopes, *scopes[:first], limit]))


def found(row: Article, score: float, words: list[str]) -> Found:
    snippet = excerpts.snippet(words, row.body)
    score = round(float(score), 4)
    return Found(row.slug, row.lang, row.title, row.category, snippet, score)
