"""A receiver on this machine, and an enterprise that has its events sent there."""

import time
from datetime import timedelta

import pytest

from chat.models import WebhookDelivery
from chat.stream import sequencer
from chat.stream.types import TYPES
from chat.webhooks import hooks
from chat.webhooks.dispatcher import Dispatcher

from .receivers import Receiver


@pytest.fixture(autouse=True)
def here(settings):
    settings.WEBHOOK_ALLOW = ["127.0.0.0/8"]


@pytest.fixture
def receiver():
    with Receiver() as one:
        yield one


@pytest.fixture
def hook(enterprise, receiver):
    return hooks.create(enterprise, receiver.url, TYPES)


@pytest.fixture
def send():
    """Takes in what was committed and sends what is due, until nothing is under way."""
    dispatcher = Dispatcher()

    def send_all() -> None:
        sequencer.look()
        end = time.monotonic() + 60
        while True:
            dispatcher.step()
            if not dispatcher.under_way:
                return
            assert time.monotonic() < end, "it was not sent"
            time.sleep(0.01)

    return send_all


@pytest.fixture
def pass_time():
    """Makes due what is due within so many seconds."""

    def later(seconds: float) -> None:
        for each in WebhookDelivery.objects.filter(state=WebhookDelivery.State.DUE):
            each.due_at -= timedelta(seconds=seconds)
            if each.leased_until:
                each.leased_until -= timedelta(seconds=seconds)
            each.save()

    return later
