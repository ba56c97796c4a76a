import pytest

from chat.channels.mail import starting
from chat.models import (
    Conversation,
)
from chat.protocol.errors import Refused
from tests.chat.channels.conftest import deliver

from .mails import ANN, EVE, answer, comes, mail

pytestmark = pytest.mark.django_db


def test_an_agent_begins_a_thread(box, server, alice, outsider, bot):
    group = starting.start(alice, box, " Ann@ann.example", "Your order", "It is here.")
    deliver(box)
    answer(box, alice, group, "One more thing")
    first, second = server.mails
    assert first["To"] == ANN and first["Subject"] == "Your order" and not first["References"]
    assert second["References"] == first["Message-ID"]
    assert Conversation.objects.get().claimed_by == alice.uuid
    assert comes(box, mail(answers=second)) == group
    for who, to, subject in (
        (outsider, ANN, "x"),
        (bot, ANN, "x"),
        (alice, "shop@shop.example", "x"),
        (alice, f"{ANN}, {EVE}", "x"),
        (alice, ANN, "Re: "),
    ):
        with pytest.raises(Refused):
            starting.start(who, box, to, subject, "Hello")
    box.kind = "telegram"
    with pytest.raises(Refused):
        starting.start(alice, box, ANN, "x", "Hello")


def test_a_retry_of_a_first_mail_is_none(box, server, alice):
    given = ANN, "Your order", "It is here.", "00000000-0000-4000-8000-000000000001"
    assert starting.start(alice, box, *given) == starting.start(alice, box, *given)
    deliver(box)
    assert len(server.mails) == 1
