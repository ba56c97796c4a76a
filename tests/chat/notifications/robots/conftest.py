import socket

import pytest

from accounts import audit
from chat.conversations import causes
from chat.conversations.causes import TOLD
from chat.models import Robot
from chat.notifications.robots import setup
from tests.fakes.robots import Robots

BY = audit.Origin(source="test")


@pytest.fixture(autouse=True)
def no_names(monkeypatch):
    """No platform has an address."""
    ask = socket.getaddrinfo

    def known(host, *args, **kwargs):
        if str(host).endswith((".", ".example", ".com", ".cn")):
            raise OSError("no such name")
        return ask(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", known)


@pytest.fixture
def fake(settings):
    settings.PUSH_ALLOW, settings.PUBLIC_URL = ["127.0.0.0/8"], "https://kefu.example"
    with Robots() as one:
        yield one


@pytest.fixture
def robot_of(enterprise, fake):
    """Makes robots of a kind whose other side is `fake`."""

    def make(kind: str = "slack", secret: str = "", **columns) -> Robot:
        robot = Robot(ent_id=enterprise.code, kind=kind)
        columns = {"causes": list(TOLD), "name": f"{kind} group", **columns}
        setup.store(robot, BY, url=fake.url_of(kind), secret=secret, **columns)
        causes.look()
        return robot

    yield make
    causes.with_robots.clear()
