"""Drafts that come by themselves, and what agents ask the assistant for."""

from types import SimpleNamespace

import pytest

from accounts.audit import Action
from accounts.models import AuditRow
from chat.assistant import answering, asked, assistants, drafts, queued
from chat.assistant.causes import Cause
from chat.assistant.shapes import Failed
from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.models import AssistantTask, Conversation
from chat.posting import batches
from chat.presence import leases
from chat.protocol.errors import Refused
from chat.protocol.forms import AssistForm, TranslateForm
from tests.chat.helpers import database, draft_of, rows_of

from .conftest import QUOTE, proof

# MariaDB finds only articles that are committed.
pytestmark = pytest.mark.django_db(transaction=True)
SAID = "A broken lid is replaced free of charge.[1]"


@pytest.fixture
def whisperer(assistant, article):
    leases.release([assistant.member.uuid])
    assistants.change(assistant, mode="whisper")
    yield assistant
    drafts.whispering.clear()


@pytest.fixture
def group(whisperer, guest, alice, bob):
    return batches.post(guest.draft("My lid is broken, is it replaced?"))["group"]


@pytest.fixture
def sent(monkeypatch):
    """The events of drafts that are pushed, with whom they go to."""
    found = []
    keep = lambda _code, people, event: found.append((set(people), event))  # noqa: E731
    monkeypatch.setattr(drafts.announce, "send_event", keep)
    return found


def look(assistant):
    """A look of the runner, by which all that waits is done."""
    drafts.due([assistant])
    for task in queued.take(10):
        queued.perform(task, answering.directly)


def ask(member, kind, group):
    return asked.answer(member, AssistForm(kind, group), answering.directly)


def translate(member, text, to="en", group=None):
    return asked.answer(member, TranslateForm(text, to, group), answering.directly)


def states():
    return list(AssistantTask.objects.order_by("pk").values_list("seq", "state", "cause"))


def test_a_draft_comes_by_itself_to_the_people_there_and_stays_until_somebody_writes(
    whisperer, guest, group, model, sent, alice, bob, carol
):
    model.answer = proof
    look(whisperer)
    look(whisperer)
    ((people, event),) = sent
    assert people == {alice.uuid, bob.uuid}
    assert (event["type"], event["group"], event["text"]) == ("assistant.drafted", group, SAID)
    assert event["seq"] == drafts.last_said(Conversation.objects.get(uuid=group))
    (cited,) = event["citations"]
    assert cited["quote"] == QUOTE and cited["url"] == "/help/acme/lid/?lang=en"
    assert len(rows_of(group)) == 2 and len(model.asked) == 1
    one = Conversation.objects.get(uuid=group)
    batches.post(draft_of(bob, group, "Who knows?", note=True))
    assert drafts.of_member(alice) == [drafts.of_conversation(alice, one)] == [event]
    assert not drafts.of_member(carol) and not drafts.of_conversation(carol, one)
    batches.post(draft_of(alice, group, "It is."))
    assert not drafts.of_member(alice) and not drafts.of_conversation(alice, one)
    look(whisperer)
    assert len(model.asked) == 1


def test_a_newer_message_drops_the_former_draft(whisperer, guest, group, model, sent):
    model.answer = proof
    drafts.due([whisperer])
    batches.post(guest.draft("And the cup?", group=group))
    look(whisperer)
    assert states() == [(2, "dropped", "newer"), (3, "answered", "")]
    assert len(sent) == 1


def test_what_somebody_writes_meanwhile_keeps_the_draft_from_all(
    whisperer, guest, group, model, sent, alice
):
    def late(question):
        batches.post(draft_of(alice, group, "It is."))
        return proof(question)

    model.answer = late
    look(whisperer)
    assert not sent and not drafts.of_member(alice)


