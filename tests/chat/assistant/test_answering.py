"""From a visitor's message to the assistant's answer, or to people."""

from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from chat.assistant import answering, assistants, ending, requests
from chat.assistant.causes import Cause
from chat.assistant.shapes import Failed
from chat.conversations import floor, idle
from chat.knowledge import articles, nearest
from chat.knowledge.articles import Text
from chat.models import AssistantCitation, AssistantTask, Conversation
from chat.posting import batches
from chat.posting.actions import Recall, Wish
from chat.reading import inbox
from tests.chat.helpers import (
    AGENT_NOTICE,
    MESSAGE,
    NOTE,
    NOTICE,
    act_of,
    check_ledger,
    draft_of,
    new_guest,
    rows_of,
)

from .conftest import BODY, QUOTE, proof, run

# MariaDB finds only articles that are committed.
pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "Our team has to answer that"


def says(guest, content, group=None):
    return batches.post(guest.draft(content, group=group))["group"]


def row(group):
    return Conversation.objects.get(uuid=group)


def last_task():
    return AssistantTask.objects.order_by("pk").last()


def kinds(group):
    """What stands at the end, from the assistant's words on."""
    return [(one.message_type, (one.data or {}).get("event")) for one in rows_of(group)][-3:]


HANDED_OVER = [(MESSAGE, None), (NOTICE, "handed_over"), (NOTE, None)]


@pytest.fixture
def group(assistant, article, guest, alice):
    return says(guest, "My lid is broken, is it replaced?")


def test_an_answer_carries_its_proof(group, model, assistant, article):
    model.answer = proof
    run(group)
    said = rows_of(group)[-1]
    assert said.sender == assistant.member.uuid and said.message_content.endswith("[1]")
    assert said.data["generated"] and said.data["bot"]
    (citation,) = said.data["citations"]
    assert (citation["slug"], citation["revision"], citation["quote"]) == ("lid", 1, QUOTE)
    stored = AssistantCitation.objects.get()
    assert (stored.article_id, stored.task.message_seq) == (article.pk, said.seq)
    assert (last_task().state, last_task().prompt_tokens) == ("answered", 100)
    assert row(group).bot_asked_at is None and row(group).waiting_since is None
    check_ledger()


def test_nothing_proven_is_for_people(group, model):
    model.answer = {"sentences": [{"text": "We pay 100 euros.", "proofs": []}]}
    run(group)
    assert kinds(group) == HANDED_OVER
    words, notice, note = rows_of(group)[-3:]
    assert words.message_content.startswith(WORDS) and "generated" not in words.data
    assert notice.data["why"] == "bot"
    assert "My lid is broken" in note.message_content
    assert (last_task().state, last_task().cause) == ("refused", Cause.NOTHING)
    assert row(group).bot == "" and row(group).waiting_since
    check_ledger()


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        *(("We replace it.", Cause.FORM), ({"answer": "We replace it."}, Cause.FORM)),
        *((Failed(cause), cause) for cause in (Cause.ENDPOINT, Cause.LATE, Cause.BUDGET)),
        (lambda asked: {**proof(asked), "person": True}, Cause.PERSON),
    ],
)
def test_what_is_no_answer_is_for_people_and_says_why(group, model, answer, cause):
    model.answer = answer
    run(group)
    assert kinds(group) == HANDED_OVER and rows_of(group)[-3].message_content.startswith(WORDS)
    assert (last_task().state, last_task().cause) == ("handed_over", cause)


def test_a_question_back_is_not_counted_as_an_answer_with_proof(group, model):
    model.answer = {"ask": "Which lid is it?"}
    run(group)
    assert rows_of(group)[-1].message_content == "Which lid is it?"
    assert (last_task().state, last_task().cause) == ("answered", Cause.ASKS)


