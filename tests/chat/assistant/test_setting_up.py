"""The assistant's page of the administration, its model, a trial, and what came of a question."""

import html
import json
import re
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from accounts import setup
from accounts.models import AuditRow
from chat.assistant import answering, assistants, endpoint, queued, replies
from chat.limits import limits, member_keys
from chat.models import AssistantTask, Conversation, Visitor
from tests.accounts.admin.page import form_of
from tests.accounts.factors.apps import grow_old

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PAGE, MODEL, TEST, TRIAL = map(
    reverse, ("assistant", "assistant-model", "assistant-test", "assistant-trial")
)
ENDPOINT = {"url": "https://model.example/v1", "model": "small", "prompt_tokens": "3000"}


@pytest.fixture
def work(assistant):
    """What the form of the assistant's page sends."""
    teams = list(assistant.member.places.values_list("team_id", flat=True))
    return {"mode": "answer", "when": "always", "teams": teams, "daily_tokens": "200000"}


def read(browser, address: str) -> str:
    return browser.get(address).content.decode()


def test_it_is_set_up_by_naming_a_model_and_its_key_is_never_shown(boss, enterprise):
    form = re.search(r'id="assistant_form" method="post" action="(.+?)"', read(boss, PAGE))
    assert assistants.of(enterprise.code) is None
    answer = boss.post(form[1], {**ENDPOINT, "key": "sk-secret-1"}, follow=True)
    made = assistants.of(enterprise.code)
    assert (made.url, made.model, made.mode) == (ENDPOINT["url"], "small", "off")
    assert assistants.key_of(made) == "sk-secret-1"
    for page in (answer, boss.get(MODEL)):
        assert "sk-secret-1" not in page.content.decode()
    assert not AuditRow.objects.filter(details__icontains="sk-secret-1").exists()


def test_a_refused_form_stores_and_notes_nothing(boss, enterprise):
    refused = boss.post(MODEL, {**ENDPOINT, "url": "http://10.0.0.1/v1"})
    assert refused.context["errors"].keys() == {"url"} and assistants.of(enterprise.code) is None
    assert not AuditRow.objects.filter(source="assistant-model").exists()


def test_model_address_and_key_change_only_after_a_fresh_proof(boss, assistant):
    grow_old(boss)
    for answer in (boss.get(MODEL), boss.post(MODEL, {**ENDPOINT, "url": "https://evil.example"})):
        assert answer.status_code == 302 and answer["Location"].startswith(reverse("confirm"))
    assistant.refresh_from_db()
    assert assistant.url == ENDPOINT["url"]
    # The page itself offers no field of these.
    boss.post(PAGE, {"mode": "off", "when": "always", "url": "https://evil.example", "key": "x"})
    assistant.refresh_from_db()
    assert (assistant.url, assistant.sealed) == (ENDPOINT["url"], "")


def test_a_stored_key_goes_to_no_other_host(boss, assistant):
    assistants.change(assistant, key="sk-1")
    elsewhere = {**ENDPOINT, "url": "https://other.example/v1"}
    assert "key" in boss.post(MODEL, elsewhere).context["errors"]
    boss.post(MODEL, {**ENDPOINT, "model": "large"})
    assert assistants.key_of(assistants.of(assistant.enterprise.code)) == "sk-1"
    boss.post(MODEL, {**elsewhere, "without_key": "on"})
    moved = assistants.of(assistant.enterprise.code)
    assert (moved.url, moved.sealed) == (elsewhere["url"], "")


def test_a_key_is_stored_for_the_address_that_was_shown_beside_it(boss, assistant):
    fields, elsewhere = form_of(boss.get(MODEL)), "https://other.example/v1"
    boss.post(MODEL, {**ENDPOINT, "url": elsewhere, "key": "sk-2"})
    refused = boss.post(MODEL, {**fields, "key": "sk-1"})
    assert refused.context["errors"]["url"] == [f"It is now “{elsewhere}”."]
    assert assistants.key_of(assistants.of("acme")) == "sk-2"
    boss.post(MODEL, form_of(refused))
    now = assistants.of("acme")
    assert (now.url, assistants.key_of(now)) == (ENDPOINT["url"], "sk-1"), "they wanted it"