def test_an_article_that_was_withdrawn_takes_the_draft_with_it(
    whisperer, group, model, sent, alice, enterprise
):
    model.answer = proof
    look(whisperer)
    articles.put(enterprise, "lid", "en", Text("Broken lids", "We sell lids."), "draft")
    assert not drafts.of_member(alice)
    model.answer = {"sentences": []}
    assert ask(alice, "draft", group)["text"] == ""


def test_an_article_that_is_deleted_meanwhile_leaves_no_half_of_a_draft(
    whisperer, group, model, sent, enterprise
):
    def late(question):
        articles.remove(enterprise, "lid", "en")
        return proof(question)

    model.answer = late
    look(whisperer)
    assert states() == [(2, "handed_over", "endpoint")] and not sent


def test_only_where_a_visitor_waits_for_people(whisperer, guest, team, group, model, alice):
    one = Conversation.objects.filter(uuid=group)
    elsewhere = SimpleNamespace(enterprise=whisperer.enterprise, member=alice)
    alice.places.all().delete()
    drafts.due([elsewhere])
    for columns in (
        {"quarantined_for": "links"},
        {"open": False},
        {"bot": whisperer.member.uuid},
        {"waiting_since": None},
    ):
        before = one.values(*columns).get()
        one.update(**columns)
        drafts.due([whisperer])
        one.update(**before)
    assert states() == []
    drafts.due([whisperer])
    assert states() == [(2, "waiting", "")]


def test_a_draft_by_hand_is_asked_for_once(whisperer, group, model, alice, bob):
    model.answer = proof
    first = ask(alice, "draft", group)
    assert first["text"] == SAID and ask(bob, "draft", group) == first
    assert len(model.asked) == 1
    task = AssistantTask.objects.get()
    assert (task.member, task.state, task.seq) == (alice, "answered", 2)
    assert "My lid is broken" in task.request and task.prompt_tokens == 100
    model.answer = {"sentences": []}
    batches.post(draft_of(alice, group, "Which lid?"))
    assert ask(alice, "draft", group) == {**first, "seq": 3, "text": "", "citations": []}
    assert states()[-1] == (3, "refused", "nothing")
    model.answer = {"sentences": [], "courtesy": "thanks"}
    assert ask(alice, "draft", group)["text"] == "You are welcome."


def test_why_there_is_no_draft(whisperer, group, model, alice, carol, supervisor, outsider):
    for who, kind, code in (
        (carol, "draft", "not_found"),
        (carol, "summary", "not_found"),
        (outsider, "draft", "not_found"),
        (supervisor, "draft", "forbidden"),
    ):
        with pytest.raises(Refused) as refused:
            ask(who, kind, group)
        assert refused.value.code == code
    assistants.change(whisperer, daily_tokens=0)
    for failure, code in (
        (None, "rate_limited"),
        (Failed(Cause.ENDPOINT), "unavailable"),
        (ValueError("x"), "unavailable"),
    ):
        model.answer = failure
        for one in (lambda: ask(alice, "draft", group), lambda: translate(alice, "你好")):
            with pytest.raises(Refused) as refused:
                one()
            assert refused.value.code == code
            wait = refused.value.facts.get("retry_after", 1)
            assert 0 < wait <= 86_400
        assistants.change(whisperer, daily_tokens=200_000)
    assert {state for _seq, state, _cause in states()} == {"handed_over"}
    Conversation.objects.update(quarantined_for="links")
    for one in (
        lambda: ask(alice, "draft", group),
        lambda: ask(alice, "summary", group),
        lambda: translate(alice, "你好", group=group),
    ):
        with pytest.raises(Refused) as refused:
            one()
        assert (refused.value.code, refused.value.facts) == ("conflict", {"state": "quarantined"})
    Conversation.objects.update(quarantined_for="")
    assistants.change(whisperer, mode="off")
    with pytest.raises(Refused) as refused:
        ask(alice, "draft", group)
    assert refused.value.code == "conflict"


