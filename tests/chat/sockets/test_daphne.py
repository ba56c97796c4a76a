"""What only a real server shows: headers, a missing database, a kill under load, pings."""

import asyncio
import random
import socket
from contextlib import suppress
from urllib.request import Request, urlopen

import pytest
import websockets

from chat.models import GroupMessage
from tests.chat.daphne import Daphne
from tests.chat.helpers import (
    check_ledger,
    database,
    new_guest,
    new_id,
    within,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
WITHIN = 30


@pytest.fixture(params=["daphne", "uvicorn"])
def server(transactional_db, tmp_path, request):
    pytest.importorskip(request.param)
    server = Daphne(tmp_path / "server.log", kind=request.param).start()
    yield server
    server.kill()


def test_a_client_moves_no_address(server, guest):
    """daphne takes the path below which it is from a header of anybody."""
    moved = {"Daphne-Root-Path": "https://evil.example"}
    with urlopen(Request(f"{server.address}/agent/login/", headers=moved)) as page:
        assert b"evil" not in page.read()
    with urlopen(Request(f"{server.address}/agent/login/", headers={"Daphne-Root-Path": "\xff"})):
        assert "Traceback" not in server.log.read_text()
    origin = ("Origin", server.address), ("Daphne-Root-Path", "/below")
    assert server.handshake("/ws/visitor/acme/", ("Cookie", guest.cookie), *origin) == 101


def test_headers_have_an_end(server):
    request = b"GET /agent/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "
    with (
        suppress(ConnectionError),  # daphne answers nothing.
        socket.create_connection(("127.0.0.1", server.port), WITHIN) as line,
    ):
        line.sendall(request + b"x" * 40_000 + b"\r\n\r\n")
        assert b" 200 " not in line.recv(100)
    chunked = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "
    for begun in (request, chunked):
        with socket.create_connection(("127.0.0.1", server.port), WITHIN) as line:
            line.sendall(begun)
            with pytest.raises(ConnectionError):
                for _ in range(800):  # More than daphne discards after a refusal.
                    line.sendall(b"x" * 100_000)


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
@within(WITHIN)
async def test_without_a_database_sockets_are_closed_with_4503(guest, tmp_path, kind):
    url = f"sqlite:///{tmp_path}/empty.sqlite3"
    server = Daphne(tmp_path / "server.log", kind=kind, DATABASE_URL=url).start()
    try:
        paths = {"/ws/agent/": "sessionid=" + "a" * 32, "/ws/visitor/acme/": guest.cookie}
        for path, cookie in paths.items():
            wire = await server.connect(path, cookie)
            await wire.wire.wait_closed()
            assert wire.wire.close_code == 4503, path
        assert "Traceback" not in server.log.read_text()
    finally:
        server.kill()


@within(60)
async def test_kill_9_under_load_loses_and_repeats_nothing_that_was_acknowledged(
    server, team, alice, bob
):
    """Clients go on with the same client_id after each kill, as pages do."""
    guests = [new_guest(team) for _ in range(6)]
    acked: dict[str, dict] = {}
    sent: dict[str, str] = {}
    done = asyncio.Event()

    async def write(guest, number):
        text, client_id = None, None
        while not done.is_set():
            try:
                wire = await server.visit(guest)
                await wire.until("hello")
                while not done.is_set():
                    if client_id is None or client_id in acked:
                        client_id, text = new_id(), f"{number}: {len(sent)}"
                        sent[client_id] = text
                    answer = await wire.say(text, client_id=client_id)
                    if answer["type"] == "message.accepted":
                        acked[answer["client_id"]] = answer
                await wire.close()
            except (OSError, websockets.WebSocketException, EOFError, asyncio.TimeoutError):
                await asyncio.sleep(0.05)

    writers = [asyncio.create_task(write(guest, n)) for n, guest in enumerate(guests)]
    for _cycle in range(3):
        target = len(acked) + random.randint(60, 200)
        while len(acked) < target:
            await asyncio.sleep(0.01)
        server.kill()
        await asyncio.to_thread(server.start)
    target = len(acked) + 60
    while len(acked) < target:
        await asyncio.sleep(0.01)
    done.set()
    await asyncio.gather(*writers)

    def check():
        rows = {row.client_id: row for row in GroupMessage.objects.exclude(sender="")}
        for client_id, answer in acked.items():
            row = rows[client_id]
            assert (row.seq, row.id, row.group_id) == (answer["seq"], answer["id"], answer["group"])
            assert row.message_content == sent[client_id]
        assert len(rows) == GroupMessage.objects.exclude(sender="").count()
        assert set(rows) <= set(sent)
        return check_ledger()

    assert await database(check)() >= len(acked) + len(guests)


@within(60)
async def test_a_socket_that_sends_pings_and_does_not_read_is_cut(server, guest):
    """The answers would wait in the server's memory."""
    transport = (await server.visit(guest)).wire.transport
    transport.pause_reading()
    sent = 0
    while not transport.is_closing():
        assert sent < 200_000
        transport.write((b"\x89\xfd" + bytes(4) + b"x" * 125) * 1_000)
        sent += 1_000
        while transport.get_write_buffer_size():
            await asyncio.sleep(0.01)
    assert sent > 1_000