def test_the_command_drops_the_key_for_another_host_or_scheme(assistant):
    assistants.change(assistant, key="sk-1")
    lines = StringIO()
    for url in ("https://model.example/v2", "https://other.example/v2"):
        call_command("assistant", "acme", "--url", url, stdout=lines)
    assert re.findall(r" key=(\w+)", lines.getvalue()) == ["set", "none"]
    call_command("assistant", "acme", "--url", ENDPOINT["url"], "--key", "sk-2", stdout=lines)
    assert assistants.key_of(assistants.of(assistant.enterprise.code)) == "sk-2"


@pytest.mark.parametrize("name", ["assistant", "embeddings"])
def test_whoever_types_a_key_holds_no_lock_meanwhile(enterprise, monkeypatch, name):
    depths, lines = [len(connection.savepoint_ids)], StringIO()
    typed = SimpleNamespace(
        readline=lambda: depths.append(len(connection.savepoint_ids)) or "sk-2\n"
    )
    monkeypatch.setattr("sys.stdin", typed)
    model = ["--url", ENDPOINT["url"], "--model", "small"]
    call_command(name, "acme", *model, "--key", "-", stdout=lines)
    assert depths == depths[:1] * 2 and "key=set" in lines.getvalue()


@override_settings(RATE_LIMITS=True)
def test_a_test_and_a_trial_are_limited(boss, assistant, manager, stopped):
    limits.clear()
    limits.take("assistant", member_keys(manager.uuid), 20)
    question = {"question": "Lids?", "language": "en"}
    assert [boss.post(TEST).status_code, boss.post(TRIAL, question).status_code] == [429, 429]
    assert not AssistantTask.objects.exists()


def test_before_visitors_are_answered_it_asks_and_says_what_trials_found(
    boss, assistant, work, enterprise
):
    assistants.change(assistant, mode="off")
    trial = {"ent_id": enterprise.code, "kind": "trial"}
    for state in ("answered", "answered", "refused"):
        AssistantTask.objects.create(state=state, **trial)
    asked = boss.post(PAGE, work)
    assert "of 3: proven 2, not proven 1" in asked.content.decode()
    assistant.refresh_from_db()
    assert assistant.mode == "off"
    boss.post(PAGE, dict(asked.context["kept"]))
    assistant.refresh_from_db()
    assert assistant.mode == "answer"
    assert boss.post(PAGE, work).status_code == 302, "it answers already: nothing is asked"


def test_texts_words_and_teams_are_kept_and_a_bad_form_changes_nothing(boss, work, enterprise):
    second = setup.find_or_create_team(enterprise, "second")
    texts = {"greeting": "Hi!", "greeting_zh-hans": "您好", "anger_words": "refund, 投诉"}
    words = {"human_words": "help me", "human_words_zh-hans": "找人"}
    assert boss.post(PAGE, {**work, **texts, "teams": []}).context["errors"].keys() == {"teams"}
    assert boss.post(PAGE, {**work, **texts, **words, "teams": [second.pk]}).status_code == 302
    kept = assistants.of(enterprise.code)
    assert kept.words == {"en": {"greeting": "Hi!"}, "zh-hans": {"greeting": "您好"}}
    assert kept.anger_words == "refund, 投诉"
    assert (kept.enterprise.human_words, kept.enterprise.translations) == (
        "help me",
        {"zh-hans": {"human_words": "找人"}},
    )
    assert [place.team for place in kept.member.places.all()] == [second]


@pytest.mark.parametrize(("changed", "kept"), [(False, True), (True, False)])
def test_a_test_counts_for_the_model_that_was_asked(boss, assistant, monkeypatch, changed, kept):
    found = {"ok": False, "error": "401: the key is <refused>"}

    def try_out(asked):
        if changed:
            assistants.change(assistant, model="another")
        return found

    monkeypatch.setattr(endpoint, "try_out", try_out, raising=False)
    page = boss.post(TEST, follow=True).content.decode()
    assert ("401: the key is &lt;refused&gt;" in page) is kept
    assistant.refresh_from_db()
    assert assistant.test == (found if kept else None)


