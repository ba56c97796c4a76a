"""Figures about articles and what was not found, each against its rows."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from chat.knowledge import articles, missing, uses
from chat.knowledge.articles import Text
from chat.models import Article, ArticleUse, CountedReception

pytestmark = pytest.mark.once
Kind = ArticleUse.Kind


@pytest.fixture
def article(enterprise):
    articles.put(enterprise, "lid", "en", Text("Lids <b>", "Text."))
    return Article.objects.get()


@pytest.fixture
def search(enterprise):
    """Stores a search of some minutes ago."""

    def search(words, reader="r" * 32, ago=10, of=enterprise, lang="en"):
        uses.searched(of, words, lang, reader)
        row = ArticleUse.objects.latest("pk")
        ArticleUse.objects.filter(pk=row.pk).update(at=timezone.now() - timedelta(minutes=ago))
        return row.pk

    return search


def later(row: int, minutes: float) -> None:
    """Moves the newest row to some minutes after another."""
    at = ArticleUse.objects.get(pk=row).at + timedelta(minutes=minutes)
    ArticleUse.objects.filter(pk=ArticleUse.objects.latest("pk").pk).update(at=at)


def found(enterprise):
    now = timezone.now()
    groups = missing.groups(enterprise, now - timedelta(1), now)
    return {one.words: len(one.rows) for one in groups}


def test_every_number_leads_to_as_many_rows(article, manager, search, other_enterprise, browser_of):
    search("lid"), search("lid of a pot", ago=60 * 24 * 5)
    articles.put(other_enterprise, "lid", "en", Text("Theirs", "Text."))
    search("theirs", of=other_enterprise)
    uses.opened(Article.objects.get(enterprise=other_enterprise), "x" * 32)
    for reader in "abc":
        uses.opened(article, reader * 32, "lid")
    uses.voted(article, "a" * 32, True), uses.voted(article, "b" * 32, False)
    uses.solved(article, "c" * 32)
    browser = browser_of(manager)
    page = browser.get("/admin/reports/articles/").content.decode()
    assert "Lids &lt;b&gt;" in page and "Theirs" not in page
    links = re.findall(r'href="(/admin/reports/articles/rows/\?[^"]+)">(\d+)<', page)
    assert len(links) >= 9 + 5
    for href, n in links:
        rows = browser.get(href.replace("&amp;", "&")).context["found"].paginator.count
        assert rows == int(n), href
    query = {"from": "9999-12-20", "to": "9999-12-31"}
    weeks = browser.get("/admin/reports/articles/", query).context["weeks"]
    found = [(f"{one.first:%m-%d}", f"{one.last:%m-%d}") for one, _cells in weeks]
    assert found == [("12-27", "12-31"), ("12-20", "12-26")]


def test_a_search_ends_well_where_an_article_is_opened_soon_and_helps(enterprise, article, search):
    good, late, bad = search("lid", "a" * 32), search("cup", "b" * 32), search("pot", "c" * 32)
    for row, reader, minutes in ((good, "a", 1), (late, "b", 3), (bad, "c", 1)):
        uses.opened(article, reader * 32)
        later(row, minutes)
    uses.voted(article, "c" * 32, False)
    assert found(enterprise) == {"cup": 1, "pot": 1}


def test_who_goes_on_writing_is_counted_once_and_the_last_moment_not_yet(enterprise, search):
    search("ga", ago=10), search("gaiwan", ago=9.8)
    search("teapot", "b" * 32, ago=0.5)
    assert found(enterprise) == {"gaiwan": 1}


def test_like_questions_are_one_group_and_its_rows_are_listed(
    enterprise, manager, search, browser_of
):
    for at, words in enumerate(("盖子能单买吗", "盖子碎了能单买吗", "盖子能单买吗", "怎么退款")):
        search(words, f"{at}" * 32, lang="zh-hans")
    assert found(enterprise) == {"盖子能单买吗": 3, "怎么退款": 1}
    browser = browser_of(manager)
    page = browser.get("/admin/reports/articles/missing/")
    href = re.search(r'href="([^"]+like[^"]+)">3<', page.content.decode())[1]
    rows = browser.get(href.replace("&amp;", "&"))
    assert rows.context["found"].paginator.count == 3
    assert escape("盖子碎了能单买吗") in rows.content.decode()


def test_how_long_those_waited_who_then_wrote(enterprise, guest, group, search):
    search("lid", guest.uuid, ago=20)
    opened_at = timezone.now() - timedelta(minutes=15)
    CountedReception.objects.create(
        ent_id=enterprise.code, group_id=group, first_seq=1, opened_at=opened_at,
        replied_at=opened_at + timedelta(seconds=90),
    )  # fmt: skip
    now = timezone.now()
    (one,) = missing.groups(enterprise, now - timedelta(1), now)
    assert (one.wrote, one.wait) == (1, 90)


def test_what_people_wrote_is_for_those_who_may_read_it(analyst, search, browser_of):
    search("my name is Li")
    page = browser_of(analyst).get("/admin/reports/articles/")
    assert page.status_code == 200 and b"articles/rows" not in page.content


def test_a_title_that_somebody_may_not_read_is_its_address(
    article, enterprise, analyst, alice, manager, browser_of
):
    uses.opened(article, "a" * 32)
    articles.save(enterprise, "lid", "en", Text("Secret lids"), alice, 1)
    articles.withdraw(enterprise, "lid", "en", manager, 2)
    for who, title in ((analyst, "lid"), (manager, "Secret lids")):
        ((line, _cells),) = browser_of(who).get("/admin/reports/articles/").context["articles"]
        assert line.title == title


@pytest.mark.parametrize("query", ["kind=x", "kind=opened&from=2026-13-01", "kind=opened&zone=x"])
def test_a_wrong_question_is_an_error_that_says_so(manager, query, browser_of):
    answer = browser_of(manager).get(f"/admin/reports/articles/rows/?{query}")
    assert answer.status_code in (400, 404)


def test_no_more_is_read_than_the_newest_searches_need(enterprise, search, article, monkeypatch):
    monkeypatch.setattr(missing, "MOST", 2)
    for ago in range(100, 150):
        search("lid", ago=ago)
    search("cup", "b" * 32), search("pot", "c" * 32, ago=11)
    for reader in ("d", "e", "f"):
        uses.opened(article, reader * 32), later(ArticleUse.objects.first().pk, 105)
        uses.voted(article, reader * 32, False)
    with CaptureQueriesContext(connection) as ran:
        assert found(enterprise) == {"cup": 1, "pot": 1}
    read = 0
    with connection.cursor() as cursor:
        for one in ran.captured_queries:
            cursor.execute(one["sql"])
            read += len(cursor.fetchall())
    assert read <= 4
