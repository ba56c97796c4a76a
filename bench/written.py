"""What enterprises have written that search in articles or answer from them."""

import random
import re

from .options import ROOT

CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
SENTENCE = re.compile(r"[\u4e00-\u9fff]{9,30}")
"""What visitors ask and articles say: nothing that is replaced before it leaves the server, or that
the check of an answer would strike out."""
ARTICLES = 500
SENTENCES, TITLE = 12, 20
"""Sentences of an article, and characters of its title."""
BATCH = 500


def set_up(enterprise, url: str) -> None:
    """Gives an enterprise articles, and an assistant that answers from them."""
    from chat.assistant import assistants

    fill(enterprise, ARTICLES, sentences(), random.Random(1))
    made = assistants.make(enterprise)
    settings = {"url": url, "model": "bench", "mode": "answer", "daily_tokens": 2_000_000_000}
    assistants.change(made, **settings)


def sentences() -> list[str]:
    return sorted(set(SENTENCE.findall(CATALOGUE.read_text())))


def fill(enterprise, number: int, sentences: list[str], chance: random.Random) -> None:
    """Publishes articles of random sentences, many in each transaction."""
    from chat.knowledge import index
    from chat.models import Article, ArticleIndex

    for first in range(0, number, BATCH):
        slugs = [f"a-{place}" for place in range(first, min(first + BATCH, number))]
        Article.objects.bulk_create(
            Article(
                enterprise=enterprise,
                slug=slug,
                lang="zh-hans",
                title=chance.choice(sentences)[:TITLE],
                body="\n".join(chance.choices(sentences, k=SENTENCES)),
                state="published",
            )
            for slug in slugs
        )
        # Read again: MySQL does not say which keys it gave.
        made = Article.objects.filter(enterprise=enterprise, slug__in=slugs)
        ArticleIndex.objects.bulk_create(map(index.row, made))
