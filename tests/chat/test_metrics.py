"""Each figure moves with what it counts, and with nothing else."""

import asyncio
import logging
import re
import threading
import time

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError
from prometheus_client import REGISTRY

from chat import metrics
from chat.background import periodic, sampler, upkeep
from chat.database import run_or_refuse
from chat.delivery import bus
from chat.posting import batches, writer
from chat.posting.items import Mark
from chat.protocol.errors import Refused

from .conftest import unopened
from .figures import moved
from .helpers import WITHIN, draft_of, new_id, within

lasting = pytest.mark.django_db(transaction=True)


def one_commit(items: int = 1) -> dict:
    """What a commit of so many items moves."""
    buckets = {
        f"batch_items_bucket__{limit if limit == '+Inf' else f'{limit}.0'}": 1
        for limit in (*metrics.BATCH_SIZES, "+Inf")
        if limit == "+Inf" or items <= limit
    }
    sums = {"batch_items_count": 1, "batch_items_sum": items, "commit_seconds_count": 1}
    return {**buckets, **sums}


@pytest.mark.django_db
def test_a_stored_message_is_counted_with_its_commit_and_a_note_by_its_kind(guest, alice, group):
    with moved(messages_total__message=1, **one_commit()):
        batches.post(guest.draft("hello", group=group))
    with moved(messages_total__note=1, messages_total__message=1, **one_commit(2)):
        drafts = draft_of(alice, group, "psst", note=True), draft_of(alice, group)
        batches.run(list(drafts))


@pytest.mark.django_db
def test_a_first_message_counts_its_notice_too(guest, alice):
    with moved(messages_total__message=1, messages_total__notice=1, **one_commit()):
        batches.post(guest.draft("first"))


@lasting
@within(20)
async def test_acceptances_refusals_and_reads_of_sockets(connect, guest, alice, group):
    agent = await connect(alice)
    with moved(ack_seconds_count=1, messages_total__message=1, **one_commit()):
        await agent.say(group=group)
        await agent.all()
    with moved(refusals_total__not_found=1, **one_commit()):
        await agent.say(group=new_id())
        await agent.all()
    with moved(refusals_total__bad_field=1, refusals_total__bad_frame=1):
        await agent.say("", group=group)
        await agent.raw("{")
        await agent.until("error")
    with moved(**one_commit()):
        await agent.send("message.read", group=group, seq=2)
        await agent.until("read")


@lasting
@within(20)
async def test_sockets_are_counted_by_side_while_they_are_open(connect, guest, alice, group):
    def sockets() -> tuple[float, float]:
        return tuple(
            REGISTRY.get_sample_value("kefu_sockets", {"side": side})
            for side in ("agent", "visitor")
        )

    agents, visitors = sockets()
    agent, visitor = await connect(alice), await connect(guest)
    assert sockets() == (agents + 1, visitors + 1)
    with moved(sockets__visitor=-1, socket_closes_total__client__1001=1):
        await visitor.wire.send_input({"type": "websocket.disconnect", "code": 1001})
        await visitor.wire.wait(WITHIN)
    with moved(socket_closes_total__server__4400=1, refusals_total__bad_frame=20):
        for _ in range(20):
            await agent.raw("{")
        assert await agent.closed() == 4400
    await agent.leave()
    assert sockets() == (agents, visitors)


def test_a_peer_cannot_fill_the_figures_with_codes_of_its_own():
    with moved(socket_closes_total__client__other=3):
        for code in (4999, 3000, 1014):
            metrics.count_close("client", code)


