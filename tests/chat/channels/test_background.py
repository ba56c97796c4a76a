"""What the process that serves a channel does where something fails."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from accounts.models import Enterprise
from chat.background import channels as serving
from chat.channels import arrivals, deliveries, health, incoming
from chat.channels.contract import Arrived, Failed
from chat.models import Channel, ChannelArrival, ChatGroup, GroupMessage
from chat.posting import batches
from chat.protocol.errors import Refused
from tests.chat.helpers import draft_of

from .talks import write

pytestmark = pytest.mark.django_db


def test_what_can_never_be_stored_is_left_at_last(channel, monkeypatch):
    take_in = incoming.take_in

    def failing(channel, arrival):
        if arrival.key == "1":
            raise Refused("bad_field", "This cannot be stored.")
        take_in(channel, arrival)

    monkeypatch.setattr(incoming, "take_in", failing)
    came = [("1", "42"), ("2", "42"), ("3", "43")]
    arrivals.keep(channel, [Arrived(key, who, content=f"No. {key}") for key, who in came])
    said = GroupMessage.objects.filter(message_type=1).values_list("message_content", flat=True)
    for tries in range(9):
        serving.take_in_all(channel)
        assert tries or [*said.all()] == ["No. 3"]
        ChannelArrival.objects.update(due_at=channel.created_at)
    assert [*said.all()] == ["No. 3", "No. 2"]


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


@pytest.mark.parametrize("change", [{"lease": "another process"}, {"active": False}, None])
def test_who_serves_a_channel_no_more_sends_nothing(channel, fake, waiting, change):
    one = waiting()
    if change:
        Channel.objects.update(**change)
    else:
        Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    deliveries.send(channel, one)
    assert fake.sent == []


def test_a_try_that_breaks_is_counted_and_not_repeated_at_once(channel, waiting, monkeypatch):
    monkeypatch.setattr(deliveries, "pieces_of", {}.__getitem__)
    deliveries.send(channel, waiting())
    assert deliveries.due(channel) == []
    assert (waiting().tries, waiting().reason, waiting().words) == (1, "nonsense", "TypeError")


def test_of_a_bot_that_is_called_nothing_is_fetched_and_an_answer_shows_that_it_works(
    channel, fake, waiting
):
    channel.settings["mode"] = "webhook"
    channel.save()
    health.fails(channel, Failed("401", breaks=True), timezone.now())
    runner = serving.Runner()
    Channel.objects.update(lease=serving.LEASE)
    runner.serve("", health.looked_at(channel.created_at).get(), 0)
    assert runner.fetchers == {}
    # One that was fetching when it was changed ends.
    assert serving.Fetcher.step(SimpleNamespace(channel_id=channel.pk)) is None
    channel.refresh_from_db()
    assert channel.failure == "401"
    deliveries.send(channel, waiting())
    channel.refresh_from_db()
    assert channel.failure == "" and len(fake.sent) == 1


def test_what_was_taken_in_long_ago_goes_at_one_look(channel, monkeypatch):
    monkeypatch.setattr(arrivals, "DELETED", 1)
    arrivals.keep(channel, [Arrived(key, "42") for key in "123"])
    arrivals.delete_old(timezone.now() + arrivals.KEPT)
    assert channel.arrivals.count() == 3
    ChannelArrival.objects.exclude(key="3").update(done_at=timezone.now())
    arrivals.delete_old(timezone.now() + arrivals.KEPT)
    assert channel.arrivals.get().key == "3"


def test_who_is_erased_meanwhile_has_said_it_as_somebody_new(channel, monkeypatch):
    talk = write(channel)
    ChatGroup.objects.filter(uuid=talk.uuid, member_id=talk.visitor_id).delete()
    with pytest.raises(Refused):
        write(channel, content="Are you there?")
    assert channel.arrivals.filter(done_at=None).exists()
