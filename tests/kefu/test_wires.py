"""Frames that are written past the servers' own ways."""

from types import SimpleNamespace
from unittest.mock import patch

import pytest
from twisted.internet.error import ConnectionLost
from twisted.internet.tcp import Server
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from kefu.wires import DaphneWire, frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 300_000])
def test_a_frame_is_what_the_standard_says(size):
    payload = b"x" * size
    reader = StreamReader()
    reader.feed_data(frame(payload))
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
