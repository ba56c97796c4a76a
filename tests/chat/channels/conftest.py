import pytest

from chat.channels import arrivals, deliveries, incoming, kinds, setup
from tests.fakes.telegram import TOKEN, Telegram


@pytest.fixture
def fake():
    with Telegram() as one:
        yield one


@pytest.fixture
def channel(enterprise, team, fake, settings):
    """A bot of Telegram whose other side is `fake`."""
    settings.CHANNEL_ALLOW = ["127.0.0.0/8"]
    given = {"token": TOKEN, "api": fake.url}
    return setup.add(enterprise, "telegram", given, team=team)


def receive(channel) -> None:
    """Fetches what has come, and takes it in."""
    channel.refresh_from_db()
    page = kinds.adapter_of(channel).fetch(channel)
    arrivals.keep(channel, page.arrived, page.cursor)
    take_in(channel)


def take_in(channel) -> None:
    for arrival in arrivals.waiting(channel, 100):
        incoming.take_in(channel, arrival)


def deliver(channel) -> None:
    """Sends what is due."""
    for delivery in deliveries.due(channel):
        deliveries.send(channel, delivery)
