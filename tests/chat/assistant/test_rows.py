"""Where the rows of what was asked go when a conversation does not stay as it is."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.tokens import accounts as programs
from chat.assistant import answering, asked, assistants, queued
from chat.care import personal_data, retention
from chat.models import AssistantCitation, AssistantTask, Conversation
from chat.posting import batches
from chat.posting.actions import Recall
from chat.presence.leases import NODE_ID
from chat.protocol.forms import TranslateForm
from tests.chat.figures import figures
from tests.chat.helpers import new_guest, rows_of

from .conftest import proof, run

pytestmark = pytest.mark.django_db(transaction=True)
TEXTS = ("question", "request", "reply", "text", "edited")


@pytest.fixture
def group(assistant, article, guest, alice, model):
    group = batches.post(guest.draft("My lid is broken, is it replaced?"))["group"]
    model.answer = proof
    run(group)
    assert AssistantTask.objects.get().request and AssistantCitation.objects.exists()
    return group


def nothing_written() -> bool:
    (texts,) = AssistantTask.objects.values_list(*TEXTS, "struck")
    return not any(texts) and not AssistantCitation.objects.exists()


def test_an_erasure_leaves_the_figures(group, guest):
    personal_data.erase(guest.uuid)
    assert nothing_written() and AssistantTask.objects.get().prompt_tokens == 100


@pytest.mark.parametrize("kind", ["answer", "draft"])
def test_what_is_being_asked_at_an_erasure_is_not_stored(group, guest, model, kind):
    def answer(asked):
        personal_data.erase(guest.uuid)
        return proof(asked)

    batches.post(guest.draft("And the pot?", group=group))
    model.answer = answer
    if kind == "answer":
        run(group)
    else:
        facts = {"ent_id": "acme", "kind": kind, "conversation_id": group}
        task = AssistantTask.objects.create(**facts, state="running", lease=NODE_ID)
        queued.perform(task, answering.directly)
    assert not any(AssistantTask.objects.exclude(request="", reply="", text=""))


def test_a_question_that_is_taken_back_waits_for_nobody(assistant, article, guest, alice):
    group = batches.post(guest.draft("My lid is broken"))["group"]
    batches.do(Recall(guest.uuid, group, rows_of(group)[1].seq))
    row = Conversation.objects.get(uuid=group)
    assert row.bot and row.bot_asked_at is None and row.waiting_since is None


def test_a_recalled_question_was_never_asked(group, guest):
    seq = rows_of(group)[1].seq
    batches.do(Recall(guest.uuid, group, seq))
    assert nothing_written()


def test_a_recall_reaches_translations_and_what_was_begun_before_the_message(
    group, guest, alice, model
):
    begun = {"ent_id": "acme", "kind": "draft", "conversation_id": group, "seq": 2}
    AssistantTask.objects.create(**begun, state="running", request="And the pot?")
    seq = batches.post(guest.draft("And the pot?", group=group))["seq"]
    model.answer = {"text": "壶呢？"}
    asked.answer(alice, TranslateForm("And the pot?", "zh-hans", group), answering.directly)
    batches.do(Recall(guest.uuid, group, seq))
    assert "pot" not in str([*AssistantTask.objects.values_list(*TEXTS)])
    assert AssistantCitation.objects.exists(), "the first answer stands"


def test_texts_are_kept_for_thirty_days_also_where_there_is_no_assistant_any_more(
    group, assistant, monkeypatch
):
    now = timezone.now()
    assistant.delete()
    for days, over in ((29, False), (31, True)):
        monkeypatch.setattr("django.utils.timezone.now", lambda days=days: now + timedelta(days))
        assert retention.forget_asked(0) == 0
        assert nothing_written() == over


def test_it_takes_no_token_and_another_program_is_not_taken_for_it(assistant, enterprise, team):
    with pytest.raises(ValidationError):
        programs.bot(team, "assistant")
    assistant.member.delete()
    programs.bot(team, "assistant")
    with pytest.raises(ValidationError):
        assistants.make(enterprise)


def test_each_question_is_counted_once_by_how_it_ended(group, guest, model):
    def ends(text: str) -> dict:
        before = figures()
        batches.post(guest.draft(text, group=group))
        run(group)
        found = {name: value - before.get(name, 0) for name, value in figures().items()}
        return {name: n for name, n in found.items() if n and name.startswith("kefu_assistant")}

    asked = {"kefu_assistant_seconds_count": 1}
    for of, tokens in (("prompt", 100), ("completion", 20)):
        asked[f"kefu_assistant_tokens_total,{of}"] = tokens
    assert ends("And the pot?") == {"kefu_assistant_tasks_total,answer,answered,": 1, **asked}
    model.answer = {}
    assert ends("And the cup?") == {"kefu_assistant_tasks_total,answer,refused,nothing": 1, **asked}


def test_a_task_that_refers_to_another_enterprise_asks_and_shows_nothing_of_it(
    assistant, article, other_team, model, manager, browser_of, outsider
):
    guest = new_guest(other_team)
    theirs = batches.post(guest.draft("MARK Is a lid replaced?"))["group"]
    before = rows_of(theirs)
    facts = {"ent_id": "acme", "conversation_id": theirs, "member_id": outsider.pk}
    facts["reception_id"] = Conversation.objects.get(uuid=theirs).reception_id
    for number, kind in enumerate(AssistantTask.Kind):
        AssistantTask.objects.create(kind=kind, run=number, question="A lid?", **facts)
    model.answer = proof
    for task in queued.take(10):
        queued.perform(task, answering.directly)
    assert model.asked and "MARK" not in str(model.asked) and rows_of(theirs) == before
    pages = ["", "tasks/?days=7"]
    pages += [f"tasks/{pk}/" for pk in AssistantTask.objects.values_list("pk", flat=True)]
    for page in pages:
        text = browser_of(manager).get(f"/admin/assistant/{page}").content.decode()
        assert "AI assistant" in text and not re.search(f"MARK|{outsider.name}", text)
    personal_data.erase(guest.uuid)
    kept = AssistantTask.objects.exclude(question="").values_list("kind", flat=True)
    # There is no message here of which a rehearsal could ask.
    assert {*kept} == {*AssistantTask.Kind} - {AssistantTask.Kind.REHEARSAL}


def test_a_task_that_fails_is_not_taken_again(assistant, model):
    AssistantTask.objects.create(ent_id="acme", kind="trial", question="A lid?", language="en")
    model.answer = RuntimeError("MARK")
    (task,) = queued.take(10)
    queued.perform(task, answering.directly)
    assert AssistantTask.objects.get().state == AssistantTask.State.HANDED_OVER
