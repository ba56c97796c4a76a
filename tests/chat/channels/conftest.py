from types import SimpleNamespace

import pytest

from chat.channels import arrivals, deliveries, incoming, kinds, setup
from chat.models import Conversation
from chat.posting import batches
from chat.protocol import channels
from tests.chat.helpers import new_guest
from tests.fakes.telegram import TOKEN, Telegram

from .talks import channel_of, write


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


@pytest.fixture
def adapters(monkeypatch):
    """Of every kind, one that limits nothing; `limit` does so for one conversation."""
    one = {"grants": {}, "fetches": lambda channel: False}
    found = {kind: SimpleNamespace(**one) for kind in channels.KINDS}
    monkeypatch.setattr(kinds, "ADAPTERS", found)


@pytest.fixture
def talks(adapters, team, alice):
    """One on the page, one by mail, one by Telegram."""
    batches.post(new_guest(team).draft("hello"))
    write(channel_of(team, "mail"), "a@example.com")
    write(channel_of(team))
    return {one.channel or "page": one for one in Conversation.objects.all()}