@lasting
@within(20)
async def test_a_socket_that_is_refused_by_code_counts_as_closed_and_not_as_open(house):
    stranger = await unopened(None, cookie="sessionid=none")
    with moved(socket_closes_total__server__4401=1):
        await stranger.accepted()
        assert await stranger.closed() == 4401


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error, figure",
    [
        (OperationalError(1213, "Deadlock found"), {"commit_retries_total__deadlock": 1}),
        (IntegrityError(1062, "Duplicate entry"), {"commit_retries_total__duplicate": 1}),
        (
            OperationalError(2006, "gone away"),
            {"commit_retries_total__connection": 1, "database_errors_total__write": 1},
        ),
    ],
    ids=["deadlock", "duplicate", "connection"],
)
def test_commits_that_are_tried_again_are_counted_by_reason(
    guest, alice, group, monkeypatch, error, figure
):
    commit, errors = batches.commit, [error]

    def failing_once(*args):
        if errors:
            raise errors.pop()
        return commit(*args)

    monkeypatch.setattr(batches, "commit", failing_once)
    monkeypatch.setattr(batches, "drop_connection", lambda: None)
    with moved(messages_total__message=1, **figure, **one_commit()):
        batches.post(guest.draft("hello", group=group))


@pytest.mark.django_db
def test_a_database_that_is_gone_and_a_batch_that_is_halved(guest, group, monkeypatch):
    def gone(*args):
        raise OperationalError(1040, "Too many connections")

    def broken(*args):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(batches, "drop_connection", lambda: None)
    monkeypatch.setattr(batches, "commit", gone)
    with moved(database_errors_total__write=1), pytest.raises(Refused):
        batches.post(guest.draft("hello", group=group))
    monkeypatch.setattr(batches, "commit", broken)
    with moved(batches_halved_total=3):
        batches.run([guest.draft(text, group=group) for text in "abcd"])


@within(20)
async def test_reading_for_a_socket_and_the_tick_count_their_errors(monkeypatch, house):
    def gone(*args):
        raise DatabaseError("gone")

    with moved(database_errors_total__read=1), pytest.raises(Refused):
        await run_or_refuse(gone)

    async def failing(self, now):
        raise DatabaseError("gone")

    monkeypatch.setattr(upkeep.Upkeep, "tick", failing)
    with moved(database_errors_total__tick=1):
        upkeep.current().wake.set()
        while upkeep.current().wake.is_set():
            await asyncio.sleep(0)


@within(20)
async def test_announcements_are_counted_sent_failed_and_dropped(settings, monkeypatch):
    settings.REDIS_URL = "redis://nowhere"
    sent = []

    class Layer:
        async def group_send(self, group, message):
            if message == "bad":
                raise ConnectionError("no Redis")
            sent.append(message)

    monkeypatch.setattr(bus, "get_channel_layer", Layer)
    with moved(bus_total__sent=1, bus_total__failed=1):
        await bus.send_now("group", "good")
        await bus.send_now("group", "bad")
    monkeypatch.setattr(bus, "MAX_WAITING", 2)
    with moved(bus_total__receive_failed=1):
        line = bus.Bus()
        for _ in range(10):
            await asyncio.sleep(0)
    for task in line.tasks:
        task.cancel()
    with moved(bus_total__dropped=1):
        for number in range(3):
            line.put("group", {"number": number})
    assert [message["number"] for _, message in line.waiting] == [1, 2]


@lasting
@within(20)
async def test_who_is_online_is_told_by_the_periodic_tasks(
    connect, guest, alice, group, monkeypatch
):
    monkeypatch.setattr(periodic, "COUNTING_EVERY", 0)
    monkeypatch.setattr(periodic, "TICK", 0.05)
    await connect(alice)
    visitor = await connect(guest)
    await visitor.say()
    for side in ("agent", "visitor"):
        while REGISTRY.get_sample_value("kefu_online", {"side": side}) != 1:
            await asyncio.sleep(0.05)


