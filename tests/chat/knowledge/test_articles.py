"""How articles are written, published and found."""

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from chat.knowledge import articles, listing, search, timed
from chat.knowledge.articles import Text
from chat.models import Article, ArticleIndex, ArticleRevision
from chat.protocol.errors import Refused

SEARCHES = "kefu_article_search_seconds_count"


committed = pytest.mark.django_db(transaction=True)
"""MariaDB finds only what is committed."""


@pytest.fixture
def put(enterprise):
    def put(slug, title, body="Text.", lang="en", **options):
        state = options.pop("state", "published")
        return articles.put(enterprise, slug, lang, Text(title, body, **options), state)

    return put


def found(enterprise, text, **options):
    return [one.slug for one in search.search(enterprise, text, **options)]


def test_what_is_put_twice_changes_nothing(put, enterprise):
    assert put("tea", "Tea", "Boil water.") == "added"
    assert put("tea", "Tea", "Boil water.\r\n") == "unchanged"
    assert put("tea", "Tea", "Boil less water.") == "changed"
    assert list(ArticleRevision.objects.values_list("number", "body")) == [
        (2, "Boil less water."),
        (1, "Boil water."),
    ]


def test_what_a_member_has_not_published_outlasts_a_file(put, enterprise, alice):
    articles.save(enterprise, "tea", "en", Text("Tea", "Boil water."), alice, 0)
    for state in ("published", "draft"):
        put("tea", "Tea", "Pour milk.", state=state)
        row = Article.objects.get()
        assert (row.body, articles.written(row).body) == ("Pour milk.", "Boil water.")
    assert {tab.state for tab in listing.tabs([row])} == {"draft", "missing"}


@committed
def test_readers_go_on_reading_what_is_published_while_somebody_writes(put, enterprise, alice):
    put("tea", "Tea", "Boil water.")
    row = Article.objects.get()
    saved = articles.save(enterprise, "tea", "en", Text("Tea", "Pour milk."), alice, row.version)
    assert found(enterprise, "water") == ["tea"] and found(enterprise, "milk") == []
    with pytest.raises(Refused) as refused:
        articles.publish(enterprise, "tea", "en", alice, row.version)
    assert refused.value.code == "stale" and refused.value.facts["by"] == alice.name
    articles.publish(enterprise, "tea", "en", alice, saved.version)
    assert found(enterprise, "milk") == ["tea"] and found(enterprise, "water") == []


@committed
def test_withdrawn_and_internal_ones_are_found_by_nobody_outside(put, enterprise):
    put("open", "Secret garden")
    put("inside", "Secret margin", audience="internal")
    put("later", "Secret plan", state="draft")
    before = REGISTRY.get_sample_value(SEARCHES)
    assert found(enterprise, "secret") == ["open"]
    assert REGISTRY.get_sample_value(SEARCHES) == before + 1
    assert set(found(enterprise, "secret", audience="internal")) == {"open", "inside"}
    put("open", "Secret garden", state="draft")
    assert found(enterprise, "secret") == []
    assert ArticleIndex.objects.count() == 1


@pytest.mark.parametrize(
    ("slug", "lang", "text", "field"),
    [
        ("search", "en", Text("Tea"), "slug"),
        ("tea", "fr", Text("Tea"), "lang"),
        ("tea", "en", Text(" \n "), "title"),
        ("tea", "en", Text("Tea", " \n\t"), "body"),
        ("tea", "en", Text("Tea", audience="all"), "audience"),
    ],
)
def test_what_cannot_be_an_article_is_refused(enterprise, slug, lang, text, field):
    with pytest.raises(Refused) as refused:
        articles.put(enterprise, slug, lang, text)
    assert refused.value.facts["field"] == field
    assert not Article.objects.exists()


def test_what_somebody_has_saved_since_is_not_removed_unseen(put, enterprise, alice):
    put("tea", "Tea", "Boil water.")
    seen = Article.objects.get().version
    articles.save(enterprise, "tea", "en", Text("Tea", "Pour milk."), alice, seen)
    with pytest.raises(Refused) as refused:
        articles.remove(enterprise, "tea", "en", seen)
    assert refused.value.code == "stale" and Article.objects.exists()


def test_what_was_emptied_is_not_published_at_its_time(put, enterprise, alice, manager):
    now = timezone.now()
    put("tea", "Tea", state="draft")
    timed.schedule(enterprise, "tea", "en", manager, 1, now)
    articles.save(enterprise, "tea", "en", Text("Tea"), manager, 2)
    assert timed.publish_due(now) == 0
    row = Article.objects.get()
    assert (row.state, row.publish_at) == ("draft", None)
    for act in (articles.publish, lambda *given: timed.schedule(*given, now)):
        with pytest.raises(Refused) as refused:
            act(enterprise, "tea", "en", manager, row.version)
        assert refused.value.facts["field"] == "body"


@pytest.mark.parametrize("state", ["published", "draft"])
def test_a_program_that_publishes_leaves_a_draft_its_time(put, enterprise, manager, state):
    at = timezone.now() + timedelta(days=1)
    put("tea", "Tea", "Boil.", state=state)
    row = articles.save(enterprise, "tea", "en", Text("Tea", "Pour."), manager, 1)
    timed.schedule(enterprise, "tea", "en", manager, row.version, at)
    put("tea", "Tea", "Boil it.")
    assert timed.publish_due(at) == 1 and Article.objects.get().body == "Pour."
    for body, state in (("Stir.", "published"), ("Mix.", "draft")):
        row = Article.objects.get()
        row = articles.save(enterprise, "tea", "en", Text("Tea", "Stir."), manager, row.version)
        timed.schedule(enterprise, "tea", "en", manager, row.version, at)
        put("tea", "Tea", body, state=state)
        assert Article.objects.get().publish_at is None, "it is published, or withdrawn"


def test_one_that_cannot_be_published_holds_up_no_other(put, enterprise, alice):
    now = timezone.now()
    for slug in ("bad", "good"):
        put(slug, slug, state="draft")
        timed.schedule(enterprise, slug, "en", alice, 1, now)
    bad = Article.objects.get(slug="bad")
    ArticleRevision.objects.create(enterprise=enterprise, article=bad, number=1, title="x")
    assert timed.publish_due(now) == 1
    assert Article.objects.get(slug="good").state == "published"
