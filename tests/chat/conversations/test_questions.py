"""Quick questions: asked by a tap, answered in the same commit, and nobody has to do anything."""

import pytest

from accounts.setup import find_or_create_team
from chat.models import Conversation, QuickQuestion, Reception
from chat.models.question import MAX_QUESTIONS
from chat.posting import batches
from chat.presence import unattended_teams, visitor_queue
from chat.protocol.selection import Selection
from chat.reading import inbox, inbox_counts
from tests.chat.helpers import (
    JSON,
    MESSAGE,
    PAGE,
    act_of,
    check_ledger,
    codes,
    draft_of,
    new_id,
    refused,
    rows_of,
    seat_of,
    within,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def question(team) -> QuickQuestion:
    return QuickQuestion.objects.create(
        team=team, question="几天能到？", answer="两天。\n偏远地区四天。"
    )


def ask(guest, question, **more):
    draft = guest.draft(question.question, **more)
    draft.question = question.pk
    return draft


def texts(group) -> list[str]:
    return [row.message_content for row in rows_of(group) if row.message_type == MESSAGE]


def test_question_and_answer_are_two_rows_of_one_commit(guest, question, alice, team):
    accepted = batches.post(ask(guest, question))
    rows = rows_of(accepted["group"])
    assert [row.seq for row in rows] == [1, 2, 3] and accepted["seq"] == 2
    assert (rows[1].sender, rows[1].message_content) == (guest.uuid, "几天能到？")
    assert (rows[2].sender, rows[2].sender_name) == ("", team.name)
    assert rows[2].message_content == "两天。\n偏远地区四天。"
    assert rows[1].created_at == rows[2].created_at
    assert check_ledger() == 3


def test_a_retry_doubles_neither(guest, question, alice):
    draft = ask(guest, question)
    first = batches.post(draft)
    again = ask(guest, question, client_id=draft.client_id)
    assert batches.post(again) == first
    outcome = batches.settle([ask(guest, question, client_id=draft.client_id) for _ in range(3)])
    assert codes(outcome.answers) == ["message.accepted"] * 3
    assert check_ledger() == 3


def test_who_only_asked_quick_questions_waits_for_nobody(guest, question, alice):
    group = batches.post(ask(guest, question))["group"]
    conversation = Conversation.objects.get(uuid=group)
    assert conversation.waiting_since is None
    assert Reception.objects.get().first_reply_at is None
    batches.post(guest.draft("und nach Tibet?"))
    conversation.refresh_from_db()
    assert conversation.waiting_since is not None


def test_where_only_quick_questions_were_pressed_no_list_and_no_figure_has_a_wait(
    guest, question, alice, team
):
    group = batches.post(ask(guest, question))["group"]
    assert inbox.page(alice, chosen=Selection("waiting"))[0] == []
    assert inbox_counts.view_counts(alice)["waiting"] == 0
    assert unattended_teams.of_enterprise(team.enterprise.code) == []
    assert group not in visitor_queue.read_places(team.enterprise.code)


def test_an_automatic_answer_ends_no_wait_and_is_no_first_reply(guest, question, alice):
    group = batches.post(guest.draft("hello?"))["group"]
    since = Conversation.objects.get(uuid=group).waiting_since
    batches.post(ask(guest, question))
    assert Conversation.objects.get(uuid=group).waiting_since == since
    assert Reception.objects.get().first_reply_at is None
    batches.post(draft_of(alice, group))
    assert Conversation.objects.get(uuid=group).waiting_since is None
    assert Reception.objects.get().first_reply_at is not None


def test_a_closed_conversation_stays_closed(guest, question, alice, group):

    batches.do(act_of("close", alice.uuid, group))
    batches.post(ask(guest, question))
    assert not Conversation.objects.get(uuid=group).open
    assert Reception.objects.count() == 1 and texts(group)[-1] == question.answer
    batches.post(guest.draft("but"))
    assert Conversation.objects.get(uuid=group).open and check_ledger()


def test_an_automatic_answer_makes_no_colleagues_answer_stale(guest, question, alice, group):
    batches.post(ask(guest, question))
    assert batches.post(draft_of(alice, group, seen=2))["type"] == "message.accepted"


def test_words_that_are_others_by_now_are_an_ordinary_message(guest, question, alice, other_team):
    old = ask(guest, question)
    QuickQuestion.objects.filter(pk=question.pk).update(question="Wie lange dauert es?")
    group = batches.post(old)["group"]
    assert texts(group) == ["几天能到？"]
    assert Conversation.objects.get(uuid=group).waiting_since is not None
    foreign = QuickQuestion.objects.create(team=other_team, question="Foreign?", answer="secret")
    batches.post(ask(guest, foreign))
    batches.post(ask(guest, QuickQuestion(pk=999_999, question="gone?")))
    assert texts(group) == ["几天能到？", "Foreign?", "gone?"]
    assert check_ledger()


def test_unread_counts_both_for_agents_and_the_answer_for_the_visitor(guest, question, alice):
    group = batches.post(ask(guest, question))["group"]
    assert seat_of(alice, group).unread == 2 and seat_of(guest.uuid, group).unread == 1


def test_the_page_offers_the_teams_questions_in_their_order(visitor, question, team, other_team):
    first = QuickQuestion.objects.create(team=team, question="<b>First?", answer="a", position=0)
    QuickQuestion.objects.filter(pk=question.pk).update(position=1)
    QuickQuestion.objects.create(team=other_team, question="Foreign?", answer="secret")
    page = visitor.get("/chat/acme/").content.decode()
    assert page.index("&lt;b&gt;First?") < page.index("几天能到？")
    assert "Foreign?" not in page
    assert 'name="content" value="&lt;b&gt;First?"' in page
    assert f'name="question" value="{first.pk}"' in page
    assert question.answer not in page, "the answer comes by the tap"
    sales = find_or_create_team(team.enterprise, "sales")
    for number in range(MAX_QUESTIONS + 3):
        QuickQuestion.objects.create(team=sales, question=f"q{number}", answer="a")
    page = visitor.get("/chat/acme/?team=sales").content.decode()
    assert page.count('name="question"') == MAX_QUESTIONS and "几天能到？" not in page


def test_a_plain_form_asks_and_shows_the_answer(visitor, question, alice, guest):
    form = {"content": question.question, "question": question.pk, "client_id": new_id()}
    for _twice in range(2):
        assert visitor.post(visitor.place, form, **PAGE).status_code == 302
    page = visitor.get("/chat/acme/").content.decode()
    assert "两天。" in page and page.count(">Automatic<") == 2, "one, and one in the template"
    assert check_ledger() == 3


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_both_are_told_to_both_sides_and_marked(guest, question, alice, connect):
    desk, page = await connect(alice), await connect(guest)
    accepted = await page.say(question.question, question=question.pk)
    assert accepted["type"] == "message.accepted"
    for socket in (desk, page):
        asked = await socket.until("message.posted", prev=accepted["seq"] - 1)
        told = await socket.until("message.posted", prev=accepted["seq"])
        assert asked["message"]["question"] == question.pk and "automatic" not in asked["message"]
        assert told["message"]["automatic"] is True and told["message"]["kind"] == "message"
        assert (told["message"]["sender"], told["message"]["sender_role"]) == ("", "agent")
        assert told["message"]["data"] is None
    for wrong in ("1", True, -1, 1.5, []):
        answer = await page.say("x", question=wrong)
        assert (answer["type"], answer["code"]) == ("error", "bad_field")
    answer = await desk.say("x", group=accepted["group"], question=question.pk)
    assert answer["code"] == "bad_field"
    await desk.send("sync", groups={accepted["group"]: 0})
    messages = [(await desk.until("message.posted"))["message"] for _ in range(3)]
    assert [bool(message.get("automatic")) for message in messages] == [False, False, True]


def test_a_first_tap_needs_the_consent_that_a_first_message_needs(
    visitor, question, alice, enterprise
):
    enterprise.consent = "I agree."
    enterprise.save(update_fields=["consent"])
    form = {"content": question.question, "question": question.pk}
    assert refused(visitor.post(visitor.place, form, **JSON)) == (400, "bad_field")
    page = visitor.post(visitor.place, form, **PAGE)
    assert page.status_code == 400 and question.question in page.content.decode()
    assert not Conversation.objects.exists()
    assert visitor.post(visitor.place, {**form, "consent": "1"}, **JSON).status_code == 200
    assert texts(Conversation.objects.get().uuid) == [question.question, question.answer]
