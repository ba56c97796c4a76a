"""Search in published articles: one function for pages, frames, programs and commands."""

from dataclasses import dataclass

from django.db import connection

from accounts.models import Enterprise
from chat import metrics
from chat.models import Article

from . import articles, index
from .markup import plain
from .tokens import HAN, WORD, tokens

MAX_QUESTION = 500
"""Characters of a question that count."""
MAX_WORDS = 64
TITLE_WEIGHT = 3
SNIPPET, READ_FOR_SNIPPET = 160, 1_000
"""Characters of a snippet, and of the body that are read for it."""
SUGGESTED = 3
GREETINGS = {"hello", "thanks", "你好", "您好", "在吗", "谢谢"}


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
        url = f"/help/{enterprise.code}/{self.slug}/?lang={self.lang}"
        return {
            "slug": self.slug,
            "lang": self.lang,
            "title": self.title,
            "snippet": self.snippet,
            "url": url,
        }


def suggestions(enterprise: Enterprise, text: str, audience: str = "public") -> list[dict]:
    """The few articles that are suggested to somebody who writes this: none where the text says too
    little. An article in two languages comes once."""
    if not says_something(text):
        return []
    found = search(enterprise, text, audience=audience, limit=2 * SUGGESTED)
    once = {one.slug: one for one in reversed(found)}
    return [one.result(enterprise) for one in found if once[one.slug] is one][:SUGGESTED]


def says_something(text: str) -> bool:
    """Whether a text has two Han characters, or a word of four letters that is no greeting."""
    runs = WORD.findall(text[:MAX_QUESTION].lower())
    return any(len(run) >= (2 if HAN.match(run) else 4) and run not in GREETINGS for run in runs)


@metrics.SEARCHES.time()
def search(
    enterprise: Enterprise, text: str, lang: str = "", audience: str = "public", limit: int = 10
) -> list[Found]:
    """The published articles for a question, best first; in one language, or in all with those in
    the question's script first. `audience` "internal" finds both. Nothing for a text without
    words."""
    words = list(dict.fromkeys(tokens(text[:MAX_QUESTION])))[:MAX_WORDS]
    if not words:
        return []
    scope = index.scope(enterprise.pk, audience, lang)
    scores = dict(ranked(scope, words, limit * (1 if lang else 2)))
    rows = articles.readable(enterprise, audience).filter(pk__in=scores)
    rows = rows.filter(lang=lang) if lang else rows
    script = "zh-hans" if HAN.search(text) else "en"
    order = sorted(rows, key=lambda row: (row.lang != script, -scores[row.pk], row.slug))
    return [found(row, scores[row.pk]) for row in order[:limit]]


def ranked(scope: str, words: list[str], limit: int) -> list[tuple[int, float]]:
    """The keys of articles and their scores, by the database's full-text index."""
    if connection.vendor == "sqlite":
        sql = (
            f"SELECT rowid, -bm25(article_words, 0, {TITLE_WEIGHT}, 1) FROM article_words"
            " WHERE article_words MATCH %s"
            " ORDER BY 2 DESC LIMIT %s"
        )
        params = [f"scope:{scope} AND ({' OR '.join(words)})", limit]
    else:
        sql = (
            "SELECT id, MATCH (scope, title, body) AGAINST (%s IN BOOLEAN MODE)"
            f" + {TITLE_WEIGHT - 1} * MATCH (title) AGAINST (%s IN BOOLEAN MODE) FROM article_index"
            " WHERE MATCH (scope, title, body) AGAINST (%s IN BOOLEAN MODE)"
            " ORDER BY 2 DESC LIMIT %s"
        )
        query = f"+{scope} +({' '.join(words)})"
        params = [query, " ".join(words), query, limit]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def found(row: Article, score: float) -> Found:
    snippet = " ".join(plain(row.body[:READ_FOR_SNIPPET]).split())[:SNIPPET]
    return Found(row.slug, row.lang, row.title, row.category, snippet, round(float(score), 4))
