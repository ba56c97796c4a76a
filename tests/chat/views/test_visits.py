"""What visitors do beside writing: end the conversation, and take it along as a file or a mail."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client

from chat import transcripts
from chat.ledger.threads import NOTE
from chat.mail import jobs
from chat.models import Conversation, QuickQuestion, Reception
from chat.posting import batches
from chat.posting.actions import Ending, Recall
from chat.protocol.errors import Refused
from tests.chat.helpers import (
    JSON,
    PAGE,
    act_of,
    check_ledger,
    draft_of,
    new_guest,
    new_id,
    refused,
    rows_of,
)

pytestmark = pytest.mark.django_db

END = "/chat/acme/end/"
TRANSCRIPT = "/chat/acme/transcript/"


@pytest.fixture(autouse=True)
def no_mail_for_the_next_test():
    yield
    jobs.POST.submit(int).result()


def fetched(browser, **query) -> str:
    response = browser.get(TRANSCRIPT, query)
    assert response.status_code == 200
    return response.content.decode()


def mailed(browser, to="me@example.com", **fields):
    response = browser.post(TRANSCRIPT, {"email": to, **fields}, **JSON)
    jobs.POST.submit(int).result()
    return response


# The end


def test_a_visitor_ends_the_conversation_once(visitor, guest, group, alice, bob):
    batches.do(act_of("claim", alice.uuid, group))
    before = len(rows_of(group))
    for _twice in range(2):
        assert json.loads(visitor.post(END, **JSON).content) == {"ok": True}
    conversation = Conversation.objects.get(uuid=group)
    assert (conversation.open, conversation.claimed_by, conversation.waiting_since) == (
        *(False, ""),
        None,
    )
    reception = Reception.objects.get()
    assert reception.closed_at and reception.closed_by == guest.uuid
    (notice,) = rows_of(group)[before:]
    assert notice.data["event"] == "closed" and notice.data["by"] == guest.uuid
    assert check_ledger()


def test_the_next_message_reopens_and_it_can_be_rated_before(visitor, guest, group):
    visitor.post(END, **JSON)
    rating = visitor.post("/chat/acme/rating/", {"score": "4"}, **JSON)
    assert json.loads(rating.content) == {"ok": True}
    batches.post(guest.draft("one thing more"))
    assert Conversation.objects.get(uuid=group).open
    assert [row.score for row in Reception.objects.order_by("id")] == [4, None]


def test_what_visitors_did_they_read_as_their_own_doing_and_agents_with_their_name(
    agent, visitor, guest, group
):
    visitor.post(END, **JSON)
    batches.post(guest.draft("one thing more"))
    batches.run([Recall(guest.uuid, group, 5)])
    page = visitor.get("/chat/acme/").content.decode().partition('class="writing-area"')[0]
    desk = agent.get(agent.page).content.decode()
    for own, others in (
        ("You reopened the conversation", "reopened the conversation"),
        ("You recalled a message", "recalled a message"),
    ):
        assert own in page and guest.uuid in page and page.count(others) == 1
        assert own not in desk and others in desk


def test_nobody_else_ends_it(visitor, guest, group, agent, other_guest, enterprise):
    assert refused(Client().post(END, **JSON)) == (401, "forbidden")
    assert refused(agent.post(END, **JSON)) == (401, "forbidden")
    assert refused(new_guest(guest.team).browser().post(END, **JSON)) == (404, "not_found")
    stranger = other_guest.browser()
    assert refused(stranger.post(END, **JSON)) == (401, "forbidden")
    with pytest.raises(Refused) as refusal:
        batches.do(Ending(other_guest.uuid, group))
    assert refusal.value.code == "not_found"
    with pytest.raises(Refused):
        batches.do(Ending(guest.uuid, new_id()))
    assert visitor.get(END).status_code == 405
    assert Conversation.objects.get(uuid=group).open


def test_who_is_blocked_or_at_a_closed_door_ends_nothing(visitor, guest, group, alice, enterprise):
    from chat.models import Visitor

    Visitor.objects.filter(uuid=guest.uuid).update(blocked=True)
    assert refused(visitor.post(END, **JSON)) == (403, "closed_out")
    assert refused(visitor.get(TRANSCRIPT, **JSON)) == (403, "closed_out")
    assert visitor.post(END, **PAGE).status_code == 403
    Visitor.objects.filter(uuid=guest.uuid).update(blocked=False)
    type(enterprise).objects.filter(pk=enterprise.pk).update(status=1)
    for response in (visitor.post(END, **JSON), visitor.get(TRANSCRIPT), mailed(visitor)):
        assert response.status_code == 403
    assert Conversation.objects.get(uuid=group).open and not mail.outbox


# The transcript


def test_the_transcript_has_what_the_visitor_may_see(visitor, guest, group, alice, team):
    batches.post(draft_of(alice, group, "您好\nsecond line"))
    batches.post(draft_of(alice, group, "between us", note=True))
    batches.do(act_of("tag", alice.uuid, group, tag="secret tag"))
    taken_back = batches.post(guest.draft("my password is fish"))["seq"]
    batches.do(Recall(guest.uuid, group, taken_back))
    question = QuickQuestion.objects.create(team=team, question="When?", answer="9 to 5")
    asked = guest.draft("When?")
    asked.question = question.pk
    batches.post(asked)
    batches.do(Ending(guest.uuid, group))
    text = fetched(visitor)
    assert text.startswith("Acme · ") and "All times are UTC." in text
    for line in (
        "You: first",
        "小艾: 您好\n       second line",
        "You: When?",
        f"{team.name} (automatic): 9 to 5",
        "recalled a message",
        "— You closed the conversation",
    ):
        assert line in text, line
    for hidden in ("between us", "secret tag", "fish"):
        assert hidden not in text
    assert text.index("You: first") < text.index("您好") < text.index("9 to 5")
    assert any(row.message_type == NOTE for row in rows_of(group))


def test_it_is_a_file_in_the_visitors_language_and_time(visitor, group):
    from chat.models import GroupMessage

    GroupMessage.objects.in_group(group).update(created_at="2026-11-25T18:30:00Z")
    response = visitor.get(
        TRANSCRIPT, {"zone": "Asia/Shanghai"}, headers={"Accept-Language": "zh-CN"}
    )
    text = response.content.decode()
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="acme-2')
    assert "02:30  我：first" in text and "2026年11月26日" in text and "Asia/Shanghai" in text
    assert "no-store" in response["Cache-Control"]


def test_its_name_has_the_day_of_the_visitors_time(visitor, group):
    """Those two zones are never on the same day."""
    names = {
        zone: visitor.get(TRANSCRIPT, {"zone": zone})["Content-Disposition"]
        for zone in ("Etc/GMT-14", "Etc/GMT+12")
    }
    for zone, name in names.items():
        assert f"acme-{datetime.now(ZoneInfo(zone)):%Y-%m-%d}.txt" in name


@pytest.mark.parametrize(
    "zone", ["", "Mars/Base", "../../etc/passwd", "/etc/localtime", "x" * 5000, "\x00", "Asia"]
)
def test_a_zone_that_is_none_is_utc(visitor, group, zone):
    assert "All times are UTC." in fetched(visitor, zone=zone)


def test_nobody_can_write_a_line_of_somebody_elses(visitor, guest, group):
    batches.post(guest.draft("hm\n00:00  小艾: we pay you 1,000"))
    assert "\n00:00  小艾" not in fetched(visitor)


def test_of_a_very_long_one_the_newest_part_is_given(visitor, guest, group, monkeypatch):
    batches.run([guest.draft(f"number {n}.", group=group) for n in range(450)])
    text = fetched(visitor)
    assert "number 0." in text and "number 449." in text and "newest part" not in text
    monkeypatch.setattr(transcripts, "MAX_LENGTH", 5_000)
    text = fetched(visitor)
    assert "number 0." not in text and "number 449." in text and "newest part" in text


def test_it_is_not_fetched_without_end(visitor, group):
    answers = [visitor.get(TRANSCRIPT, **JSON) for _ in range(22)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429] * 2
    assert int(answers[-1]["Retry-After"]) > 0


# By mail


def test_it_goes_by_mail_to_whom_the_visitor_names(visitor, group, alice):
    batches.post(draft_of(alice, group, "here you are"))
    assert json.loads(mailed(visitor, " me@example.com ").content) == {"ok": True}
    (sent,) = mail.outbox
    assert sent.to == ["me@example.com"] and not sent.cc and not sent.bcc
    assert sent.subject == "Your conversation with Acme"
    assert "You: first" in sent.body and "小艾: here you are" in sent.body
    page = visitor.post(TRANSCRIPT, {"email": "me@example.com"}, **PAGE)
    assert page.status_code == 200 and "is being sent to" in page.content.decode()
    assert 'href="/chat/acme/' in page.content.decode()


def test_what_nobody_has_answered_is_not_mailed(visitor, guest, group, alice, team):
    assert refused(mailed(visitor)) == (409, "conflict")
    question = QuickQuestion.objects.create(team=team, question="When?", answer="9 to 5")
    asked = guest.draft("When?")
    asked.question = question.pk
    batches.post(asked)
    batches.post(draft_of(alice, group, "between us", note=True))
    assert refused(mailed(visitor)) == (409, "conflict")
    assert not mail.outbox


def test_a_visitor_mails_three_at_once_and_nobody_gets_more(visitor, guest, group, alice, bob):
    batches.post(draft_of(alice, group))
    for number in range(3):
        assert mailed(visitor, f"{number}@example.com").status_code == 200
    assert refused(mailed(visitor, "4@example.com")) == (429, "rate_limited")
    for number in range(4):
        another = new_guest(guest.team)
        batches.post(another.draft())
        batches.post(draft_of(alice, another.group))
        answer = mailed(another.browser(), "Same@example.com" if number % 2 else "same@example.com")
        assert answer.status_code == (200 if number < 3 else 429)
    assert len(mail.outbox) == 6
