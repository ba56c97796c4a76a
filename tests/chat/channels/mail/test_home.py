"""Answers to the mails that Kefu sends visitors of the page."""

import pytest

from chat.models import ChannelContact, Conversation, GroupMessage, Visitor
from tests.chat.mail.answered import BASE, answer, look

from .mails import ANN, EVE, comes, mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def gone(guest, group, settings):
    settings.PUBLIC_URL = BASE
    given_by(guest, contact=ANN, contact_by="visitor")
    return guest


def given_by(guest, **columns):
    Visitor.objects.filter(uuid=guest.uuid).update(language="en", **columns)


def test_an_answer_comes_into_the_conversation_from_the_visitors_own_address(
    box, gone, alice, group
):
    answer(alice, group)
    (message,) = look()
    ours = message.message()
    assert "You can also answer this e-mail." in message.body
    assert comes(box, mail(text="Thank you", answers=ours)) == group
    assert comes(box, mail(to=[ours["Reply-To"]])) == group
    row = GroupMessage.objects.get(message_content="Thank you")
    assert row.sender == gone.uuid and not Conversation.objects.get(uuid=group).channel
    assert comes(box, mail(EVE, answers=ours)) != group
    given_by(gone, contact=EVE, contact_by="visitor")
    assert comes(box, mail(answers=ours)) != group, "it is another one's address now"
    answer(alice, group, "Once more")
    assert len(look()) == 1 and ChannelContact.objects.filter(conversation=group).count() == 1


@pytest.mark.parametrize(
    "columns",
    [
        {"contact_by": "program"},
        {"contact_by": ""},
        {"identity": {"id": "7", "name": "", "email": EVE, "by": "program"}},
    ],
)
def test_a_mail_to_an_address_that_is_not_their_own_proves_and_opens_nothing(
    box, gone, alice, group, columns
):
    given_by(gone, **columns)
    answer(alice, group)
    (message,) = look()
    assert "/back/" not in message.body and "Reply-To" not in message.message()
    assert "@shop.example" not in message.message()["Message-ID"]


def test_without_a_mailbox_no_answer_comes_home(box, gone, alice, group):
    box.active = False
    box.save()
    answer(alice, group)
    (message,) = look()
    assert "/back/" in message.body and "Reply-To" not in message.message()


def test_mail_conversations_get_no_such_mail(box, team, alice, settings):
    settings.PUBLIC_URL = BASE
    answer(alice, comes(box, mail()))
    assert look() == []


def test_no_bot_answers_a_program_of_the_visitors(box, gone, alice, group):
    answer(alice, group)
    (message,) = look()
    Conversation.objects.filter(uuid=group).update(bot=alice.uuid)
    away = {"Auto-Submitted": "auto-replied"}
    assert comes(box, mail(answers=message.message(), headers=away)) == group
    conversation = Conversation.objects.get(uuid=group)
    assert conversation.bot == "" and conversation.waiting_since
