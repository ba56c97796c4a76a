"""Many sockets, slow ones, deaf ones and noisy ones: the others go on.

Run by hand with KEFU_ABUSE=big for the numbers of docs/security.md; the short form is the same
with fewer of each. Both servers stand alone here, without the nginx that belongs before them.
"""

import asyncio
import json
import time

import pytest

from chat.delivery import outbox
from tests.chat.helpers import database, new_guest, session_cookie, within

from .servers import BIG, fetch, many, table

pytestmark = pytest.mark.django_db(transaction=True)

VISITOR = "/ws/visitor/acme/"
MIB = 1024 * 1024
MANY = 2**31 - 1
"""As `got`: all frames there are."""


async def waits(writer, count: int, content="x", pause=0.0) -> list[float]:
    """Seconds from sending to acceptance, sorted, of messages one after the other."""
    found = []
    for _ in range(count):
        begin = time.monotonic()
        answer = await writer.say(content)
        assert answer["type"] == "message.accepted", answer
        found.append(time.monotonic() - begin)
        if len(found) % 10 == 1:
            await writer.send("ping", got=MANY)
        await asyncio.sleep(pause)
    return sorted(found)


def p99(found: list[float]) -> float:
    """Of few, the longest but one: the machine may stall once."""
    return found[min(len(found) - 2, len(found) * 99 // 100)]


@within(many(400, 60))
async def test_idle_sockets_cost_little_and_a_lone_message_is_still_accepted(server, guest, team):
    count = many(10_000, 300)
    first = await server.visit(guest)
    await first.say("before")
    before, opened = server.memory(), []
    started = time.monotonic()

    async def open_some(share: int):
        for _ in range(share):
            cookie = new_guest(team).cookie
            opened.append(await server.socket(VISITOR, cookie))

    async def keep():
        while True:
            await asyncio.sleep(20)
            for socket in opened:
                socket.send(b'{"type":"ping"}')
            await first.send("ping")

    keeper = asyncio.create_task(keep())
    await asyncio.gather(*(open_some(count // 50) for _ in range(50)))
    took = time.monotonic() - started
    while not all(socket.frames for socket in opened):
        await asyncio.sleep(0.1)
    each = (server.memory() - before) / count
    lone = await waits(first, 20, pause=0.05)
    keeper.cancel()
    assert not any(socket.over for socket in opened)
    for socket in opened:
        socket.close()
    table(
        server,
        sockets=count,
        KiB_each=round(each / 1024, 1),
        opened_in=f"{took:.0f} s",
        lone_ack_ms=f"p50 {lone[10] * 1000:.1f}, worst {lone[-1] * 1000:.1f}",
    )
    assert each < (40 if BIG else 200) * 1024
    assert lone[10] < 0.5
    assert server.tracebacks() == 0


@within(many(300, 90))
async def test_readers_that_never_read_are_cut_and_harm_nobody(server, guest, alice, bob, group):
    """Each message goes to all of them; what they do not read must not pile up for ever."""
    count, content = many(200, 8), "你" * 9_000
    agent = await server.connect("/ws/agent/", await database(session_cookie)(bob))
    writer = await server.visit(guest)
    reading = asyncio.create_task(read_on(agent))
    before = await waits(writer, many(100, 40), content)
    cookie = await database(session_cookie)(alice)
    deaf = [await server.socket("/ws/agent/", cookie) for _ in range(count)]
    while not all(socket.frames for socket in deaf):
        await asyncio.sleep(0.05)
    for socket in deaf:
        socket.transport.pause_reading()

    memory, peak = server.memory(), 0
    during = []
    # 8 MiB unread close a socket: 310 of these, and what the kernel's own buffers take besides.
    for _ in range(360):
        during += await waits(writer, 1, content)
        peak = max(peak, server.memory())

    await asyncio.sleep(6)  # outbox.PATIENCE
    after = server.memory()
    for socket in deaf:
        socket.transport.resume_reading()

    deadline = time.monotonic() + 20
    while not all(socket.over for socket in deaf) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    cut = sum(socket.over for socket in deaf)
    still = await waits(writer, 20)
    table(
        server,
        deaf=count,
        cut=cut,
        p99_ms=f"{p99(before) * 1000:.0f} before, {p99(sorted(during)) * 1000:.0f} during",
        p50_ms=f"{before[len(before) // 2] * 1000:.1f} before, {sorted(during)[180] * 1000:.1f}",
        memory_MiB=f"{memory // MIB} before, {peak // MIB} at most, {after // MIB} after",
    )
    reading.cancel()
    assert cut == count
    assert peak - memory < outbox.CROWD + count * outbox.CROWDED + 64 * MIB
    assert p99(sorted(during)) < max(10 * p99(before), 1)
    assert p99(still) < 1
    assert server.tracebacks() == 0


@within(many(200, 60))
async def test_readers_that_ask_for_everything_and_never_read_fill_no_memory(server, guest, alice):
    """Each sync would be answered by a MiB."""
    count = many(400, 10)
    writer = await server.visit(guest)
    group = (await writer.say("first"))["group"]
    await waits(writer, 45, "你" * 9_000)
    memory = peak = server.memory()
    deaf = [await server.socket(VISITOR, guest.cookie) for _ in range(count)]
    while not all(socket.frames for socket in deaf):
        await asyncio.sleep(0.05)
    ask = json.dumps({"type": "sync", "groups": {group: 0}}).encode()
    for socket in deaf:
        socket.transport.pause_reading()
        for _ in range(30):
            socket.send(ask)

    found = []
    for _ in range(many(300, 60)):
        found += await waits(writer, 1, pause=0.05)
        peak = max(peak, server.memory())

    found.sort()
    for socket in deaf:
        socket.transport.resume_reading()
    table(
        server,
        deaf=count,
        ack_ms=f"p50 {found[len(found) // 2] * 1000:.1f}, p99 {p99(found) * 1000:.0f}",
        memory_MiB=f"{memory // MIB} before, {peak // MIB} at most",
    )
    for socket in deaf:
        socket.close()
    assert peak - memory < outbox.CROWD + count * 4 * MIB + 64 * MIB
    assert server.tracebacks() == 0


@within(many(200, 60))
async def test_readers_that_never_read_and_say_they_did_fill_no_memory(server, guest, alice):
    """Each tells, again and again, that all of what it was sent is there."""
    count, rounds = many(50, 4), 40
    writer = await server.visit(guest)
    group = (await writer.say("first"))["group"]
    await waits(writer, 45, "你" * 9_000)
    deaf = [await server.socket(VISITOR, guest.cookie) for _ in range(count)]
    while not all(socket.frames for socket in deaf):
        await asyncio.sleep(0.05)
    memory = peak = server.memory()
    ask = json.dumps({"type": "sync", "groups": {group: 0}}).encode()
    lie = json.dumps({"type": "ping", "got": MANY}).encode()
    for socket in deaf:
        socket.transport.pause_reading()

    for _ in range(rounds):
        for socket in deaf:
            if not socket.transport.is_closing():
                socket.send(ask)
                socket.send(lie)
        await waits(writer, 1, pause=0.05)
        peak = max(peak, server.memory())

    for socket in deaf:
        socket.close()
    table(
        server,
        deaf=count,
        asked_MiB=f"{count * rounds}",
        memory_MiB=f"{memory // MIB} before, {peak // MIB} at most",
    )
    assert peak - memory < count * (outbox.WINDOW + outbox.MAX_WAITING) + 32 * MIB
    assert server.tracebacks() == 0


async def read_on(reader) -> None:
    """Reads all that comes, and tells it."""
    while True:
        for _ in range(10):
            await reader.wire.recv()
        await reader.send("ping", got=MANY)


REQUESTS = {
    "headers": b"GET /chat/acme/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: " + b"b" * 5_000,
    "body": b"POST /chat/acme/messages/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + b"content=" + b"x" * 5_000,
    "a socket's handshake": b"GET /ws/visitor/acme/ HTTP/1.1\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" + b"X-A: " + b"b" * 5_000,
}


@within(many(200, 60))
async def test_hundreds_who_send_a_byte_at_a_time_keep_nobody_waiting(server, guest, group):
    seconds, each = many(60, 8), many(200, 30)
    writer = await server.visit(guest)
    memory = server.memory()
    crawlers = [
        asyncio.create_task(crawl(server, request, seconds))
        for request in REQUESTS.values()
        for _ in range(each)
    ]
    await asyncio.sleep(1)
    found = await waits(writer, many(580, 10), pause=0.05)
    assert not all(crawler.done() for crawler in crawlers), "accepted meanwhile"
    pages = [await fetch(server) for _ in range(5)]
    held = sum(await asyncio.gather(*crawlers))
    table(
        server,
        crawlers=len(crawlers),
        still_held_after=f"{seconds} s: {held}",
        ack_ms=f"p50 {found[len(found) // 2] * 1000:.1f}, p99 {p99(found) * 1000:.0f}",
        memory_MiB=f"+{(server.memory() - memory) // MIB}",
    )
    assert pages == [200] * 5
    assert p99(found) < 2
    assert server.tracebacks() == 0


async def crawl(server, request: bytes, seconds: float) -> bool:
    """Sends a byte every 0.1 s; whether the server still listens at the end."""
    raw = await server.raw()
    try:
        for byte in request[: seconds * 10]:
            if not await raw.send(bytes([byte])) or raw.reader.at_eof():
                return False
            await asyncio.sleep(0.1)
        return True
    finally:
        await raw.close()


@within(many(300, 60))
async def test_bad_frames_by_the_thousand_disturb_nobody(server, guest, team, group):
    total, sent, closed, during = many(100_000, 2_000), 0, 0, []
    writer = await server.visit(guest)
    before = await waits(writer, 30, pause=0.01)

    async def shout():
        nonlocal sent, closed
        cookie = new_guest(team).cookie
        while sent < total or len(during) < 20:
            codes = []
            socket = await server.socket(VISITOR, cookie, ended=codes.append)
            for number in range(25):
                socket.send(b"[" * (60_000 if number == 0 else 10))
            sent += 25
            while not codes:
                await asyncio.sleep(0.005)
            assert "4400" in codes[0]
            closed += 1

    shouting = asyncio.gather(*(shout() for _ in range(10)))
    while not shouting.done():
        during += await waits(writer, 1, pause=0.02)
    await shouting
    during.sort()
    table(
        server,
        bad_frames=f"{sent:,}",
        sockets_closed=closed,
        ack_ms=f"p99 {p99(before) * 1000:.0f} before, {p99(during) * 1000:.0f} during",
    )
    assert p99(during) < 2
    assert server.tracebacks() == 0