@within(20)
async def test_the_pulse_sees_the_queue_grow_while_the_database_hangs(monkeypatch, house):
    begun, go_on = threading.Event(), threading.Event()

    def hang(items):
        begun.set()
        go_on.wait(20)
        return batches.Outcome([None] * len(items))

    def put():
        mark = Mark("who", "group", 1)
        writer.current().enqueue(mark, lambda event: None, time.monotonic())

    monkeypatch.setattr(batches, "settle", hang)
    monkeypatch.setattr(sampler, "EVERY", 0.01)
    lags = REGISTRY.get_sample_value("kefu_loop_lag_seconds_count")
    put()
    sampler.begin()
    sampler.begin()
    assert len(sampler.running) == 1
    await asyncio.to_thread(begun.wait, 20)
    for _ in range(7):
        put()
    try:
        while REGISTRY.get_sample_value("kefu_queue_items") != 7:
            await asyncio.sleep(0.01)
    finally:
        go_on.set()
    while REGISTRY.get_sample_value("kefu_queue_items") != 0:
        await asyncio.sleep(0.01)
    assert REGISTRY.get_sample_value("kefu_loop_lag_seconds_count") > lags
    assert REGISTRY.get_sample_value("kefu_process_resident_memory_bytes") > 1_000_000
    assert REGISTRY.get_sample_value("kefu_process_cpu_seconds_total") > 0
    assert REGISTRY.get_sample_value("kefu_process_open_fds") > 2


def test_many_values_at_once_come_to_the_same_as_one_by_one():
    limits = (0.1, 0.5)
    one = metrics.BatchHistogram("one_seconds", "x", buckets=limits, registry=None)
    many = metrics.BatchHistogram("many_seconds", "x", buckets=limits, registry=None)
    values = [0.0, 0.1, 0.100001, 0.5, 0.7, 100.0]
    for value in values:
        one.observe(value)
    many.observe_all(values)

    def samples(histogram):
        (family,) = histogram.collect()
        return [(s.name.partition("_")[2], s.labels, s.value) for s in family.samples[:5]]

    assert samples(one) == samples(many) and samples(many)[-1][2] == sum(values)


def test_a_slow_commit_is_one_line_in_ten_seconds_and_tells_no_text(guest, monkeypatch, caplog):
    now = [1000.0]
    monkeypatch.setattr(metrics, "slow_commits", metrics.ThrottledLog(10, lambda: now[0]))
    items = [guest.draft("secret"), batches.Mark("who", "group", 1)]

    def lines(*commits: float) -> list[str]:
        caplog.clear()
        for seconds in commits:
            metrics.count_commit(items, seconds, "mysql")
        return [record.getMessage() for record in caplog.records]

    with caplog.at_level(logging.INFO, "kefu.metrics"):
        assert lines(0.999) == []
        (line,) = lines(1.5, 2.0, 3.0)
        assert line.startswith("slow commit: 2 items, 6 characters took 1500 ms on mysql (0 more")
        now[0] += 9.9
        assert lines(2.0) == []
        now[0] += 0.2
        (line,) = lines(2.25, 0.1)
        assert "took 2250 ms" in line and "(3 more" in line and "secret" not in line


def test_no_label_may_grow_without_end():
    """Every label here has values that the program knows; `pid` those of the processes."""
    assert {
        name
        for family in REGISTRY.collect()
        if family.name.startswith("kefu_")
        for sample in family.samples
        for name in sample.labels
    } <= {
        *("side", "kind", "reason", "where", "code", "by", "result", "status", "le", "limit"),
        *("scope", "state", "cause", "of"),
    }


def test_every_figure_is_told_in_the_docs(settings):
    told = (settings.BASE_DIR / "docs" / "monitoring.md").read_text()
    for family in REGISTRY.collect():
        if family.name.startswith("kefu_"):
            name = family.name + ("_total" if family.type == "counter" else "")
            assert f"`{name}`" in told, f"docs/monitoring.md does not tell of {name}"
    samples = {sample.name for family in REGISTRY.collect() for sample in family.samples}
    assert set(re.findall(r"kefu_\w+", told)) <= samples | {
        family.name for family in REGISTRY.collect()
    }
