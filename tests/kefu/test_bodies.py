"""How large a body may be, and how long it may take to arrive."""

import pytest
from django.conf import settings
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web.http import HTTPFactory

from kefu import bodies

pytestmark = pytest.mark.once

GROUP = "4e856ead-d369-491e-be93-eee830c99050"


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/chat/acme/messages/", settings.MAX_FILE_BODY),
        (f"/agent/c/{GROUP}/messages/", settings.MAX_FILE_BODY),
        (f"/api/v1/conversations/{GROUP}/files/", settings.MAX_FILE_BODY),
        ("/agent/articles/pictures/", settings.MAX_FILE_BODY),
        ("/admin/articles/pictures/", settings.MAX_FILE_BODY),
        ("/admin/customers/import/", settings.MAX_IMPORT_BODY),
        ("/agent/articles/import/", settings.MAX_IMPORT_BODY),
        ("/admin/articles/import/", settings.MAX_IMPORT_BODY),
        (f"/api/v1/conversations/{GROUP}/messages/", settings.MAX_API_BODY),
        ("/api/v1/conversations/x/files/", settings.MAX_API_BODY),
        (f"/files/{'0' * 32}/", settings.MAX_BODY),
        *((path, settings.MAX_BODY) for path in ("/messages/", "/a/messages/", "/agent/login/")),
        ("/chat/a\x00b/messages/", settings.MAX_BODY),
    ],
)
def test_only_pages_that_take_files_take_large_bodies(path, most):
    assert bodies.exceeded_limit(path, str(most), False) is None
    assert bodies.exceeded_limit(path, str(most + 1), False) == most
    assert bodies.exceeded_limit(path, "", True) == most


async def call(pieces, clock, monkeypatch, started=False) -> tuple[list, list]:
    """What the application receives of a body whose pieces come so many seconds after one another,
    and the messages that are sent."""
    received, sent, left = [], [], list(pieces)
    monkeypatch.setattr(bodies, "clock", lambda: clock.seconds())

    async def receive():
        clock.advance(left.pop(0))
        return {"type": "http.request", "body": b"x", "more_body": bool(left)}

    async def inner(scope, receive, send):
        while not received or received[-1].get("more_body"):
            received.append(await receive())
        if received[-1]["type"] == "http.request":
            await send({"type": "http.response.start", "status": 200})

    async def send(message):
        sent.append(message)

    scope = {"path": "/agent/login/", "headers": [(b"content-length", b"9")]}
    await bodies.SkipLargeBodies(inner)(scope, receive, send)
    return received, sent


async def test_a_body_that_takes_too_long_ends_as_if_its_sender_had_gone(monkeypatch):
    third = bodies.BODY_SECONDS / 3
    received, sent = await call([third, third, third - 1], Clock(), monkeypatch)
    assert [message["type"] for message in received] == ["http.request"] * 3
    assert sent[0]["status"] == 200
    received, sent = await call([third] * 5, Clock(), monkeypatch)
    assert [message["type"] for message in received] == ["http.request"] * 2 + ["http.disconnect"]
    assert sent[0]["status"] == 408 and (b"connection", b"close") in sent[0]["headers"]


def connection(clock: Clock):
    """A connection to daphne, on which a body has begun."""
    factory = HTTPFactory(reactor=clock)
    factory.protocol = bodies.daphne_channel()
    channel = factory.buildProtocol(None)
    channel.callLater = clock.callLater
    transport = StringTransport()
    channel.makeConnection(transport)
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
    head = b"POST /agent/login/ HTTP/1.1\r\n" + kind + b"Content-Length: 200000\r\n\r\n"
    channel.dataReceived(head)
    return channel, transport


def test_daphne_cuts_a_connection_whose_body_takes_too_long():
    clock = Clock()
    channel, transport = connection(clock)
    body = channel.requests[-1].content
    for _ in range(int(bodies.BODY_SECONDS // 10)):
        assert not transport.disconnecting
        channel.dataReceived(b"x")
        clock.advance(10)
    assert transport.disconnecting
    channel.connectionLost(None)
    assert body.closed and not clock.getDelayedCalls()


def test_twisted_leaves_forms_to_django():
    """It would parse them in the event loop: 11 MiB of line breaks for 2.5 seconds."""
    channel, _transport = connection(Clock())
    request = channel.requests[-1]
    channel.dataReceived(b"a=1&" * 50_000)
    assert request.content.tell() == 0 and request.args == {}
