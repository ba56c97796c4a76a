"""The demo's articles: twenty in both languages, as the contract's files, true to each other."""

import re

import pytest
from django.db import connection

from chat.bulk.demo import knowledge, removal
from chat.knowledge import articles, search
from chat.models import Article, ArticleUse, QuickQuestion

LINK = re.compile(r"\]\(([^)]*)\)")


def test_all_are_there_in_both_languages_and_lead_to_each_other(full):
    rows = list(Article.objects.all())
    slugs = {row.slug for row in rows}
    both = {(slug, lang) for slug in slugs for lang in articles.LANGUAGES}
    assert len(slugs) == 20 and {(row.slug, row.lang) for row in rows} == both
    public = {row.slug for row in rows if row.is_public}
    assert len(public) == 18
    for row in rows:
        links = set(LINK.findall(row.body))
        assert links and links <= public, (row.slug, row.lang)
    assert set(QuickQuestion.objects.values_list("article", flat=True)) <= public
    assert len({(row.category, row.lang) for row in rows}) == 12
    for path in knowledge.HERE.glob("*.md"):
        assert path.read_text().endswith("\n") and "\r" not in path.read_text()


def test_what_the_shops_visitors_ask_is_found(full):
    if connection.vendor != "sqlite":
        pytest.skip("FULLTEXT sees what is committed")
    for words, slug in (
        *(("Where is my parcel?", "track-parcel"), ("do I have to pay customs", "customs")),
        *(("One of the cups arrived broken", "broken-parts"), ("怎么开壶", "yixing-teapot")),
        *(("订单三天了还没发货", "shipping-times"), ("可以开公司发票吗", "invoices")),
        *(("茶叶开封之后怎么保存", "storing-tea"), ("收到的杯子碎了一只", "broken-parts")),
    ):
        assert slug in [one.slug for one in search.search(full, words, limit=3)], words


def test_what_readers_did_is_invented_and_goes_with_the_conversations(full):
    kinds = set(ArticleUse.objects.values_list("kind", flat=True))
    assert kinds == set(ArticleUse.Kind.values)
    assert ArticleUse.objects.filter(kind="opened").exclude(article__audience="public").count() == 0
    real = ArticleUse.objects.create(enterprise=full, kind="searched", words="x", reader="d" * 32)
    removal.remove(full)
    assert list(ArticleUse.objects.all()) == [real] and Article.objects.count() == 40
