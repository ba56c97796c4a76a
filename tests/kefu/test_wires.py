"""Frames that are written past the servers' own ways."""

import asyncio
import gc
import itertools
import weakref
from importlib.metadata import version
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.error import ConnectionLost
from twisted.internet.tcp import Server
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode, apply_mask
from websockets.streams import StreamReader

from kefu.wires import CHECKED_VERSIONS, DaphneWire, text_frame, uvicorn_protocol
from tests.examples import examples

pytestmark = pytest.mark.once


@pytest.mark.parametrize("package", CHECKED_VERSIONS)
def test_private_parts_are_those_of_a_version_that_was_checked(package):
    installed = version(package)
    assert installed in CHECKED_VERSIONS[package], f"{package} {installed}: see kefu/wires.py"


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 300_000])
def test_a_frame_is_what_the_standard_says(size):
    payload = b"x" * size
    reader = StreamReader()
    reader.feed_data(text_frame(payload))
    reader.feed_eof()
    parser = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as done:
        next(parser)
    assert done.value.value == Frame(Opcode.TEXT, payload)
    assert not reader.buffer


class Transport(Server):
    """A connection of which the kernel takes `takes` bytes at once."""

    def __init__(self, takes, waiting=b"", tls=False):
        self.takes, self.dataBuffer, self.TLS = takes, waiting, tls
        self._tempDataLen = 0
        self.kernel, self.later = b"", b""

    def writeSomeData(self, data):
        if isinstance(self.takes, int):
            self.kernel += data[: self.takes]
            return min(self.takes, len(data))
        return self.takes

    def write(self, data):
        self.later += data


@pytest.mark.parametrize(
    "takes, waiting, tls, at_once",
    [
        (100, b"", False, 7),
        (3, b"", False, 3),
        (0, b"", False, 0),
        (ConnectionLost(), b"", False, 0),
        (100, b"before", False, 0),
        (100, b"", True, 0),
    ],
)
def test_daphne_sends_at_once_what_may_go_and_the_rest_in_order(takes, waiting, tls, at_once):
    transport = Transport(takes, waiting, tls)
    protocol = SimpleNamespace(state=3, STATE_OPEN=3, transport=transport)
    with patch("twisted.internet.tcp.Server", Transport):
        DaphneWire(protocol).write(b"hello")
    assert transport.kernel + transport.later == b"\x81\x05hello"
    assert len(transport.kernel) == at_once


def test_nothing_is_written_to_a_socket_that_closes():
    transport = Transport(100)
    protocol = SimpleNamespace(state=2, STATE_OPEN=3, transport=transport)
    DaphneWire(protocol).write(b"hello")
    assert transport.kernel + transport.later == b""


MASK = b"\x01\x02\x03\x04"


def sent(payload: bytes, head: int = 0x81) -> bytes:
    """A frame as a client sends it."""
    whole = bytearray(text_frame(apply_mask(payload, MASK)))
    whole[0] = head
    length = {126: 2, 127: 8}.get(whole[1], 0)
    whole[1] |= 0x80
    return bytes(whole[: 2 + length]) + MASK + bytes(whole[2 + length :])


class Wire(asyncio.Transport):
    """The server's end of a connection, as uvicorn sees it."""

    def __init__(self):
        self.written, self.closing, self.reading = b"", False, True
        self.pauses = 0

    def get_extra_info(self, name, default=None):
        return ("127.0.0.1", 80) if name in ("sockname", "peername") else default

    def write(self, data):
        self.written += data

    def get_write_buffer_size(self):
        return 0

    def close(self):
        self.closing = True

    def is_closing(self):
        return self.closing

    def pause_reading(self):
        self.reading = False
        self.pauses += 1

    def resume_reading(self):
        self.reading = True


HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def opened(application) -> tuple[Wire, asyncio.Protocol]:
    """A connection on which a client has asked for a WebSocket, and uvicorn's protocol for it."""
    config = Config(application, ws=uvicorn_protocol(), ws_max_size=1000, lifespan="off")
    config.load()
    wire, protocol = Wire(), config.ws_protocol_class(config, ServerState(), {})
    protocol.connection_made(wire)
    protocol.data_received(HANDSHAKE)
    return wire, protocol


