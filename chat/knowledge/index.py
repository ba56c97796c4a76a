"""The index of what is published, written in the transaction that publishes.

Its rows stand in `article_index`; the full-text index over them is the database's own (migration
0012): FTS5 of SQLite, kept by triggers, and FULLTEXT of MariaDB and MySQL.
"""

from django.db import connection

from chat.models import Article, ArticleIndex

from .markup import plain
from .tokens import encoded, words

TITLE_WEIGHT = 3
"""As much as so many of the body counts a word of the title. SQLite's query says so (search.py);
MariaDB and MySQL count words, so the title stands there so many times."""


def put(article: Article) -> None:
    """Makes the index hold a published article as it is now, and no other."""
    if article.state != Article.State.PUBLISHED:
        ArticleIndex.objects.filter(article=article).delete()
        return
    row(article).save()


def row(article: Article) -> ArticleIndex:
    """The row of a published article, not saved."""
    key, times = article.enterprise_id, 1 if connection.vendor == "sqlite" else TITLE_WEIGHT
    return ArticleIndex(
        article=article,
        scope=scope(article.audience, article.lang),
        title=" ".join(encoded(key, words(article.title)) * times),
        body=" ".join(encoded(key, words(plain(article.body)))),
    )


def scope(audience: str, lang: str) -> str:
    return f"{audience} {lang}"


def rebuild() -> int:
    """Writes the index of all articles anew; how many are in it."""
    ArticleIndex.objects.all().delete()
    for article in Article.objects.filter(state=Article.State.PUBLISHED).iterator():
        put(article)
    return ArticleIndex.objects.count()
