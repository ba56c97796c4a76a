"""The index of what is published, written in the transaction that publishes.

Its rows stand in `article_index`; the full-text index over them is the database's own (migration
0012): FTS5 of SQLite, kept by triggers, and FULLTEXT of MariaDB and MySQL.
"""

from chat.models import Article, ArticleIndex

from .markup import plain
from .tokens import tokens


def put(article: Article) -> None:
    """Makes the index hold a published article as it is now, and no other."""
    if article.state != Article.State.PUBLISHED:
        ArticleIndex.objects.filter(article=article).delete()
        return
    columns = {
        "scope": " ".join(scopes(article)),
        "title": " ".join(tokens(article.title)),
        "body": " ".join(tokens(plain(article.body))),
    }
    ArticleIndex.objects.update_or_create(article=article, defaults=columns)


def scopes(article: Article) -> list[str]:
    """The scopes to which a published article belongs."""
    audiences = {article.audience, Article.Audience.INTERNAL}
    return sorted(
        scope(article.enterprise_id, audience, lang)
        for audience in audiences
        for lang in ("", article.lang)
    )


def scope(enterprise: int, audience: str, lang: str = "") -> str:
    """The word in a query by which only articles of this enterprise are found that `audience` may
    read ("internal": both), in this language or in all."""
    return f"e{enterprise}{audience}{lang.replace('-', '')}"


def rebuild() -> int:
    """Writes the index of all articles anew; how many are in it."""
    ArticleIndex.objects.all().delete()
    rows = Article.objects.filter(state=Article.State.PUBLISHED)
    for row in rows.iterator():
        put(row)
    return ArticleIndex.objects.count()
