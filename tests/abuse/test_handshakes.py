"""Openings, Origins and bytes that are wrong: both servers refuse them without a traceback."""

import asyncio
import random
import time

import pytest

from bench import wire
from tests.chat.helpers import new_guest, within

from .servers import many, table

pytestmark = pytest.mark.django_db(transaction=True)

VISITOR = "/ws/visitor/acme/"
UPGRADE = (
    b"GET /ws/visitor/acme/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\n"
)
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
V13 = b"Sec-WebSocket-Version: 13\r\n"
PART = b'--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\nbbb\r\n--XX--\r\n'
HANDSHAKES = {
    "noise": bytes(range(256)) * 4,
    "no request": b"\r\n" * 100 + b"GET\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 200,
    "no key": UPGRADE + V13 + b"\r\n",
    "a short key": UPGRADE + V13 + b"Sec-WebSocket-Key: eA==\r\n\r\n",
    "a key that is no base64": UPGRADE + V13 + b"Sec-WebSocket-Key: \xff\xfe!\r\n\r\n",
    "two keys": UPGRADE + V13 + KEY + KEY + b"\r\n",
    "version 0": UPGRADE + b"Sec-WebSocket-Version: 0\r\n" + KEY + b"\r\n",
    "a version of letters": UPGRADE + b"Sec-WebSocket-Version: x\r\n" + KEY + b"\r\n",
    "POST": UPGRADE.replace(b"GET", b"POST") + V13 + KEY + b"Content-Length: 3\r\n\r\nabc",
    "HTTP/1.0": UPGRADE.replace(b"1.1", b"1.0") + V13 + KEY + b"\r\n",
    "HTTP/9.9": UPGRADE.replace(b"1.1", b"9.9") + V13 + KEY + b"\r\n",
    "no Host": UPGRADE.replace(b"Host: 127.0.0.1\r\n", b"") + V13 + KEY + b"\r\n",
    "two Hosts": UPGRADE + b"Host: evil.example\r\n" + V13 + KEY + b"\r\n",
    "a foreign Host": UPGRADE.replace(b"127.0.0.1", b"evil.example") + V13 + KEY + b"\r\n",
    "a NUL in the path": UPGRADE.replace(b"acme", b"ac\x00me") + V13 + KEY + b"\r\n",
    "bytes in the path": UPGRADE.replace(b"acme", b"%ff%fe%00") + V13 + KEY + b"\r\n",
    "a path of 100 kB": UPGRADE.replace(b"acme", b"a" * 100_000) + V13 + KEY + b"\r\n",
    "a broken query": UPGRADE.replace(b"acme/", b"acme/?team=%ff%&&=;") + V13 + KEY + b"\r\n",
    "bytes in the cookie": UPGRADE + V13 + KEY + b"Cookie: kefu_visitor_acme=\xff\x00\xfe\r\n\r\n",
    "a cookie of 200 kB": UPGRADE + V13 + KEY + b"Cookie: a=" + b"x" * 200_000 + b"\r\n\r\n",
    "5,000 headers": UPGRADE + V13 + KEY + b"X-A: b\r\n" * 5_000 + b"\r\n",
    "an endless header": UPGRADE + b"X-A: " + b"x" * 300_000,
    "a folded header": UPGRADE + V13 + KEY + b"X-A: b\r\n c\r\n\r\n",
    "200 protocols": UPGRADE + V13 + KEY + b"Sec-WebSocket-Protocol: " + b"a," * 200 + b"\r\n\r\n",
    "bytes in the protocols": UPGRADE + V13 + KEY + b"Sec-WebSocket-Protocol: \xff\r\n\r\n",
    "bad extensions": UPGRADE + V13 + KEY + b"Sec-WebSocket-Extensions: ;;=,\xff\r\n\r\n",
    "bad lengths": b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\nx",
    "two lengths": b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n"
    b"Content-Length: 5\r\n\r\nabcde",
    "an odd charset": b"POST /agent/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: csrftoken="
    + b"x" * 32
    + b"\r\nContent-Type: multipart/form-data; boundary=XX; charset=undefined\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(PART), PART),
    "chunks of noise": b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
    b"\r\nZZ\r\nabc\r\n0\r\n\r\n",
    "length and chunks": b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}


