"""Millions of wrong frames: each is accepted, or answered by one `error`, and nothing else breaks.

The short form draws some thousand; KEFU_ABUSE=big draws a million by hypothesis, and twenty million
by chance, with the seed KEFU_ABUSE_SEED.
"""

import json
import os
from collections import Counter
from itertools import islice
from random import Random, randrange
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.sync.client import connect as connect_now

from chat.protocol.errors import HTTP_STATUS
from chat.sockets.agent import AgentConsumer
from chat.sockets.visitor import VisitorConsumer
from tests.chat.helpers import check_ledger, new_guest, new_id

from .fuzz import FRAMES, thorough
from .mutations import frames as mutations
from .servers import BIG

EXAMPLES = 50_000 if BIG else 150
MUTATIONS = 20_000_000 if BIG else 20_000
KINDS = {"accepted", "bad_frame", "unknown_type", "bad_field"}
"""What must be among the outcomes."""
A_TIME = 20
"""Frames of one example: hypothesis costs more than what it tests."""


class Taking(dict):
    """In the place of FRAMES: takes every form and does nothing."""

    def __contains__(self, form):
        return True

    def __missing__(self, form):
        async def take(consumer, form):
            consumer.taken.append(form)

        return take


def socket_of(kind):
    """A consumer that is connected to nobody: what it would push is in `pushed`."""
    consumer = kind()
    consumer.pushed, consumer.taken, consumer.ended = [], [], []
    consumer.outbox = consumer
    consumer.push = lambda event: consumer.pushed.append(json.loads(json.dumps(event)))
    consumer.end = consumer.ended.append
    consumer.closing = False
    consumer.bad_frames = 0
    consumer.keys = {}
    # Of a visitor who did not come by the link of a mail.
    consumer.context = SimpleNamespace(guest=SimpleNamespace(only=""))
    consumer.FRAMES = Taking()
    return consumer


@pytest.mark.parametrize("kind", [VisitorConsumer, AgentConsumer])
def test_every_frame_is_accepted_or_answered_by_one_error(kind, settings):
    settings.RATE_LIMITS = False
    tally = Counter()

    @thorough(EXAMPLES // 2)
    @given(st.lists(FRAMES, min_size=A_TIME, max_size=A_TIME))
    def fuzz(frames):
        for text in frames:
            tally[outcome(socket_of(kind), text)] += 1

    fuzz()
    print(f"\n{tally.total():,} frames of {kind.__name__}: {dict(tally)}")
    assert tally.keys() >= KINDS


@pytest.mark.parametrize("kind", [VisitorConsumer, AgentConsumer])
def test_every_mutation_is_accepted_or_answered_by_one_error(kind, settings):
    settings.RATE_LIMITS = False
    seed = int(os.environ.get("KEFU_ABUSE_SEED") or randrange(10**6))
    drawn, tally, consumer = (
        mutations(Random(f"{seed} {kind.__name__}")),
        Counter(),
        socket_of(kind),
    )
    for text in islice(drawn, MUTATIONS // 2):
        try:
            tally[outcome(consumer, text)] += 1
        except BaseException as error:
            raise AssertionError(f"seed {seed}: {text!r}") from error
    print(f"\n{tally.total():,} frames of {kind.__name__}, seed {seed}: {dict(tally)}")
    assert tally.keys() >= KINDS


def outcome(consumer, text: str | None) -> str:
    """Gives a frame to a consumer; "accepted", or the code of the one error."""
    consumer.pushed.clear()
    consumer.taken.clear()
    try:
        consumer.receive(text).send(None)
        raise AssertionError("it waits for something")
    except StopIteration:
        pass
    if consumer.taken:
        assert len(consumer.taken) == 1 and not consumer.pushed
        return "accepted"
    (event,) = consumer.pushed
    assert event["type"] == "error" and event["code"] in HTTP_STATUS and event["detail"]
    return event["code"]


@pytest.mark.django_db(transaction=True)
def test_a_real_server_answers_wrong_frames_and_goes_on(server, guest, team, alice, group):
    """Two sockets, one of them sound; the other one sends what it likes and stays."""

    def visit(who):
        headers = {"Cookie": who.cookie, "Origin": server.address}
        address = f"ws://127.0.0.1:{server.port}/ws/visitor/acme/"
        return connect_now(address, additional_headers=headers, max_size=2**21)

    def until(wire, **fields):
        while True:
            for event in json.loads(wire.recv(20)):
                if fields.items() <= event.items():
                    return event

    def say(wire, content):
        client_id = new_id()
        frame = {"type": "message.send", "client_id": client_id, "content": content}
        wire.send(json.dumps(frame))
        return until(wire, client_id=client_id)

    sent = 0
    with visit(new_guest(team)) as noisy, visit(guest) as sound:

        @thorough(1_000 if BIG else 15)
        @given(st.lists(FRAMES, min_size=15, max_size=15))
        def fuzz(frames):
            nonlocal sent
            for frame in frames:
                noisy.send(b"\x00\xff" if frame is None else frame)
                sent += 1
            noisy.send('{"type":"ping"}')
            until(noisy, type="pong")

        fuzz()
        assert say(sound, "I was not disturbed")["type"] == "message.accepted"
        assert say(noisy, "and I can still talk")["type"] == "message.accepted"
    print(f"\n{sent:,} frames through {server.kind}")
    assert server.tracebacks() == 0
    assert check_ledger() >= 5