def test_a_trial_waits_for_the_runner_and_its_page_says_what_happened(boss, assistant, manager):
    waits = boss.post(TRIAL, {"question": "Is a lid <free>?", "language": "zh-hans"}, follow=True)
    task = AssistantTask.objects.get()
    assert (task.kind, task.state, task.language) == ("trial", "waiting", "zh-hans")
    assert task.member == manager and "data-busy" in waits.content.decode()
    passage = {"id": "a1", "title": "Lids", "text": "Free of charge."}
    sent = json.dumps({"task": "answer", "passages": [passage]})
    task.request = json.dumps([{"role": "user", "content": sent}])
    task.text, task.struck, task.reply = "Yes [1].", [["Within <2> days.", "x"]], "{}"
    task.state = "answered"
    task.save()
    cited = {"slug": "lid", "lang": "en", "revision": 1, "title": "Lids", "quote": "Free <3>"}
    task.citations.create(ent_id="acme", n=1, **cited)
    page = read(boss, reverse("assistant-task", args=[task.pk]))
    for text in (
        "Free of charge.",
        'title="Free &lt;3&gt;">1</sup>.',
        "Within &lt;2&gt; days.",
        "data-renewed>",
    ):
        assert text in page


@pytest.mark.parametrize("request_text", ["", "{", "[]", "[1]", '"x"', '[{"content": "[]"}]'])
def test_whatever_was_sent_its_page_is_shown(boss, assistant, request_text):
    task = AssistantTask.objects.create(ent_id="acme", kind="answer", request=request_text)
    assert boss.get(reverse("assistant-task", args=[task.pk])).status_code == 200


def test_who_reads_what_a_visitor_asked_is_noted(boss, assistant, team, other_manager, browser_of):
    visitor = Visitor.objects.create(ent_id="acme", label="Li", secret_hash="s")
    thread = Conversation.objects.create(
        ent_id="acme", visitor=visitor, team=team, last_activity="2026-11-30T00:00Z"
    )
    facts = {"ent_id": "acme", "kind": "answer", "state": "answered"}
    task = AssistantTask.objects.create(conversation_id=thread.uuid, **facts)
    page = reverse("assistant-task", args=[task.pk])
    assert browser_of(other_manager).get(page).status_code == 404
    noted = AuditRow.objects.filter(action="read", object_id=thread.uuid)
    assert not noted.exists()
    assert re.search(rf"/admin/archive/{thread.uuid}/", read(boss, page))
    assert noted.count() == 1


@pytest.mark.parametrize(
    ("question", "why"),
    [("人工", "The visitor asked for a person"), ("My lawyer!", "The visitor used a word")],
)
def test_a_trial_knows_the_words_that_people_answer(boss, assistant, model, question, why):
    assistants.change(assistant, anger_words="lawyer")
    page = boss.post(TRIAL, {"question": question, "language": "en"})["Location"]
    queued.perform(queued.take(1)[0], answering.directly)
    shown = read(boss, page)
    assert "Would hand over" in shown and why in shown and model.asked == []


def test_an_answers_page_has_what_the_endpoint_says_but_not_its_key(boss, assistant, monkeypatch):
    assistants.change(assistant, key="sk-secret-1")
    body = json.dumps({"error": {"message": "x" * 190 + " sk-secret-1 is <b>over</b>" + "y" * 99}})

    def refuse(*args):
        raise replies.Refusal(429, body.encode())

    monkeypatch.setattr(endpoint, "exchange", refuse)
    page = boss.post(TRIAL, {"question": "Lids?", "language": "en"})["Location"]
    queued.perform(queued.take(1)[0], answering.directly)
    shown = html.unescape(read(boss, page))
    assert "takes no more for now" in shown and "x … is <b>" in shown
    assert "sk-" not in shown and "</b>y" not in shown and "<b>over" not in read(boss, page)


def test_the_command_without_an_option_sets_up_nothing(enterprise):
    lines = StringIO()
    call_command("assistant", "acme", stdout=lines)
    assert assistants.of(enterprise.code) is None and "no assistant" in lines.getvalue()
    call_command("assistant", "acme", "--mode", "off", stdout=lines)
    call_command("assistant", "acme", stdout=lines)
    assert len({*lines.getvalue().splitlines()[1:]}) == 1 and assistants.of(enterprise.code)
