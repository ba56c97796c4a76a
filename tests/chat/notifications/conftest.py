"""A push service on this machine, and members with a browser that it serves."""

from datetime import timedelta

import pytest
from django.test import Client

from chat import clock
from chat.conversations import causes
from chat.models import Notification, NotificationDelivery, Presence, PushDevice
from chat.notifications import deliveries
from chat.posting import batches
from tests.chat.helpers import draft_of
from tests.fakes.push import Browser, PushService


@pytest.fixture(autouse=True)
def nobody_known():
    causes.with_devices.clear()
    causes.with_robots.clear()


@pytest.fixture
def service(settings):
    settings.PUSH_ALLOW = ["127.0.0.0/8"]
    with PushService() as one:
        yield one


@pytest.fixture
def phone_of(service, browser_of):
    """A function: a phone on which a member allowed pushes. `phone.client` is signed in there."""

    def added(member, **wishes) -> Browser:
        phone = service.subscribe()
        phone.client = browser_of(member)
        answer = post(phone.client, {**phone.subscription, **wishes})
        assert answer.status_code == 200, answer.content
        return phone

    return added


def post(client: Client, body, method="post", path="/agent/push/"):
    send = getattr(client, method)
    return send(path, body, content_type="application/json", headers={"Accept": "application/json"})


@pytest.fixture
def look(monkeypatch):
    """A function: what a process does within some seconds, on this thread."""
    monkeypatch.setattr(deliveries.WORKERS, "submit", lambda _closing, work, *args: work(*args))

    def repeat() -> None:
        for _ in range(4):
            deliveries.look(lambda: None)

    return repeat


@pytest.fixture
def pass_time():
    """A function: all that is stored happened so many seconds earlier."""

    def earlier(seconds: float) -> None:
        times = {
            Notification: ("due_at", "created_at"),
            NotificationDelivery: ("due_at",),
            Presence: ("shown_at",),
            PushDevice: ("shown_at",),
        }
        for model, names in times.items():
            for row in model.objects.all():
                for name in names:
                    if at := getattr(row, name):
                        setattr(row, name, at - timedelta(seconds=seconds))
                model.objects.filter(pk=row.pk).update(**{n: getattr(row, n) for n in names})

    return earlier


@pytest.fixture
def now():
    return clock.now()


@pytest.fixture
def answered(group, alice):
    """Nobody waits in it, and nobody holds it."""
    batches.post(draft_of(alice, group, "hello"))
    return group
