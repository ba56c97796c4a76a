"""Who read an answer that stood on a former text is written to, once, by whoever sits there."""

import pytest
from django.test import override_settings

from accounts.models import AuditRow
from chat.assistant import corrections
from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.limits import limits, member_keys
from chat.models import AssistantTask, ChatGroup, Conversation, GroupMessage
from chat.posting import batches
from chat.rates import RATES
from tests.chat.helpers import act_of

from .conftest import BODY, proof, run

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/agent/articles/lid/en/answers/"


@pytest.fixture
def told(assistant, article, model, guest, leader) -> str:
    """The assistant answered from a text that has changed since."""
    group = batches.post(guest.draft("My lid is broken"))["group"]
    model.answer = proof
    run(group)
    articles.put(article.enterprise, "lid", "en", Text("Broken lids", "Send a photo within a day"))
    article.refresh_from_db()
    return group


def said(group: str, text: str) -> int:
    return GroupMessage.objects.filter(group_id=group, message_content=text).count()


def test_a_member_writes_to_each_once_after_being_asked(told, article, leader, client):
    client.force_login(leader)
    assert PAGE in client.get("/agent/articles/lid/en/").content.decode()
    batches.do(act_of("close", leader.uuid, told))
    page = client.post(PAGE, {"text": "Within <b>a day</b>"}).content.decode()
    assert "Within &lt;b&gt;a day" in page and said(told, "Within <b>a day</b>") == 0
    for _again in range(2):
        client.post(PAGE, {"text": "Within a day", "sure": "1"})
    assert said(told, "Within a day") == 1
    assert not Conversation.objects.get(uuid=told).open
    row = GroupMessage.objects.get(message_content="Within a day")
    assert row.sender == leader.uuid and not (row.data or {}).get("generated")
    found = corrections.of(leader, article)
    assert (found.open, found.elsewhere, found.corrected) == ([], [], 1)


def test_only_answers_from_a_former_text_count(told, article, leader):
    assert len(corrections.of(leader, article).open) == 1
    task = AssistantTask.objects.get()
    task.citations.update(revision=article.revision)
    assert not corrections.answers(article).exists()
    task.citations.update(revision=1)
    Conversation.objects.update(quarantined_for="words")
    assert not corrections.answers(article).exists()


def test_who_has_no_seat_or_no_right_writes_to_nobody(
    told, article, supervisor, other_manager, alice, client
):
    assert [len(x) for x in (corrections.of(supervisor, article).open,)] == [0]
    assert len(corrections.of(supervisor, article).elsewhere) == 1
    codes = []
    for member in (supervisor, other_manager, alice):
        client.force_login(member)
        codes.append(client.post(PAGE, {"text": "Hello", "sure": "1"}).status_code)
    assert codes == [200, 404, 403] and said(told, "Hello") == 0
    assert AuditRow.objects.get(action="read", kind="archive").actor == supervisor.uuid


@override_settings(RATE_LIMITS=True)
def test_what_is_refused_is_shown_again_with_its_text(told, leader, client, monkeypatch):
    client.force_login(leader)
    limits.clear()
    answer = client.post(PAGE, {"text": " ", "sure": "1"})
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (400, True)
    now = limits.clock()
    monkeypatch.setattr(limits, "clock", lambda: now)
    limits.take("message", member_keys(leader.uuid), RATES["message"]["member"].burst)
    answer = client.post(PAGE, {"text": "Within a day", "sure": "1"})
    assert answer.status_code == 429 and answer.context["text"] == "Within a day"
    assert said(told, "Within a day") == 0


def test_the_editor_foresees_which_answers_lose_their_proof(
    assistant, article, model, guest, leader, supervisor, other_manager, client
):
    group = batches.post(guest.draft("My lid is broken"))["group"]
    model.answer = proof
    run(group)

    def preview(member, body: str) -> str:
        client.force_login(member)
        form = {"slug": "lid", "lang": "en", "title": "Lids", "body": body}
        return client.post("/agent/articles/preview/", form).content.decode()

    assert "proof" not in preview(leader, BODY)
    kept = preview(leader, BODY.replace("7 days", "a day"))
    assert "1 answer of the assistant keeps its proof, 0 lose it." in kept
    assert "My lid" not in kept
    for member in (leader, supervisor):
        gone = preview(member, "Send a photo.")
        assert "0 answers of the assistant keep their proof, 1 loses it." in gone
        assert "My lid is broken" in gone
        assert AuditRow.objects.filter(action="read").exists() == (member is supervisor)
    ChatGroup.objects.held_by(leader).delete()
    unseated = preview(leader, "Send a photo.")
    assert "1 loses it" in unseated and "My lid" not in unseated
    assert "proof" not in preview(other_manager, "Send a photo.")
