"""Texts of the enterprise in several languages, where visitors write: what is answered, what is
stored, what must be agreed to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Topic
from chat.conversations import idle
from chat.models import Conversation, GroupMessage, QuickQuestion
from tests.chat.helpers import JSON

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def question(team):
    words = {"question": "How long does it take?", "answer": "Two days."}
    return QuickQuestion.objects.create(
        team=team, question="几天到货？", answer="两天。", translations={"en": words}
    )


@pytest.mark.parametrize(
    ("words", "answer"),
    [("How long does it take?", "Two days."), ("几天到货？", "两天。"), ("How long?", None)],
)
def test_a_question_is_answered_in_the_language_in_which_it_was_read(
    visitor, question, words, answer
):
    visitor.post(visitor.place, {"content": words, "question": question.pk}, **JSON)
    last = visitor.get(visitor.place).json()["messages"][-1]
    assert (last["content"] if last.get("automatic") else None) == answer


def test_an_answer_without_a_translation_is_in_the_enterprises_language(visitor, question):
    del question.translations["en"]["answer"]
    question.save()
    visitor.post(
        visitor.place, {"content": "How long does it take?", "question": question.pk}, **JSON
    )
    assert visitor.get(visitor.place).json()["messages"][-1]["content"] == "两天。"


def test_agents_read_the_topic_in_the_enterprises_language(visitor, team):
    topic = Topic.objects.create(team=team, label="退款", translations={"en": {"label": "Refund"}})
    page = visitor.get(f"/chat/acme/?team=service&topic={topic.pk}").content.decode()
    assert "Refund" in page and "退款" not in page
    visitor.post(visitor.place, {"content": "x", "topic": topic.pk}, **JSON)
    assert Conversation.objects.get().topic == "退款"


def test_what_must_be_agreed_to_does_not_depend_on_the_language(visitor, enterprise):
    enterprise.translations = {"zh-hans": {"consent": "我同意"}}
    enterprise.save()
    assert "我同意" in visitor.get("/chat/acme/").content.decode()
    answer = visitor.post(visitor.place, {"content": "x"}, **JSON)
    assert (answer.status_code, answer.json()["field"]) == (400, "consent")
    visitor.post(visitor.place, {"content": "x", "consent": "1"}, **JSON)
    assert Conversation.objects.get().visitor.consented_at


def test_an_idle_visitor_is_warned_in_their_language(visitor, team):
    team.warning, team.idle_hours, team.warn_minutes = "还在吗？", 1, 59
    team.translations = {"en": {"warning": "Still there?"}}
    team.save()
    visitor.post(visitor.place, {"content": "x"}, **JSON)
    row = Conversation.objects.get()
    Conversation.objects.update(waiting_since=None)
    GroupMessage.objects.update(sender="somebody")
    idle.warn(row.uuid, timezone.now() + timedelta(hours=2))
    notice = GroupMessage.objects.order_by("seq").last()
    assert notice.data["words"] == "Still there?"
