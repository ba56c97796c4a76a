"""The vectors of articles: which get some, and what an endpoint may do wrong."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Embeddings
from chat import clock
from chat.assistant.answering import directly
from chat.embeddings import filling, setting_up, vectors
from chat.knowledge import articles
from chat.models import ArticleVectors
from tests.fake_model import Raw, Status

pytestmark = pytest.mark.django_db
HTML = Raw([b"HTTP/1.1 200 OK\r\n\r\n<html>Welcome</html>"])


def test_what_everybody_may_read_gets_vectors_and_nothing_else_leaves(
    fake, put, fill, other_enterprise
):
    put("lid", "Lids", "Broken lids are replaced.")
    put("in", "Internal MARK", audience="internal")
    put("plan", "Draft MARK", state="draft")
    put("own", "Of others MARK", of=other_enterprise)
    assert fill() == (1, 1) and Embeddings.objects.get().lease == ""
    assert [one["input"] for one in fake.requests] == [["Lids", "Lids\nBroken lids are replaced."]]
    assert fake.requests[0]["model"] == "m3" and fake.keys == ["Bearer sk-secret"]
    fill()
    assert len(fake.requests) == 1, "once"
    put("lid", "Lids", "None are replaced.")
    assert filling.counts(Embeddings.objects.get()) == (0, 1), "of a former revision"
    assert fill() == (1, 1)


@pytest.mark.parametrize(
    "answer",
    [
        [],
        [[1.0, 2.0]],
        [[1.0], [1.0, 2.0]],
        [[float("nan"), 1.0]] * 2,
        [[0, 0]] * 2,
        ["one", "two"],
        [None] * 2,
        [[]] * 2,
        [[[1.0]]] * 2,
        HTML,
        Raw([b'HTTP/1.1 200 OK\r\n\r\n{"data": 7}']),
        Status(500),
    ],
)
def test_an_answer_that_is_no_vectors_is_said_and_tried_again_later(fake, put, fill, row, answer):
    put("lid", "Lids")
    fake.vectors = lambda texts: answer
    assert fill() == (0, 1) and not ArticleVectors.objects.exists()
    assert row.failure and row.leased_until > clock.now()
    fill()
    assert len(fake.requests) == 1, "not at once"
    setting_up.change(row, model="other")
    assert (row.failure, row.leased_until) == ("", None)


def test_a_text_that_the_model_does_not_take_holds_up_no_other(fake, put, fill):
    put("bad", "Bad")
    put("lid", "Lids")
    fake.vectors = lambda texts: Status(400) if texts[0] == "Bad" else [[1.0, 0.0]] * len(texts)
    assert fill() == (1, 2)
    asked = len(fake.requests)
    assert fill() == (1, 2) and len(fake.requests) == asked


def test_vectors_of_another_length_are_not_mixed_and_can_be_made_anew(fake, put, fill, row):
    put("lid", "Lids")
    fill()
    put("ship", "Ships")
    fake.vectors = lambda texts: [[1.0, 0.0, 0.0]] * len(texts)
    assert fill() == (1, 2) and "manage.py knowledge embed acme" in row.failure
    lines = StringIO()
    call_command("knowledge", "embed", "acme", stdout=lines)
    assert lines.getvalue() == "2 of 2 texts have vectors.\n"
    fake.vectors = lambda texts: Status(401)
    with pytest.raises(CommandError, match="key"):
        call_command("knowledge", "embed", "acme", stdout=lines)


@pytest.mark.parametrize("change", ["withdraw", "edit"])
def test_what_is_withdrawn_or_changed_meanwhile_gets_none(
    put, fill, row, manager, enterprise, monkeypatch, change
):
    first = put("lid", "Lids")
    make = vectors.of

    def meanwhile(*args):
        if change == "withdraw":
            articles.withdraw(enterprise, "lid", "en", manager, first.version)
        elif first.revision == articles.of(enterprise).get().revision:
            put("lid", "Lids, again")
        return make(*args)

    monkeypatch.setattr(vectors, "of", meanwhile)
    fill()
    stored = dict(ArticleVectors.objects.values_list("article", "revision"))
    assert stored == ({} if change == "withdraw" else {first.pk: 2})


def test_one_process_works_and_another_goes_on_where_it_was_killed(fake, put, fill, row):
    put("lid", "Lids")
    until = clock.now() + timedelta(seconds=50)
    Embeddings.objects.update(lease="another", leased_until=until)
    assert fill() == (0, 1) and fake.requests == []
    Embeddings.objects.update(leased_until=clock.now() - timedelta(seconds=1))
    assert fill() == (1, 1)


def test_another_model_makes_all_anew_and_who_knows_the_former_one_stops(fake, put, fill, row):
    put("lid", "Lids")
    fill()
    former = setting_up.of(row.enterprise)
    setting_up.change(row, model="newer")
    assert filling.counts(row) == (0, 1)
    filling.fill(former, directly)
    assert len(fake.requests) == 1
    assert fill() == (1, 1)
