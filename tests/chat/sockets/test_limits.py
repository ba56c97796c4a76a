"""Frames that are wrong, readers that are slow, and sockets that say nothing."""

import asyncio
import json

import pytest

from chat.background import upkeep
from chat.delivery import outbox
from chat.delivery.hub import hub
from chat.posting import batches, writer
from chat.protocol.frames import MAX_FRAME
from chat.reading import history
from chat.sockets import base
from tests.chat.helpers import check_ledger, database, new_id, posted, rows_of, types, within

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

BAD_FRAMES = {
    "nothing": "",
    "no JSON": "hello",
    "half of it": '{"type":"ping"',
    "a list": "[]",
    "a list of frames": '[{"type":"ping"}]',
    "a number": "1",
    "null": "null",
    "NaN": '{"type":"ping","got":NaN}',
    "infinity": '{"type":"ping","got":Infinity}',
    "deep": "[" * 30_000,
    "deep in an object": '{"type":' * 5_000,
    "a lone surrogate": '{"type":"ping","got":"\\ud800"}',
    "a byte order mark": '\ufeff{"type":"ping"}',
    "too large": json.dumps({"type": "ping", "pad": "x" * MAX_FRAME}),
    "too large in bytes": json.dumps({"type": "ping", "pad": "你" * 22_000}, ensure_ascii=False),
}

NO_FRAMES = [
    *("hello", "message.posted", "message.accepted", "websocket.connect", "connect"),
    *("", "MESSAGE.SEND", "message.send ", "receive", "__class__", "conversation.left"),
    *(None, 1, True, [], {}, ["ping"]),
]


async def test_a_bad_frame_is_answered_and_the_socket_stays(connect, guest, alice):
    for who in (guest, alice):
        socket = await connect(who)
        for name, text in BAD_FRAMES.items():
            await socket.raw(text)
            assert (await socket.until("error"))["code"] == "bad_frame", name
            await socket.send("ping")
            assert await socket.until("pong"), name


async def test_a_binary_frame_is_bad(connect, guest):
    socket = await connect(guest)
    for data in (b"", b"\x00\xff", b'{"type":"ping"}'):
        await socket.raw(data=data)
        assert (await socket.until("error"))["code"] == "bad_frame"


async def test_a_type_that_is_not_there_is_unknown(connect, guest, alice, group):
    for who in (guest, alice):
        socket = await connect(who)
        for kind in NO_FRAMES:
            await socket.send(kind, group=group, member=alice.uuid, score=5)
            error = await socket.until("error")
            assert (error["code"], error["group"]) == ("unknown_type", group), kind
    assert len(await database(rows_of)(group)) == 2


async def test_20_bad_frames_in_a_row_close_the_socket(connect, guest, alice, group):
    kinds = [
        "no JSON",
        json.dumps({"type": "unheard"}),
        json.dumps({"type": "message.read", "group": group, "seq": "x"}),
        json.dumps({"type": "typing", "group": group, "draft": "x" * 10_001}),
    ]
    socket, colleague = await connect(guest), await connect(alice)
    for number in range(20):
        await socket.raw(kinds[number % 4])
    assert await socket.closed() == 4400
    errors = [event["code"] for event in socket.waiting if event["type"] == "error"]
    assert errors == ["bad_frame", "unknown_type", "bad_field", "too_long"] * 5
    assert types(await colleague.all()) == []


async def test_bad_fields_that_show_only_when_it_is_stored_count_too(connect, alice, group):
    socket = await connect(alice)
    for _ in range(2):
        for _ in range(19):
            assert (await socket.say("x", group=group, reply_to=99))["code"] == "bad_field"
        assert "seq" in await socket.say("x", group=group)
    for number in range(20):
        if number % 2:
            await socket.raw("no JSON")
        else:
            assert (await socket.say("x", group=group, reply_to=99))["code"] == "bad_field"
    assert await socket.closed() == 4400


async def test_a_good_frame_begins_the_count_anew(connect, guest):
    socket = await connect(guest)
    for _ in range(3):
        for _ in range(19):
            await socket.raw("no JSON")
        await socket.send("ping", got=socket.frames)
    for _ in range(3):
        await socket.until("pong")


async def test_refusals_of_other_kinds_do_not_count(connect, outsider, group):
    socket = await connect(outsider)
    for _ in range(25):
        assert (await socket.say("x", group=group))["code"] == "not_found"


