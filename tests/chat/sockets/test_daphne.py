"""The whole way through a real server: handshakes, a conversation, and a sudden end."""

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
    rows_of,
    session_cookie,
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


ORIGINS = {
    "missing": [],
    "null": ["null"],
    "foreign": ["http://evil.example"],
    "an open bracket": ["http://["],
    "a port too high": ["http://127.0.0.1:99999"],
    "a port of letters": ["http://127.0.0.1:x"],
    "empty": [""],
    "no address": ["file://"],
    "the right one and a foreign one": ["right", "http://evil.example"],
    "the right one twice": ["right", "right"],
}


@pytest.mark.parametrize("origins", ORIGINS.values(), ids=ORIGINS)
def test_a_wrong_origin_is_refused(server, guest, origins):
    right = ("Origin", server.address)
    sent = [right if origin == "right" else ("Origin", origin) for origin in origins]
    for path in ("/ws/visitor/acme/", "/ws/agent/", "/ws/nowhere/"):
        assert server.handshake(path, ("Cookie", guest.cookie), *sent) == 403
    assert server.handshake("/ws/visitor/acme/", ("Cookie", guest.cookie), right) == 101
    assert "Traceback" not in server.log.read_text()


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


@within(WITHIN)
async def test_a_visitor_and_two_agents_talk(server, guest, alice, bob):
    cookies = [await database(session_cookie)(member) for member in (alice, bob)]
    agents = [await server.connect("/ws/agent/", cookie) for cookie in cookies]
    visitor = await server.visit(guest)
    for wire in (*agents, visitor):
        assert (await wire.next())["type"] == "hello"
    question = await visitor.say("你好，我想退款 😀👨‍👩‍👧")
    group = question["group"]
    for agent in agents:
        assert (await agent.until("conversation"))["group"] == group
        await agent.until("message.posted")
        message = (await agent.until("message.posted"))["message"]
        assert message["content"] == "你好，我想退款 😀👨‍👩‍👧"
        assert (await agent.until("unread"))["unread"] == 1
    await agents[0].say("请告诉我订单号 🙏", group=group, seen=2)
    for wire in (agents[1], visitor):
        while True:
            message = (await wire.until("message.posted"))["message"]
            if message["seq"] == 3:
                break
        assert message["content"] == "请告诉我订单号 🙏" and message["sender_name"] == "小艾"
    await agents[1].send("message.read", group=group, seq=3)
    assert await visitor.until("read") == {"type": "read", "group": group, "seq": 3}
    for wire in (*agents, visitor):
        await wire.close()
    assert await database(check_ledger)() == 3


@within(WITHIN)
async def test_a_close_code_is_seen_by_a_browser(server, guest, alice):
    for path, cookie, code in (
        ("/ws/agent/", "", 4401),
        ("/ws/visitor/acme/", "", 4401),
        ("/ws/visitor/nobody/", guest.cookie, 4404),
    ):
        wire = await server.connect(path, cookie)
        with pytest.raises(websockets.ConnectionClosed):
            await wire.next()
        assert wire.wire.close_code == code


@within(WITHIN)
async def test_garbage_harms_only_the_socket_that_sends_it(server, guest, team):
    sound, noisy = await server.visit(guest), await server.visit(new_guest(team))
    for frame in ("[", "1", b"\xff\xfe", '{"type":1,"data":1}', "[" * 50_000, "x" * 100_000):
        await noisy.wire.send(frame)
        assert (await noisy.until("error"))["code"] in ("bad_frame", "unknown_type")
    try:
        await noisy.wire.send("x" * 1_200_000)
        await noisy.wire.recv()
    except websockets.ConnectionClosed:
        pass
    assert (await sound.say("still here"))["seq"] == 2
    assert "Traceback" not in server.log.read_text()


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


@within(WITHIN)
async def test_a_conversation_survives_the_restart_of_its_server(server, guest, alice):
    wire = await server.visit(guest)
    group = (await wire.say("before"))["group"]
    epoch = None
    server.kill()
    with pytest.raises(websockets.ConnectionClosed):
        while True:
            event = await wire.next()
            epoch = event.get("epoch", epoch)
    await asyncio.to_thread(server.start)
    again = await server.visit(guest)
    hello = await again.until("hello")
    assert hello["epoch"] != epoch and hello["groups"][0]["last_seq"] == 2
    await again.send("sync", groups={group: 1})
    assert (await again.until("message.posted"))["message"]["content"] == "before"
    assert (await again.say("after"))["seq"] == 3
    assert len(await database(rows_of)(group)) == 3


@within(60)
async def test_a_socket_that_does_not_read_is_cut(server, guest, alice):
    """Whether the server's buffer has an end or not; the client sees 4408 or a broken line."""
    cookie = await database(session_cookie)(alice)
    slow = await server.connect("/ws/agent/", cookie)
    await slow.until("hello")
    visitor = await server.visit(guest)
    for _ in range(900):
        answer = await visitor.say("长" * 9_900)
        assert answer["type"] == "message.accepted"
        if answer["seq"] % 20 == 0:
            await visitor.send("ping", got=answer["seq"] * 3)
    got = []
    with pytest.raises(websockets.ConnectionClosed):
        while True:
            got.append((await slow.until("message.posted"))["message"]["seq"])
    assert slow.wire.close_code in (4408, 1006)
    # What the kernel's buffers held when the line was cut: some 600 KB, less on a busy machine.
    assert 0 < len(got) < 900 and got == [*range(1, len(got) + 1)]
    assert (await visitor.say("still here"))["type"] == "message.accepted"


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
