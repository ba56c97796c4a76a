"""What the process that serves a channel does where something fails."""

import pytest

from chat.channels import deliveries, kinds
from chat.models import Channel, ChatGroup
from chat.posting import batches
from chat.protocol.errors import Refused
from tests.chat.helpers import draft_of

from .talks import write

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(channel, alice):
    """A function that returns the one message on its way, as it is stored now."""
    batches.post(draft_of(alice, write(channel).uuid, "On its way."))
    return channel.deliveries.get


def test_a_message_is_sent_once_however_old_what_is_known_of_it(channel, fake, waiting):
    one, same = waiting(), waiting()
    deliveries.send(channel, one)
    deliveries.send(channel, same)
    assert fake.sent == [("42", "On its way.")]


@pytest.mark.parametrize("change", [{"lease": "another process"}, {"active": False}])
def test_who_serves_a_channel_no_more_sends_nothing(channel, fake, waiting, change):
    Channel.objects.update(**change)
    deliveries.send(channel, waiting())
    assert fake.sent == []


def test_a_try_that_breaks_is_not_repeated_at_once(channel, fake, waiting, monkeypatch):
    monkeypatch.setattr(deliveries, "pieces_of", {}.__getitem__)
    with pytest.raises(TypeError):
        deliveries.send(channel, waiting())
    assert deliveries.due(channel) == []


def test_a_bot_that_is_called_is_not_asked_all_the_time(channel):
    channel.settings["mode"] = "webhook"
    assert kinds.adapter_of(channel).fetch(channel).pause >= 10


def test_who_is_erased_meanwhile_has_said_it_as_somebody_new(channel, monkeypatch):
    talk = write(channel)
    ChatGroup.objects.filter(uuid=talk.uuid, member_id=talk.visitor_id).delete()
    with pytest.raises(Refused):
        write(channel, content="Are you there?")
    assert channel.arrivals.filter(done_at=None).exists()