def test_a_summary_is_of_public_messages_and_noted_where_it_is_read_without_a_seat(
    whisperer, group, model, alice, supervisor
):
    batches.post(draft_of(alice, group, "a secret note", note=True))
    model.answer = {"text": "They ask about a lid."}
    found = ask(supervisor, "summary", group)
    assert found == {"type": "assistant.summarised", "group": group, "text": model.answer["text"]}
    assert ask(alice, "summary", group) == found and len(model.asked) == 1
    assert model.asked[0]["task"] == "summary" and "secret" not in str(model.asked)
    assert AuditRow.objects.filter(action=Action.READ, actor=supervisor.uuid).count() == 1


def test_a_translation_keeps_its_words_with_their_conversation_only(whisperer, group, model, alice):
    model.answer = {"text": "How are you?"}
    wanted = {"type": "assistant.translated", "text": "How are you?", "to": "en"}
    wanted["of"] = "最近好吗"
    assert translate(alice, "最近好吗", group=group) == wanted == translate(alice, "最近好吗")
    kept, bare = AssistantTask.objects.order_by("pk")
    assert kept.question == "最近好吗" and kept.text == "How are you?"
    assert not (bare.question or bare.request or bare.reply or bare.text)
    assert bare.prompt_tokens == 100 and bare.state == "answered"
    assert translate(alice, "最近好吗", group=group) == wanted and len(model.asked) == 2
    translate(alice, "再见", group=group)
    assert model.asked[-1] == {"task": "translate", "text": "再见", "to": "en"}
    model.answer = lambda question: {"text": question["text"].replace("打", "call")}
    private = "打 400-800-1234 或 138 0013 8000，a@b.com"
    assert translate(alice, private)["text"] == "call 400-800-1234 或 138 0013 8000,a@b.com"
    assert "8000" not in str(model.asked)
    assistants.change(whisperer, prompt_tokens=500)
    with pytest.raises(Refused) as refused:
        translate(alice, "长" * 9_000)
    assert refused.value.code == "too_long"


def test_what_a_person_made_of_a_draft_is_kept(whisperer, group, model, alice, bob, carol):
    model.answer = proof
    ask(alice, "draft", group)
    for words, edited in (("It is replaced.", "It is replaced."), (SAID[:-3], "")):
        AssistantTask.objects.update(message_seq=None)
        seq = batches.post(draft_of(alice, group, words))["seq"]
        drafts.used(alice, group, seq)
        task = AssistantTask.objects.get()
        assert (task.message_seq, task.edited, task.member) == (seq, edited, alice)
    drafts.judge(bob, group, True)
    assert AssistantTask.objects.get().helpful is True
    for step in (
        lambda: drafts.used(bob, group, seq),
        lambda: drafts.used(alice, group, 1),
        lambda: drafts.judge(carol, group, True),
    ):
        with pytest.raises(Refused):
            step()


async def test_sockets_of_people_ask_and_are_sent_what_stays(
    connect, whisperer, group, model, alice, guest, bot, monkeypatch
):
    model.answer = proof
    agent, visitor = await connect(alice), await connect(guest)
    await agent.send("assistant.draft", group=group)
    assert (await agent.until("assistant.drafted"))["text"] == SAID
    await agent.send("assistant.feedback", group=group, helpful=False)
    await agent.send("assistant.translate", text="", to="de")
    assert (await agent.until("error"))["frame"] == "assistant.translate"
    model.answer = {"text": "Hallo"}
    await agent.send("assistant.translate", text="你好", to="de")
    await agent.until("assistant.translated")
    drafts.whispering.add("acme")
    again = await connect(alice)
    assert (await again.until("assistant.drafted"))["text"] == SAID
    await visitor.send("assistant.draft", group=group)
    assert (await visitor.until("error"))["code"] == "forbidden"
    await database(assistants.change)(whisperer, mode="off")
    await agent.send("assistant.summary", group=group)
    error = await agent.until("error")
    assert (error["code"], error["frame"], error["group"]) == (
        *("conflict", "assistant.summary"),
        group,
    )
