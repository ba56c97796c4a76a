"""Bots, service accounts and the assistant in conversations of channels."""

import pytest
from django.db.models import F

from chat.conversations import floor
from chat.models import Channel, ChannelDelivery, Conversation, GroupMessage, QuickQuestion
from chat.posting import batches
from tests.chat.assistant.conftest import assistant, model, run  # noqa: F401
from tests.chat.helpers import act_of, draft_of

from .talks import channel_of, limit, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adapters")]


def rows(talk) -> list[tuple]:
    found = GroupMessage.objects.in_group(talk.uuid).order_by("seq")
    return [(row.message_type, (row.data or {}).get("event"), row.sender) for row in found]


def last(talk) -> list[tuple]:
    return [(kind, event) for kind, event, _sender in rows(talk)][-2:]


HANDED_OVER = [(2, "handed_over"), (3, None)]


def test_the_assistant_hands_over_without_words_before_the_model_is_asked(team, assistant, model):  # noqa: F811
    talk = write(channel_of(team))
    limit(talk, 2)
    run(talk.uuid)
    assert model.asked == [] and last(talk) == HANDED_OVER
    assert not ChannelDelivery.objects.exists()


def test_an_answer_that_the_window_takes_no_more_is_dropped(team, assistant, model):  # noqa: F811
    talk = write(channel_of(team))
    limit(talk, 3)

    def answer(asked):
        limit(talk, 2)
        return {"sentences": [], "courtesy": "greeting"}

    model.answer = answer
    run(talk.uuid)
    assert len(model.asked) == 1 and last(talk) == HANDED_OVER
    assert assistant.member.uuid not in [who for kind, _event, who in rows(talk) if kind == 1]


def test_who_is_late_leaves_no_words_there(team, assistant):  # noqa: F811
    talk = write(channel_of(team))
    limit(talk, 2)
    Conversation.objects.update(bot_asked_at=F("bot_asked_at") - floor.ALONE * 9)
    floor.expire_one(talk.uuid)
    assert last(talk) == HANDED_OVER and not ChannelDelivery.objects.exists()


def test_the_assistant_answers_by_mail_where_the_channel_says_so(team, assistant, alice):  # noqa: F811
    channel = channel_of(team, "mail")
    talk = write(channel, "a@example.com")
    assert (talk.bot, bool(talk.waiting_since)) == ("", True)
    batches.do(act_of("close", alice.uuid, talk.uuid))
    assert write(channel, "a@example.com").bot == ""
    batches.do(act_of("close", alice.uuid, talk.uuid))
    Channel.objects.update(assistant=True)
    channel.refresh_from_db()
    assert write(channel, "a@example.com").bot == assistant.member.uuid
    assert write(channel, "b@example.com").bot == assistant.member.uuid
    assert write(channel_of(team), "42").bot == assistant.member.uuid


def test_a_bot_gets_no_more_than_it_may(team, bot):
    talk = write(channel_of(team))
    limit(talk, 3)
    bodies = [draft_of(bot, talk.uuid, text, bot=True, seen=9) for text in ("one", "two")]
    first, second = batches.run(bodies)
    assert (first["type"], second["code"]) == ("message.accepted", "window_closed")
    assert batches.run(bodies[:1]) == [first]


def test_notices_and_quick_answers_stay_here(team, alice):
    channel = channel_of(team)
    talk = write(channel)
    one = QuickQuestion.objects.create(team=team, question="Opening hours?", answer="9 to 17")
    draft = draft_of(alice, talk.uuid, "Opening hours?")
    draft.sender, draft.sender_name, draft.question = talk.visitor_id, "Person 42", one.pk
    draft.formatted = False
    batches.post(draft)
    batches.do(act_of("close", alice.uuid, talk.uuid))
    assert not ChannelDelivery.objects.exists()