async def received(chunks: list[bytes]) -> tuple[list[str], bool, Wire]:
    """What the application gets of what a client sends in these pieces, whether the server
    closed, and the connection."""
    texts, over = [], asyncio.Event()

    async def application(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        over.set()
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            texts.append(message.get("text") or message.get("bytes"))

    wire, protocol = opened(application)
    await over.wait()
    for chunk in chunks:
        if wire.closing:
            break
        protocol.data_received(chunk)
    while protocol.queue.qsize():
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert wire.reading
    closed = wire.closing
    protocol.connection_lost(None)
    return texts, closed, wire


FRAMES = st.lists(
    st.one_of(
        st.text(max_size=140).map(lambda text: ([text], sent(text.encode()))),
        st.text(min_size=130, max_size=150).map(lambda text: ([text], sent(text.encode()))),
        st.binary(min_size=1, max_size=5).map(lambda data: ([data], sent(data, 0x82))),
        st.binary(max_size=5).map(lambda data: ([], sent(data, 0x89))),
        st.just((["ab"], sent(b"a", 0x01) + sent(b"?", 0x8A) + sent(b"b", 0x80))),
    ),
    max_size=40,
)


@given(frames=FRAMES, cuts=st.lists(st.integers(0, 6_000), max_size=20))
@settings(deadline=None, max_examples=examples(500))
def test_uvicorn_gets_every_frame_however_it_comes_in(frames, cuts):
    data = b"".join(frame for _texts, frame in frames)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    chunks = [data[start:end] for start, end in itertools.pairwise(edges)]
    texts, closed, _wire = asyncio.run(received([chunk for chunk in chunks if chunk]))
    assert texts == [text or None for texts, _frame in frames for text in texts]
    assert not closed


@pytest.mark.parametrize("size", range(980, 1_001))
def test_uvicorn_takes_what_is_no_larger_than_allowed(size):
    data = sent(b"x" * size) + sent(b"after")
    texts, closed, _wire = asyncio.run(received([data[:990], data[990:]]))
    assert [len(text) for text in texts] == [size, 5] and not closed


def test_uvicorn_reads_no_further_while_the_application_is_behind():
    texts, _closed, wire = asyncio.run(received([sent(b"x") * 15]))
    assert len(texts) == 15 and not wire.pauses
    texts, _closed, wire = asyncio.run(received([sent(b"x") * 40]))
    assert len(texts) == 40 and wire.pauses


@pytest.mark.parametrize(
    "code, data",
    [
        (1002, text_frame(b"not masked")),
        (1002, sent(b"x", 0xC1)),
        (1002, sent(b"x", 0x83)),
        (1002, sent(b"a", 0x01) + sent(b"b", 0x81)),
        (1002, sent(b"x" * 126, 0x89)),
        (1007, sent(b"\xff")),
        (1009, sent(b"x" * 1_001)),
        (1009, sent(b"x" * 1_014)),
        (1009, sent(b"x" * 70_000)[:12]),
        (1000, sent(b"\x03\xe8", 0x88)),
    ],
)
@pytest.mark.parametrize("size", [1, 10_000])
def test_uvicorn_refuses_what_it_refused(code, data, size):
    before = sent(b"before")
    data = before + data + sent(b"after" * 9)
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    texts, closed, wire = asyncio.run(received(chunks))
    assert texts == ["before"] and closed
    assert int.from_bytes(wire.written[wire.written.rindex(b"\x88") + 2 :][:2], "big") == code


async def test_the_memory_of_a_closed_socket_needs_no_garbage_collector():
    here = asyncio.Event()

    async def application(scope, receive, send):
        assert scope["wire"]
        await receive()
        await send({"type": "websocket.accept"})
        here.set()
        while (await receive())["type"] != "websocket.disconnect":
            pass

    _wire, protocol = opened(application)
    kept = weakref.ref(protocol), weakref.ref(protocol.conn)
    await here.wait()
    protocol.data_received(sent(b"hello"))
    protocol.connection_lost(None)
    gc.disable()
    try:
        del protocol
        for _ in range(100):
            await asyncio.sleep(0)
        assert [each() for each in kept] == [None, None]
    finally:
        gc.enable()
