"""What the demo shows: ten conversations that go on, and thirty days behind them."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Member
from chat.bulk.demo import dialogues, history, making, shop
from chat.conversations import claims
from chat.mail import answers, reminders
from chat.models import (
    CannedReply,
    ChatGroup,
    Conversation,
    GroupMessage,
    Origin,
    QuickQuestion,
    Reception,
)
from chat.protocol.selection import Selection
from chat.reading import inbox

from .conftest import NOW


def test_ten_conversations_go_on_in_every_state_and_both_languages(full):
    open_ones = Conversation.objects.filter(open=True).select_related("visitor", "team")
    assert len(open_ones) == 8
    assert Counter(row.visitor.language for row in open_ones) == {"zh-hans": 5, "en": 3}
    waits = [NOW - row.waiting_since for row in open_ones if row.waiting_since]
    assert len(waits) == 6 and not any(is_past_target(row) for row in open_ones)
    holders = {row.claimed_by for row in open_ones} - {""}
    agents = dict(Member.objects.values_list("uuid", "name"))
    assert {agents[who] for who in holders} == {"alice", "bob", "carol"}
    assert sum(row.snoozed_until is not None for row in open_ones) == 1
    rated = Reception.objects.filter(closed_at__gt=NOW - timedelta(hours=2), score__gt=0)
    assert {3, 5} <= set(rated.exclude(comment="").values_list("score", flat=True))


def test_nothing_is_unread_but_what_goes_on(full):
    alice = Member.objects.get(name="alice")
    unread = ChatGroup.objects.for_member(alice.uuid).unread().values_list("uuid", flat=True)
    going_on = Conversation.objects.filter(open=True, snoozed_until=None)
    assert set(unread) < set(going_on.values_list("uuid", flat=True))
    assert len(unread) == len(inbox_of(alice, "waiting")) == 6
    seats = ChatGroup.objects.for_member(alice.uuid)
    assert seats.filter(uuid__in=going_on.values("uuid")).count() == 7


def is_past_target(row: Conversation) -> bool:
    target = timedelta(seconds=row.team.answer_seconds)
    return row.waiting_since is not None and NOW - row.waiting_since > target


def test_a_note_mentions_a_colleague_and_a_message_answers_another(full):
    (note,) = GroupMessage.objects.filter(message_type=3, data__mentions__isnull=False)
    alice = Member.objects.get(name="alice")
    assert (
        note.data["mentions"] == [alice.uuid] and f"@{alice.display_name}" in note.message_content
    )
    assert list(inbox_of(alice, "mentioned")) == [note.group_id]
    assert GroupMessage.objects.filter(data__reply_to__isnull=False).count() == 1


def inbox_of(member: Member, view: str) -> list[str]:
    rows, _cursor = inbox.page(member, chosen=Selection(view))
    return [row["group"] for row in rows]


def test_every_page_of_it_opens(full, browser_of):
    alice = Member.objects.get(name="alice")
    browser = browser_of(alice)
    assert browser.get("/agent/").status_code == 200
    assert browser.get("/chat/demo/").status_code == 200
    for picture in (full.logo, alice.avator):
        assert browser.get(picture)["Content-Type"] == "image/png"
    seated = Conversation.objects.filter(open=True, team__members=alice)
    assert len(seated) == 8
    for group in seated.values_list("uuid", flat=True):
        page = browser.get(reverse("conversation", args=[group]))
        assert page.status_code == 200
    assert (
        browser_of(Member.objects.get(name="manager")).get("/admin/chat/visitor/").status_code
        == 200
    )


def test_nobody_can_enter_as_one_of_its_visitors(full):
    hashes = set(Conversation.objects.values_list("visitor__secret_hash", flat=True))
    assert len(hashes) == Conversation.objects.count()
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in hashes)


def test_thirty_days_follow_hours_weekdays_and_shifts(full):
    rows = list(Reception.objects.all())
    assert 350 < len(rows) < 600
    local = [row.opened_at.astimezone(history.ZONE) for row in rows]
    days = {at.date() for at in local}
    assert 28 <= len(days) <= 31 and min(local) > NOW - timedelta(days=31)
    inside = sum(history.OPENS <= at.hour < history.CLOSES for at in local)
    assert 0.85 < inside / len(rows) < 0.99
    week = Counter(at.weekday() for at in local)
    assert week[6] < min(week[day] for day in range(5))
    answered = [row for row in rows if row.first_reply_at]
    assert 0.9 < len(answered) / len(rows) < 1
    waits = sorted((row.first_reply_at - row.opened_at).total_seconds() for row in answered)
    assert 20 < waits[len(waits) // 2] < 120 < waits[-1]
    senders = GroupMessage.objects.filter(message_type=1).values_list("sender", flat=True)
    counted = Counter(senders)
    shares = [
        counted[uuid]
        for uuid in Member.objects.filter(name__in=shop.AGENTS).values_list("uuid", flat=True)
    ]
    assert len(shares) == 3 and min(shares) > 100
    scores = [row.score for row in rows if row.score]
    assert len(scores) > 100 and 4 < sum(scores) / len(scores) < 4.9
    assert len(set(Reception.objects.values_list("group_id", flat=True))) < len(rows)


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
    assert not Conversation.objects.exclude(claimed_by="").exists()


def test_what_somebody_has_set_up_stays_as_it_is(accounts):
    team = accounts.teams.get()
    QuickQuestion.objects.create(team=team, question="Ours?", answer="Ours.")
    CannedReply.objects.create(enterprise=accounts, title="Ours", content="Ours")
    accounts.teams.update(answer_seconds=60)
    accounts.accent = "#aa0000"
    accounts.save()
    Member.objects.filter(name="alice").update(avator="/avatars/own.png")
    making.make(accounts, NOW)
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