@within(60)
async def test_malformed_handshakes_are_refused_and_leave_no_trace(server, guest, group):
    writer = await server.visit(guest)
    statuses = {}
    for name, request in HANDSHAKES.items():
        raw = await server.raw()
        await raw.send(request)
        answer = await raw.answer(within=0.5)
        statuses[name] = answer.split(b" ")[1].decode() if answer.startswith(b"HTTP") else "-"
        assert statuses[name] != "101", name
        assert b"Something went wrong" not in answer, name
        await raw.close()
    table(server, **{name.replace(" ", "_"): status for name, status in statuses.items()})
    assert (await writer.say("still here"))["type"] == "message.accepted"
    assert server.tracebacks() == 0, server.log.read_text()[-3_000:]


@within(60)
async def test_frames_that_break_the_wire_protocol_end_their_socket_only(server, guest, team):
    writer = await server.visit(guest)
    for name, data in {
        "not masked": b"\x81\x05hello",
        "an unknown opcode": b"\x83\x80\x00\x00\x00\x00",
        "reserved bits": b"\xf1\x80\x00\x00\x00\x00",
        "no UTF-8": wire.frame(b"\xff\xfe\xfd"),
        "a length of 2**63": b"\x81\xff" + b"\xff" * 8 + b"\x00" * 100,
        "a long ping": b"\x89\xfe\x01\x00" + b"\x00" * 260,
        "a part of nothing": b"\x80\x80\x00\x00\x00\x00",
        "a close of one byte": wire.frame(b"\x03", 8),
        "a close code of 0": wire.frame(b"\x00\x00", 8),
        "2 MB": b"\x81\xff" + (2_000_000).to_bytes(8, "big"),
        "noise": random.Random(1).randbytes(5_000),
    }.items():
        socket = await server.socket(VISITOR, new_guest(team).cookie)
        socket.transport.write(data)
        if name not in ("a length of 2**63", "2 MB"):
            deadline = time.monotonic() + 5
            while not socket.over and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
            assert socket.over, f"{name}: the socket stays"
        socket.close()
    assert (await writer.say("still here"))["type"] == "message.accepted"
    assert server.tracebacks() == 0, server.log.read_text()[-3_000:]


@within(60)
async def test_no_origin_of_many_is_let_in_but_the_own_one(server, guest):
    dice = random.Random(7)
    own = server.address
    origins = [
        *(own + "x", own + ".evil.example", own + "@evil.example", own + "/", own[:-1]),
        *(own.replace("http", "https"), own.upper() + "1", f"{own}#", f"{own}?", f" {own} x"),
        *("http://127.0.0.1", "http://[::1]", "http://[", "http://127.0.0.1:99999", "null", "*"),
        *("\x7f", "file://", "chrome-extension://abc", "data:text/html,x", f"{own}, {own}"),
        f"{own}\r\nOrigin: {own}",
    ]
    alphabet = "htp:/.@[]127#?%\\é你 *,;\t"
    origins += (
        "".join(dice.choices(alphabet, k=dice.randint(1, 40))) for _ in range(many(2_000, 60))
    )

    for origin in origins:
        if origin.strip().rstrip("/") == own:
            continue
        raw = await server.raw()
        cookie = guest.cookie.encode()
        sent = origin.encode("utf-8")
        await raw.send(
            UPGRADE.replace(b"127.0.0.1", b"127.0.0.1:%d" % server.port)
            + V13 + KEY + b"Cookie: " + cookie + b"\r\nOrigin: " + sent + b"\r\n\r\n"
        )  # fmt: skip
        answer = await asyncio.wait_for(raw.reader.read(100), 10)
        refused = b" 400 " if origin == "\x7f" else b" 403 "  # A control character is no HTTP.
        assert refused in answer or b" 403 " in answer, (origin, answer)
        await raw.close()

    wire_ = await server.visit(guest)
    assert (await wire_.until("hello"))["me"]["visitor"] == guest.uuid
    assert server.tracebacks() == 0