async def test_a_slow_reader_is_closed_with_4408_and_others_are_not(
    connect, guest, alice, bob, group, monkeypatch
):
    monkeypatch.setattr(outbox, "WINDOW", 200_000)
    slow, quick = await connect(alice), await connect(bob)
    sender = await connect(guest)
    for _ in range(30):
        await sender.say("x" * 9_000, group=group)
        await sender.all()
        await quick.all()
    assert await slow.closed() == 4408
    assert (await sender.say("and on"))["type"] == "message.accepted"
    assert [message["content"] for message in posted(await quick.all())] == ["and on"]


async def test_more_waiting_than_an_outbox_holds_is_4408(connect, alice, guest, group, monkeypatch):
    """As when the server itself takes nothing for a while."""
    monkeypatch.setattr(outbox, "MAX_WAITING", 50_000)
    socket = await connect(alice)

    def flood():
        drafts = [guest.draft("x" * 1_000, group=group) for _ in range(100)]
        batches.run(drafts)

    await database(flood)()
    assert await socket.closed() == 4408
    assert await database(check_ledger)() == 102


async def test_a_ping_that_tells_what_was_received_keeps_the_window_open(
    connect, alice, guest, group, monkeypatch
):
    monkeypatch.setattr(outbox, "WINDOW", 100_000)
    monkeypatch.setattr(outbox, "CHECKPOINT", 1_000)
    agent = await connect(alice)
    for _ in range(40):
        await database(batches.post)(guest.draft("x" * 9_000, group=group))
        await agent.until("message.posted")
        await agent.all()


async def test_a_silent_socket_is_closed_with_4408(connect, guest, alice, monkeypatch):
    quiet = await connect(alice)
    lively = await connect(guest)
    monkeypatch.setattr(upkeep, "SILENCE", 0.05)
    monkeypatch.setattr(upkeep, "TICK", 0.1)
    upkeep.current().wake.set()
    assert await quiet.closed() == 4408
    assert await lively.closed() == 4408


async def test_a_full_queue_answers_rate_limited_and_says_when(
    connect, guest, alice, group, monkeypatch
):
    socket = await connect(guest)
    monkeypatch.setattr(writer, "MAX_WAITING", 0)
    error = await socket.say("x")
    assert error["code"] == "rate_limited" and error["retry_after"] >= 1
    monkeypatch.undo()
    monkeypatch.setattr(base, "MAX_PENDING", 0)
    assert (await socket.say("x"))["code"] == "rate_limited"
    monkeypatch.undo()
    assert (await socket.say("x"))["type"] == "message.accepted"


async def test_messages_of_one_socket_are_stored_and_answered_in_the_order_sent(
    connect, alice, group
):
    socket = await connect(alice)
    ids = [new_id() for _ in range(300)]
    for number, client_id in enumerate(ids):
        await socket.send("message.send", client_id=client_id, content=f"{number}", group=group)
    answers = [await socket.until("message.accepted") for _ in ids]
    assert [answer["client_id"] for answer in answers] == ids
    assert [answer["seq"] for answer in answers] == list(range(3, 303))
    rows = await database(rows_of)(group)
    assert [row.client_id for row in rows[2:]] == ids


async def test_many_who_do_not_read_are_cut_sooner_and_what_is_owed_is_told_back(
    connect, alice, bob, guest, group, monkeypatch
):
    """Each of them alone would have a whole window; together they would fill the memory."""
    assert outbox.Flight.total == 0
    monkeypatch.setattr(outbox, "CROWD", 300_000)
    monkeypatch.setattr(outbox, "CROWDED", 90_000)
    deaf = [await connect(alice) for _ in range(4)]
    reader = await connect(bob)
    for _ in range(20):
        await database(batches.post)(guest.draft("x" * 9_000, group=group))
        await reader.all()
    for socket in deaf:
        assert await socket.closed() == 4408
    await reader.send("ping", got=reader.frames)
    assert await reader.until("pong")
    for socket in (*deaf, reader):
        await socket.leave()
    assert outbox.Flight.total == 0


@within(30)
async def test_a_sync_is_refused_while_the_last_answers_are_not_read(
    connect, guest, alice, group, monkeypatch
):
    socket = await connect(guest)
    monkeypatch.setattr(history, "MAX_SYNC_BYTES", 100)
    (box,) = hub.outboxes_of(guest.uuid)
    box.wire.waiting.append(b"what the peer does not take")
    for _ in range(10):
        await socket.send("sync", groups={group: 0})
    await socket.send("ping")
    while b"pong" not in b"".join(box.waiting):
        await asyncio.sleep(0.01)
    assert box.size < 5_000
    box.wire.waiting.clear()
    box.flush()
    assert (await socket.until("error"))["retry_after"] == 1
    assert await socket.all() is not None
