"""What the demo shows: ten conversations that go on, and thirty days behind them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Assistant, Member
from chat.bulk.demo import conversations, dialogues
from chat.conversations import claims
from chat.mail import answers, reminders
from chat.models import AssistantTask, CannedReply, Conversation, Origin, QuickQuestion

from .conftest import NOW


def test_every_page_of_it_opens(full, browser_of):
    alice = Member.objects.get(name="alice")
    browser = browser_of(alice)
    assert browser.get("/agent/").status_code == 200
    assert browser.get("/chat/demo/").status_code == 200
    for picture in (full.logo, alice.avator):
        assert browser.get(picture)["Content-Type"] == "image/png"
    seated = Conversation.objects.filter(open=True, team__members=alice)
    assert len(seated) == 11
    for group in seated.values_list("uuid", flat=True):
        page = browser.get(reverse("conversation", args=[group]))
        assert page.status_code == 200
    assert (
        browser_of(Member.objects.get(name="manager")).get("/admin/chat/visitor/").status_code
        == 200
    )


def test_its_customers_have_attributes_a_link_a_suggestion_and_a_segment(full, browser_of):
    browser = browser_of(Member.objects.get(name="manager"))
    shown = browser.get("/admin/chat/visitor/").content.decode()
    assert "Gold 金卡" in shown and "2 visitors" in shown and 'aria-label="Segments"' in shown
    for name, words in (("陈静怡", "小博 linked"), ("Daniel Novak", "The same person?")):
        place = browser.get("/admin/chat/visitor/", {"q": name}).context["cl"].result_list[0]
        page = browser.get(reverse("admin:chat_visitor_change", args=[place.pk]))
        assert words in page.content.decode()


def test_its_teams_have_a_name_in_each_language(full):
    names = {
        one.translated("name", "zh-hans"): one.translated("name", "en") for one in full.teams.all()
    }
    assert names == {"在线客服": "Customer service", "售后服务": "After-sales service"}


def test_nobody_can_enter_as_one_of_its_visitors(full):
    hashes = set(Conversation.objects.values_list("visitor__secret_hash", flat=True))
    assert len(hashes) == Conversation.objects.count()
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in hashes)


def test_every_row_of_it_is_marked_and_no_mail_tells_of_it(full, settings):
    settings.PUBLIC_URL = "https://chat.example.com"
    Member.objects.update(email="someone@example.com")
    full.teams.update(mail_minutes=1)
    assert set(Conversation.objects.values_list("origin", flat=True)) == {Origin.DEMO}
    later = NOW + timedelta(minutes=5)
    assert list(answers.taken(later)) == []
    assert list(reminders.left(later)) == []


def test_its_claims_stay_although_nobody_is_there(full):
    before = list(Conversation.objects.order_by("id").values_list("claimed_by", flat=True))
    claims.expire()
    assert list(Conversation.objects.order_by("id").values_list("claimed_by", flat=True)) == before
    Conversation.objects.update(origin=Origin.LIVE)
    claims.expire()
    held = Conversation.objects.exclude(claimed_by="")
    assert held.exists() and not held.exclude(waiting_since=None).exists()


def test_what_somebody_has_set_up_stays_as_it_is(accounts):
    team = accounts.teams.get()
    QuickQuestion.objects.create(team=team, question="Ours?", answer="Ours.")
    CannedReply.objects.create(enterprise=accounts, title="Ours", content="Ours")
    accounts.teams.update(answer_seconds=60)
    accounts.accent = "#aa0000"
    accounts.save()
    Member.objects.filter(name="alice").update(avator="/avatars/own.png")
    conversations.make(accounts, NOW)
    assert QuickQuestion.objects.count() == CannedReply.objects.count() == 1
    assert accounts.teams.get(slug="service").answer_seconds == 60
    assert Member.objects.get(name="alice").avator == "/avatars/own.png"
    accounts.refresh_from_db()
    assert accounts.accent == "#aa0000" and accounts.logo == ""


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_dialogue_can_be_told(language):
    facts = dict.fromkeys(dialogues.GOODS[language], "x") | {"order": "HM1"}
    found = dialogues.read(language)
    assert len(found) >= 12
    for dialogue in found:
        assert dialogue.tag and dialogue.team in ("service", "aftersales")
        assert 0 < len(dialogue.reason) <= 60 and 0 < len(dialogue.summary) <= 1000
        letters = [letter for letter, _text in dialogue.lines]
        assert letters[0] == "V" and "A" in letters and set(letters) <= set("VAN")
        for _letter, text in dialogue.lines:
            for wording in text.split(" / "):
                assert wording.format(**facts)


def test_its_assistant_is_off_and_has_answered_from_two_of_its_articles(full, browser_of):
    assistant = Assistant.objects.get(enterprise=full)
    assert (assistant.mode, assistant.url) == (Assistant.Mode.OFF, "")
    task = AssistantTask.objects.get()
    cited = {one.slug: one for one in task.citations.select_related("article")}
    assert cited.keys() == {"missing-parts", "shipping-times"}
    assert all(one.quote in one.article.body for one in cited.values())
    page = browser_of(Member.objects.get(name="alice")).get(f"/agent/c/{task.conversation_id}/")
    assert "少发、漏发、发错了</span></a>" in page.content.decode()
