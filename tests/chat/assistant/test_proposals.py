"""What people wrote becomes a proposal, for those who may publish it and read it."""

import pytest

from accounts.models import AuditRow
from chat.models import AssistantCitation, AssistantTask, ChatGroup, Conversation
from chat.posting import batches
from tests.chat.helpers import draft_of

pytestmark = pytest.mark.django_db
PAGE = "/agent/articles/proposals/"


@pytest.fixture
def task(group, alice, article):
    """The assistant had no proof, and alice answered."""
    batches.post(draft_of(alice, group, "We engrave <b>cups</b>, too"))
    facts = {"ent_id": "acme", "kind": "answer", "state": "refused", "seq": 2}
    return AssistantTask.objects.create(**facts, conversation_id=group, question="Engraving?")


def shown(client, member) -> str:
    client.force_login(member)
    return client.get(PAGE).content.decode()


def test_an_answer_of_a_person_is_a_proposal_until_it_is_dismissed(task, leader, client):
    page = shown(client, leader)
    assert "Engraving?" in page and "We engrave &lt;b&gt;cups" in page
    assert "Proposals" in client.get("/agent/articles/").content.decode()
    client.post(PAGE, {"task": task.pk})
    assert "Engraving?" not in client.get(PAGE).content.decode()
    assert "Proposals" not in client.get("/agent/articles/").content.decode()


def test_a_changed_draft_is_a_proposal_for_the_article_that_it_stood_on(
    task, article, alice, manager, client
):
    AssistantTask.objects.update(kind="draft", state="answered", edited="Send two", member=alice)
    facts = {"slug": "lid", "lang": "en", "revision": 1, "title": "Broken lids", "quote": "x"}
    AssistantCitation.objects.create(ent_id="acme", task=task, n=1, article=article, **facts)
    page = shown(client, manager)
    assert "Send two" in page and 'action="/agent/articles/lid/en/"' in page
    assert "cups" not in page


def test_questions_that_nobody_answered_hide_none_and_show_no_button(task, leader, client, group):
    facts = {"ent_id": "acme", "kind": "answer", "state": "refused", "conversation_id": group}
    for seq in range(50, 101):
        AssistantTask.objects.create(**facts, seq=seq, question="And then?")
    page = shown(client, leader)
    assert "Engraving?" in page and "And then?" not in page
    task.delete()
    assert "Proposals" not in client.get("/agent/articles/").content.decode()


def test_it_is_noted_who_reads_without_a_seat(task, leader, manager, client, group):
    shown(client, leader)
    noted = AuditRow.objects.filter(action="read", kind="archive")
    assert not noted.exists()
    shown(client, manager)
    assert noted.get().actor == manager.uuid
    Conversation.objects.update(quarantined_for="words")
    assert "Engraving?" not in shown(client, manager)


def test_nobody_is_shown_what_they_may_not_read(task, leader, alice, other_manager, client, group):
    ChatGroup.objects.filter(uuid=group, member_id=leader.uuid).delete()
    for member in (leader, other_manager):
        assert "Engraving?" not in shown(client, member)
        assert client.post(PAGE, {"task": task.pk}).status_code == 404
    client.force_login(alice)
    assert client.get(PAGE).status_code == 403
    task.refresh_from_db()
    assert task.judgement == ""
