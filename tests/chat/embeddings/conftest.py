import pytest

from chat.assistant.answering import directly
from chat.embeddings import filling, finder, setting_up
from chat.knowledge import articles, nearest
from chat.knowledge.articles import Text
from tests.fake_model import Model


@pytest.fixture
def fake(settings):
    """An endpoint for vectors of two numbers: how much a text is about lids, and about ships."""
    settings.AI_ALLOW = ["127.0.0.0/8"]
    with Model() as model:
        model.vectors = about
        yield model


def about(texts: list[str]) -> list[list[float]]:
    return [[0.1 + sum(w in text for w in ("Lid", "帽")), 0.1 + ("Ship" in text)] for text in texts]


@pytest.fixture
def row(enterprise, fake):
    """The settings of acme, which asks `fake`."""
    found = setting_up.of(enterprise)
    setting_up.change(found, "sk-secret", source="endpoint", url=fake.url, model="m3")
    yield found
    nearest.finders.clear()


@pytest.fixture
def fill(row):
    def fill():
        filling.fill(row, directly)
        row.refresh_from_db()
        return filling.counts(row)

    return fill


@pytest.fixture
def found(enterprise, row):
    """The slugs that a question finds by words and by meaning."""
    from chat.knowledge import search

    def found(text, **options):
        finder.use(row)
        nearest.prepare(enterprise.code, text, 10)
        return [one.slug for one in search.search(enterprise, text, **options)]

    return found


@pytest.fixture
def put(enterprise):
    def put(slug, title, body="Text.", lang="en", of=enterprise, **facts):
        state = facts.pop("state", "published")
        articles.put(of, slug, lang, Text(title, body, **facts), state)
        return articles.of(of).get(slug=slug, lang=lang)

    return put
