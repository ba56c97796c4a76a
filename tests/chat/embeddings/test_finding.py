"""Questions find articles by meaning, as long as the model answers in time."""

import asyncio
import threading
from concurrent.futures import Future

import pytest

from chat.background import embedder
from chat.embeddings import finder, setting_up
from chat.knowledge import articles, nearest, search
from tests.fake_model import Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(put, fill):
    put("lid", "Lids", "They break.")
    put("ship", "Ships", "They leave.")
    put("pay", "Paying", "By card.")
    fill()


def test_a_question_finds_what_says_it_in_other_words(three, found, enterprise, manager):
    assert [one.slug for one in search.search(enterprise, "my 帽 is broken")] == []
    assert found("my 帽 is broken")[0] == "lid"
    assert found("Shipment")[0] == "ship"
    row = articles.of(enterprise).get(slug="lid")
    articles.withdraw(enterprise, "lid", "en", manager, row.version)
    words = [one.slug for one in search.search(enterprise, "my 帽 is broken")]
    assert "lid" not in words, "the vectors in memory are older"


def test_nobody_finds_what_is_not_for_them(put, row, found, other_enterprise):
    setting_up.change(row, source="endpoint")
    table = [
        finder.Text(put("lid", "Lids", audience="internal").pk, "lid", "en", "internal"),
        finder.Text(put("own", "Lids", of=other_enterprise).pk, "own", "en", "public"),
    ]
    known = finder.use(row)
    vectors = finder.vectors.checked([[1.0, 0.0]] * 2, 2)
    known.table = finder.Table(table, [0, 1], vectors, {one.slug: [one] for one in table})
    known.refresh = lambda: None
    assert found("帽 xyz") == []
    assert nearest.near("acme", "帽 xyz", ["public"]) == [{"en": table[1].key}]
    assert found("帽 xyz", audience="internal") == ["lid"]


@pytest.mark.django_db(transaction=True)
def test_a_slow_or_broken_model_leaves_the_words_and_is_left_alone(three, fake, row, enterprise):
    known, asked, over = finder.use(row), threading.Event(), threading.Event()
    fake.vectors = lambda texts: (asked.set(), over.wait(60), Status(500))[-1]
    future = known.ask("Ships")
    assert asked.wait(60) and known.ask("Ships") is future
    nearest.prepare("acme", "Ships", 0)
    assert [one.slug for one in search.search(enterprise, "Ships")] == ["ship"]
    over.set()
    future.result(60)
    assert known.ask("Lids") is None, "for a while"


def test_the_model_reads_no_addresses_and_numbers_and_is_asked_once(three, fake, row):
    known = finder.use(row)
    asked = len(fake.requests)
    text = "Lids to ann@example.com, 13812345678"
    for _ in range(2):
        nearest.prepare("acme", text, 10)
    assert [one["input"] for one in fake.requests[asked:]] == [["Lids to [email], [phone]"]]
    assert not any(text.encode() in key for key in known.known)


def test_what_visitors_write_is_read_only_where_they_get_suggestions(three, fake, row, enterprise):
    asked = len(fake.requests)
    enterprise.suggests_articles = row.enterprise.suggests_articles = False
    finder.use(row)
    asyncio.run(nearest.prepared("acme", "Lids", True))
    assert len(fake.requests) == asked
    asyncio.run(nearest.prepared("acme", "Lids", False))
    asyncio.run(nearest.prepared("acme", "?!", False))
    asyncio.run(nearest.prepared("other", "Lids", False))
    assert len(fake.requests) == asked + 1


def test_the_servers_look_makes_what_is_missing_and_forgets_who_switched_it_off(
    put, row, fake, monkeypatch
):
    put("lid", "Lids")
    monkeypatch.setattr(embedder, "on_database", lambda function, *args: function(*args))

    def submit(function, *args):
        done = Future()
        done.set_result(function(*args))
        return done

    monkeypatch.setattr(embedder.MODEL, "submit", submit)
    runner = embedder.Runner()
    for _ in range(2):
        runner.looked = 0.0
        runner.look()
    assert len(fake.requests) == 1
    assert nearest.finders["acme"].table is not None
    setting_up.change(row, source="off")
    runner.looked = 0.0
    runner.look()
    assert nearest.finders == {}