def test_what_comes_meanwhile_is_answered_too(group, model, guest):
    def answer(asked):
        if len(model.asked) == 1:
            says(guest, "It is the blue one.", group)
        return proof(asked)

    model.answer = answer
    run(group)
    assert len(model.asked) == 2 and len(model.asked[1]["conversation"]) == 2
    assert [one.state for one in AssistantTask.objects.order_by("pk")] == ["dropped", "answered"]
    assert [one.message_type for one in rows_of(group)] == [NOTICE, MESSAGE, MESSAGE, MESSAGE]


def test_a_person_who_comes_meanwhile_is_not_talked_over(group, model, alice):
    def answer(asked):
        batches.post(draft_of(alice, group, "I am here."))
        return proof(asked)

    model.answer = answer
    run(group)
    assert rows_of(group)[-1].sender == alice.uuid
    assert (last_task().state, last_task().cause) == ("dropped", Cause.PEOPLE)


@pytest.mark.parametrize("change", ["withdrawn", "internal", "another text"])
def test_an_article_that_changes_meanwhile_proves_nothing(group, model, enterprise, change):
    def answer(asked):
        if len(model.asked) == 1:
            state = "draft" if change == "withdrawn" else "published"
            audience = "internal" if change == "internal" else "public"
            body = BODY + " Or not." if change == "another text" else BODY
            articles.put(enterprise, "lid", "en", Text("Lids", body, audience=audience), state)
        return proof(asked) if asked["passages"] else {}

    model.answer = answer
    run(group)
    assert len(model.asked) == 2
    if change == "another text":
        assert AssistantCitation.objects.get().revision == 2
    else:
        assert kinds(group) == HANDED_OVER


def test_only_one_process_asks(group, model):
    work = answering.take("acme", group)
    assert work and answering.take("acme", group) is None
    model.answer = proof
    run(group)
    assert model.asked == []
    AssistantTask.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    run(group)
    assert len(model.asked) == 1


@pytest.mark.parametrize("how", ["button", "words"])
def test_a_visitor_who_wants_a_person_needs_no_model_and_no_words(group, model, guest, how):
    if how == "button":
        batches.do(Wish(guest.uuid, group))
    else:
        says(guest, "human", group)
    assert [one[1] for one in kinds(group)] == [None, "handed_over", None]
    assert rows_of(group)[-3].sender == guest.uuid and rows_of(group)[-1].message_type == NOTE
    assert (last_task().state, last_task().cause) == ("handed_over", Cause.ASKED)
    run(group)
    assert model.asked == []


def test_the_same_a_third_time_and_anger_are_for_people(group, model, guest, assistant):
    assistants.change(assistant, anger_words="lawyer，投诉")
    model.answer = proof
    run(group)
    says(guest, "my lid is broken — is it replaced", group)
    run(group)
    says(guest, "My lid is broken, is it replaced??", group)
    run(group)
    assert len(model.asked) == 2 and last_task().cause == Cause.REPEATED
    other = says(new_guest(guest.team), "I shall call my lawyer")
    run(other)
    assert last_task().cause == Cause.ANGER and len(model.asked) == 2


def test_no_tokens_left_is_for_people(group, model, assistant):
    assistants.change(assistant, daily_tokens=0)
    model.answer = proof
    run(group)
    assert model.asked == [] and last_task().cause == Cause.BUDGET


def test_a_dead_process_leaves_nobody_waiting(group, monkeypatch):
    moment = timezone.now() + timedelta(seconds=21)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    floor.expire()
    assert kinds(group) == HANDED_OVER and rows_of(group)[-2].data["why"] == "bot"
    assert (last_task().state, last_task().cause) == ("handed_over", Cause.LATE)


def test_switched_off_it_has_the_floor_nowhere(group, assistant, guest, model):
    assistants.change(assistant, mode="off")
    assert kinds(group) == HANDED_OVER and last_task().cause == Cause.OFF
    other = says(new_guest(guest.team), "hello")
    assert row(other).bot == "" and row(other).waiting_since
    assistants.change(assistant, mode="whisper")
    assert floor.choose([assistant.member], guest.team.pk) is None


