"""Texts for visitors in several languages: written side by side, checked one by one, and picked by
the reader's language, then the enterprise's."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import setup
from accounts.models import GreetingRule, Team, Topic
from chat.models import QuickQuestion
from tests.conftest import stored

from .page import edit, errors_of, form_of, submit

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ENGLISH, CHINESE, FRENCH = "en-GB,en;q=0.8", "zh-CN,zh;q=0.9", "fr-FR,fr;q=0.9"


def chat_page(language: str, query: str = "") -> str:
    return Client(HTTP_ACCEPT_LANGUAGE=language).get(f"/chat/acme/{query}").content.decode()


@pytest.fixture
def texts(boss, enterprise, team):
    """The manager writes everything in both languages."""
    enterprise.text_language = "zh-hans"
    enterprise.save()
    Team.objects.update(translations={})
    submit(boss, edit(enterprise, "look"), **{"welcome": "欢迎光临", "welcome_en": "Come in"})
    submit(boss, edit(enterprise, "before"), **{"consent": "我同意", "consent_en": "I agree"})
    submit(
        boss,
        edit(team),
        **{"greeting": "您好！", "greeting_en": "Good day!"},
        **{"warning": "还在吗？", "warning_en": "Still there?"},
        **{"topics-TOTAL_FORMS": "1", "topics-0-position": "0"},
        **{"topics-0-label": "退款", "topics-0-label_en": "Refunds"},
    )
    # One topic alone is no choice.
    Topic.objects.create(team=team, label="其他", position=9)
    words = {"question": "几天到货？", "question_en": "How long does it take?"}
    words |= {"answer": "两天。", "answer_en": "Two days.", "team": team.pk}
    submit(boss, reverse("admin:chat_quickquestion_add"), **words)


def test_everybody_reads_their_own_language_or_else_the_enterprises(texts):
    for language, there, others in (
        (ENGLISH, ["Come in", "Good day!", "Refunds"], ["欢迎光临", "您好！", "退款"]),
        (CHINESE, ["欢迎光临", "您好！", "退款"], ["Come in", "Good day!", "Refunds"]),
        (FRENCH, ["欢迎光临", "您好！", "退款"], ["Come in", "Good day!", "Refunds"]),
    ):
        page = chat_page(language)
        assert all(text in page for text in there), language
        assert not any(text in page for text in others), language
    topic = Topic.objects.get(position=0)
    for language, there in (
        (ENGLISH, ["How long does it take?", "I agree", '<b dir="auto">Refunds']),
        (CHINESE, ["几天到货？", "我同意", '<b dir="auto">退款']),
    ):
        page = chat_page(language, f"?team=service&topic={topic.pk}")
        assert all(text in page for text in there), page
    assert 'lang="zh-hans"' in chat_page(FRENCH), "the whole page is in one language"


def test_the_form_has_each_language_side_by_side(texts, boss, enterprise, team):
    found = form_of(boss.get(edit(team)))
    assert (found["greeting"], found["greeting_en"]) == ("您好！", "Good day!")
    assert (found["topics-0-label"], found["topics-0-label_en"]) == ("退款", "Refunds")
    found = form_of(boss.get(edit(enterprise, "before")))
    assert (found["consent"], found["consent_en"]) == ("我同意", "I agree")
    assert "greeting_zh-hans" not in found


def test_what_is_not_translated_is_read_as_it_is(texts, boss, team):
    submit(boss, edit(team), **{"greeting_en": "", "topics-0-label_en": ""})
    assert stored(team).translations == {"en": {"warning": "Still there?"}}
    page = chat_page(ENGLISH)
    assert "您好！" in page and "退款" in page and "Come in" in page
    submit(boss, edit(team), greeting="", greeting_en="Good day!")
    assert "Good day!" in chat_page(ENGLISH)
    assert "您好！请问有什么可以帮您？" in chat_page(CHINESE), "the default text"


@pytest.mark.parametrize(("length", "accepted"), [(499, True), (500, True), (501, False)])
def test_each_language_has_the_same_limit(texts, boss, team, length, accepted):
    answer = submit(boss, edit(team), greeting_en="x" * length)
    team.refresh_from_db()
    if accepted:
        assert team.translations["en"]["greeting"] == "x" * length
        return
    (error,) = errors_of(answer)["greeting"]
    assert error.startswith("English: ")
    assert "x" * length in answer.content.decode() and "您好！" in answer.content.decode()
    assert team.translations["en"]["greeting"] == "Good day!"


def test_a_required_text_is_required_in_the_enterprises_language_alone(texts, boss):
    question = QuickQuestion.objects.get()
    answer = submit(boss, edit(question), question="", question_en="How long?")
    assert list(errors_of(answer)) == ["question"]
    assert submit(boss, edit(question), question_en="").status_code == 302
    assert stored(question).translations == {"en": {"answer": "Two days."}}


def test_the_widget_greets_in_the_visitors_language(texts, boss, enterprise):
    rules = {"rules-TOTAL_FORMS": "1", "rules-0-page": "*", "rules-0-seconds": "1"}
    rules |= {"rules-0-visits": "1", "rules-0-position": "0", "rules-0-only_staffed": None}
    words = {"rules-0-text": "需要帮忙吗？", "rules-0-text_en": "Can I help?"}
    assert submit(boss, edit(enterprise, "greetings"), **rules, **words).status_code == 302
    assert GreetingRule.objects.get().translations == {"en": {"text": "Can I help?"}}
    for language, text in ((ENGLISH, "Can I help?"), (CHINESE, "需要帮忙吗？")):
        look = Client(HTTP_ACCEPT_LANGUAGE=language).get("/chat/acme/widget/?embed=1").json()
        assert look["inviting"]["rules"][0]["text"] == text


def test_another_main_language_exchanges_the_texts(texts, boss, enterprise, team):
    Team.objects.filter(pk=team.pk).update(farewell="再见")
    submit(boss, edit(enterprise), text_language="en")
    enterprise.refresh_from_db()
    team.refresh_from_db()
    assert (enterprise.welcome, enterprise.consent) == ("Come in", "I agree")
    assert enterprise.translations == {"zh-hans": {"welcome": "欢迎光临", "consent": "我同意"}}
    assert (team.greeting, team.farewell) == ("Good day!", "再见")
    assert team.translations == {"zh-hans": {"greeting": "您好！", "warning": "还在吗？"}}
    assert Topic.objects.get(position=0).label == "Refunds"
    assert QuickQuestion.objects.get().translated("answer", "zh-hans") == "两天。"
    assert "欢迎光临" in chat_page(CHINESE) and "Come in" in chat_page(FRENCH)
    submit(boss, edit(enterprise), text_language="zh-hans")
    team.refresh_from_db()
    assert (team.greeting, team.translated("greeting", "en")) == ("您好！", "Good day!")


def test_a_page_from_before_another_main_language_keeps_its_texts_apart(
    texts, boss, enterprise, team
):
    submit(boss, edit(team), name="客服", name_en="Service")
    Topic.objects.filter(label="其他").delete()
    question = reverse("team-question", args=[QuickQuestion.objects.get().pk])
    pages = {place: form_of(boss.get(place)) for place in (edit(team), question)}
    submit(boss, edit(enterprise), text_language="en")
    changes = {"greeting_en": "Hello!", "answer": "三天。"}
    for place, fields in pages.items():
        assert boss.post(place, {**fields, **changes}).status_code == 302
    team.refresh_from_db()
    assert (team.name, team.greeting) == ("Service", "Hello!")
    assert team.translated("name", "zh-hans") == "客服"
    assert team.translated("greeting", "zh-hans") == "您好！"
    assert Topic.objects.get().translations == {"zh-hans": {"label": "退款"}}
    kept = QuickQuestion.objects.get()
    assert (kept.question, kept.answer) == ("How long does it take?", "Two days.")
    assert kept.translations == {"zh-hans": {"question": "几天到货？", "answer": "三天。"}}


def test_the_texts_of_other_enterprises_stay_as_they_are(texts, root, enterprise, other_team):
    other_team.greeting, other_team.translations = "Hi", {"zh-hans": {"greeting": "你好"}}
    other_team.save()
    setup.change_language(enterprise, "zh-hans")
    other_team.refresh_from_db()
    assert (other_team.greeting, other_team.translated("greeting", "zh-hans")) == ("Hi", "你好")
