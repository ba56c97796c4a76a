"""What is stored of readers: who they are, their votes, and for how long."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.knowledge import articles, uses
from chat.knowledge.articles import Text
from chat.models import Article, ArticleUse
from chat.protocol.errors import Refused

AGENT = "Mozilla/5.0"


@pytest.fixture
def article(enterprise):
    articles.put(enterprise, "tea", "en", Text("Tea", "Text."))
    return Article.objects.get()


def test_a_reader_without_a_cookie_is_the_same_for_a_day_only(
    enterprise, other_enterprise, monkeypatch
):
    reader = uses.stranger(enterprise, "192.0.2.1", AGENT)
    assert reader == uses.stranger(enterprise, "192.0.2.1", AGENT)
    assert reader != uses.stranger(enterprise, "192.0.2.2", AGENT)
    assert reader != uses.stranger(enterprise, "192.0.2.1", "another")
    assert reader != uses.stranger(other_enterprise, "192.0.2.1", AGENT)
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(uses.timezone, "now", lambda: tomorrow)
    assert reader != uses.stranger(enterprise, "192.0.2.1", AGENT)


def test_a_later_vote_replaces_the_readers_own(article):
    uses.opened(article, "one", "green  tea")
    for reader, helpful in (("one", True), ("two", False), ("one", False), ("two", True)):
        uses.voted(article, reader, helpful)
    rows = ArticleUse.objects.order_by("kind", "reader").values_list("kind", "reader", "words")
    assert list(rows) == [
        ("helpful", "two", ""),
        ("opened", "one", "green tea"),
        ("unhelpful", "one", ""),
    ]


def test_an_article_has_one_vote_of_a_reader_in_whatever_language(article, enterprise):
    articles.put(enterprise, "tea", "zh-hans", Text("茶", "Text."))
    for one, helpful in ((article, False), (Article.objects.get(lang="zh-hans"), True)):
        uses.voted(one, "a" * 32, helpful)
    row = ArticleUse.objects.get()
    assert (row.kind, row.lang, row.article.lang) == ("helpful", "zh-hans", "zh-hans")


@pytest.mark.parametrize("words", ["", " \n", "a\x00b"])
def test_a_search_without_words_is_refused(enterprise, words):
    with pytest.raises(Refused):
        uses.searched(enterprise, words, "en", "one")
    assert not ArticleUse.objects.exists()


@pytest.mark.parametrize(("kept", "left"), [(None, [399, 99]), (100, [99]), (3650, [399, 99])])
def test_old_rows_go_and_earlier_where_conversations_do(enterprise, article, kept, left):
    enterprise.retention_days = kept
    enterprise.save()
    for days in (401, 399, 99):
        uses.opened(article, str(days))
        at = timezone.now() - timedelta(days=days)
        ArticleUse.objects.filter(reader=str(days)).update(at=at)
    assert uses.delete_old(0) == 0
    rows = ArticleUse.objects.order_by("pk").values_list("reader", flat=True)
    assert [int(reader) for reader in rows] == left