@pytest.mark.parametrize("when", ["always", "closed", "nobody"])
def test_when_it_answers(assistant, when, team, alice):
    assistants.change(assistant, when=when)
    chosen = floor.choose([assistant.member, alice], team.pk)
    assert (chosen is None) == (when == "closed")


def test_a_person_who_takes_over_ends_the_floor_without_words(group, alice):
    batches.do(act_of("claim", alice.uuid, group))
    assert [one.message_type for one in rows_of(group)] == [NOTICE, MESSAGE, NOTICE]


class Gone(Exception):
    """The process ended."""


def test_a_handover_is_stored_whole_or_not_at_all(group):
    for number in range(200):
        work = answering.take("acme", group)
        left = iter(range(number))

        def end(execute, sql, params, many, context, left=left):
            if next(left, None) is None:
                raise Gone
            return execute(sql, params, many, context)

        with connection.execute_wrapper(end), suppress(Gone):
            ending.hand_over(work, Cause.NOTHING)
        AssistantTask.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        if len(rows_of(group)) > 2:
            break
        assert row(group).bot and row(group).waiting_since is None
    assert number > 10 and kinds(group) == HANDED_OVER
    assert row(group).bot == "" and row(group).waiting_since
    check_ledger()


def test_what_it_answered_is_closed_after_a_day(group, model, team):
    model.answer = proof
    run(group)
    idle.look(timezone.now() + timedelta(hours=23))
    assert row(group).open
    idle.look(timezone.now() + timedelta(hours=25))
    assert not row(group).open and rows_of(group)[-1].data["event"] == "closed"


def test_an_answer_of_a_former_reception_is_said_to_nobody(group, model, alice, bob):
    def answer(asked):
        for actor, name in ((alice, "close"), (bob, "reopen")):
            batches.do(act_of(name, actor.uuid, group))
        return proof(asked)

    model.answer = answer
    run(group)
    assert rows_of(group)[-1].data["event"] == "reopened" and last_task().state == "dropped"


def test_anger_counts_wherever_it_stands_in_what_is_not_answered(group, model, guest, assistant):
    assistants.change(assistant, anger_words="lawyer")

    def answer(asked):
        says(guest, "I shall call my lawyer", group)
        says(guest, "Is it replaced?", group)
        return proof(asked)

    model.answer = answer
    run(group)
    assert len(model.asked) == 1 and last_task().cause == Cause.ANGER


def test_what_is_taken_back_stands_in_no_note_either(group, model, guest):
    model.answer = {}
    asked = rows_of(group)[-1].seq
    says(guest, "It is blue.", group)
    run(group)
    batches.do(Recall(guest.uuid, group, asked))
    edited, note = rows_of(group)[-1], rows_of(group)[-3]
    assert (note.message_type, edited.message_type) == (NOTE, AGENT_NOTICE)
    assert (edited.data["event"], edited.data["of"]) == ("edited", note.seq)
    assert "lid" not in note.message_content and "Asked: It is blue." in note.message_content
    assert "no article proves" in note.message_content


@pytest.mark.parametrize("how", ["model", "words"])
def test_inboxes_go_on_showing_what_was_asked(group, model, guest, alice, how):
    asked, model.answer = "human", {}
    if how == "model":
        asked = "My lid is broken, is it replaced?"
        run(group)
    else:
        says(guest, asked, group)
    (shown,), _cursor = inbox.page(alice)
    assert (shown["last"]["excerpt"], shown["last_seq"]) == (asked, rows_of(group)[-1].seq)
    check_ledger()


def test_what_was_asked_last_gets_a_vector_before_articles_are_searched(
    assistant, model, guest, monkeypatch
):
    group = says(guest, "Lids of ann@example.com?")
    model.answer, asked = {"courtesy": "greeting"}, []
    finder = SimpleNamespace(ask=asked.append, near=lambda *args: None)
    monkeypatch.setitem(nearest.finders, "acme", finder)
    run(group)
    assert asked == ["Lids of [email]?"]
    assert requests.asked_last("umbrella", group) == ""
