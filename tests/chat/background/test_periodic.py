"""What takes its time holds up no end of access; what fails holds up nothing else."""

import asyncio
import logging
import math
import threading
import time
from unittest.mock import Mock

import pytest
from django.db import OperationalError
from prometheus_client import REGISTRY

from accounts.models import Member, Team
from accounts.sign_ins import expiry
from chat import sweeps
from chat.background import looks, periodic, streamer
from chat.care import blocks
from chat.conversations import claims, floor, idle, snoozes
from chat.presence import leases
from tests.chat.figures import moved
from tests.chat.helpers import database, do_task, within

lasting = pytest.mark.django_db(transaction=True)


def hanging() -> tuple[threading.Event, threading.Event, object]:
    """A function that hangs: that it has begun, what lets it go on, and itself."""
    begun, go_on = threading.Event(), threading.Event()

    def hang(*_args):
        begun.set()
        go_on.wait(60)

    return begun, go_on, hang


@lasting
@within(30)
async def test_access_ends_while_a_periodic_task_does_not_end(
    connect, alice, bob, group, monkeypatch
):
    begun, go_on, hang = hanging()
    monkeypatch.setattr(periodic.idle, "look", hang)
    monkeypatch.setattr(periodic, "TICK", 0.01)
    page, other = await connect(alice), await connect(bob)
    try:
        assert await asyncio.to_thread(begun.wait, 60)
        await database(Member.objects.filter(pk=alice.pk).update)(status=Member.Status.CLOSED)
        assert await page.closed() == 4403, "with nobody who asks for a beat"
        await other.send("sync", groups={group: 0})
        await other.until("synced")
    finally:
        go_on.set()


@lasting
@pytest.mark.once
@within(30)
async def test_a_silent_bots_visitor_gets_people_while_a_periodic_task_does_not_end(
    connect, bot, group, alice, team, monkeypatch
):
    begun, go_on, hang = hanging()
    monkeypatch.setattr(periodic.idle, "look", hang)
    monkeypatch.setattr(periodic, "TICK", 0.01)
    monkeypatch.setattr(streamer.sequencer, "look", Mock(side_effect=RuntimeError("a fault")))
    desk = await connect(alice)
    try:
        assert await asyncio.to_thread(begun.wait, 60)
        monkeypatch.setattr(floor, "SHORTEST", floor.SHORTEST * 0)
        await database(Team.objects.filter(pk=team.pk).update)(bot_seconds=0)
        row = await desk.until("conversation", group=group)
        while row.get("bot", bot.uuid):
            row = await desk.until("conversation", group=group)
        assert row["waiting_since"]
    finally:
        go_on.set()


@pytest.mark.once
@within(20)
async def test_a_periodic_task_that_fails_is_told_and_counted_and_the_others_are_done(
    monkeypatch, house, caplog
):
    done = []
    monkeypatch.setattr(periodic.claims, "expire", Mock(side_effect=OperationalError("gone")))
    monkeypatch.setattr(periodic.snoozes, "expire", Mock(side_effect=RuntimeError("a fault")))
    monkeypatch.setattr(periodic.blocks, "expire", lambda: done.append("blocks"))
    monkeypatch.setattr(periodic, "TICK", 0.01)
    mine = periodic.PeriodicTasks()
    monkeypatch.setitem(periodic.current.running, asyncio.get_running_loop(), mine)
    for task in mine.all[3:]:
        task.due = math.inf
    with moved(database_errors_total__periodic=1):
        while not done:
            await asyncio.sleep(0.01)
    told = [each.message for each in caplog.records if each.name == "kefu.periodic"]
    assert [line.partition(":")[0] for line in told] == [
        "the database does not answer",
        "a periodic task failed",
    ]
    for task in mine.all[:3]:
        assert task.due > time.monotonic(), "all of them come again"
        task.due = 0.0
    while len(done) < 2:
        await asyncio.sleep(0.01)
    assert not mine.task.done()


@pytest.mark.once
@within(20)
async def test_when_a_process_came_through_its_periodic_tasks_is_told(monkeypatch, house):
    def told() -> float:
        return REGISTRY.get_sample_value("kefu_process_periodic_time_seconds")

    begun, go_on, hang = hanging()
    go_on.set()
    monkeypatch.setattr(periodic, "TICK", 0.01)
    mine = periodic.current()
    mine.all = [periodic.PeriodicTask(0.01, hang)]
    before = time.time()
    while told() < before:
        await asyncio.sleep(0.01)
    go_on.clear()
    begun.clear()
    assert await asyncio.to_thread(begun.wait, 60)
    last = told()
    await asyncio.sleep(0.05)
    assert told() == last, "one that hangs shows"
    go_on.set()


@pytest.mark.once
@within(20)
async def test_a_figure_that_cannot_be_taken_ends_no_periodic_tasks(monkeypatch, house, caplog):
    done = []
    monkeypatch.setattr(periodic.metrics.PERIODIC, "set", Mock(side_effect=OSError("no room")))
    monkeypatch.setattr(periodic, "TICK", 0.01)
    mine = periodic.current()
    mine.all = [periodic.PeriodicTask(0.0, lambda: done.append("again"))]
    while len(done) < 3 and not mine.task.done():
        await asyncio.sleep(0.01)
    assert not mine.task.done()
    assert "a round of periodic tasks failed" in caplog.text


@pytest.mark.once
@within(20)
async def test_the_end_of_a_process_ends_its_periodic_tasks_without_a_word(
    monkeypatch, house, caplog
):
    begun, go_on, hang = hanging()
    monkeypatch.setattr(periodic, "TICK", 0.01)
    mine = periodic.current()
    mine.all = [periodic.PeriodicTask(0.0, hang)]
    assert await asyncio.to_thread(begun.wait, 60)
    mine.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await mine.task
    go_on.set()
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


@within(10)
async def test_a_look_that_is_woken_as_its_process_ends_is_the_last():
    """Whatever turn of the loop the end comes in."""
    for turns in range(4):
        found = looks.Looks(periodic.THREAD, periodic.log)
        await asyncio.sleep(0)
        found.wake.set()
        for _turn in range(turns):
            await asyncio.sleep(0)
        found.task.cancel()
        assert await asyncio.wait([found.task], timeout=0.5) == ({found.task}, set()), turns


@pytest.mark.once
@within(20)
async def test_a_walk_under_way_goes_no_further_when_the_process_ends(monkeypatch, house):
    steps = []

    def step(key):
        steps.append(key)
        time.sleep(0.01)

    monkeypatch.setattr(periodic, "TICK", 0.01)
    mine = periodic.current()
    mine.all = [
        periodic.PeriodicTask(
            0.0, lambda: [sweeps.run_step(step, str(key)) for key in range(5_000)]
        )
    ]
    while not steps:
        await asyncio.sleep(0.01)
    mine.task.cancel()
    await asyncio.to_thread(periodic.THREAD.submit(int).result, 10)
    assert len(steps) < 1_000


@lasting
@within(20)
async def test_traces_of_signing_in_are_deleted_by_the_periodic_tasks(house):
    for name in ("sessions", "failures", "wrong_passwords", "sign_ins"):
        await do_task(getattr(expiry, f"delete_{name}"))


@lasting
@within(20)
async def test_every_look_is_one_of_the_periodic_tasks(house, team, alice, group, monkeypatch):
    for what in (claims.expire, snoozes.expire, blocks.expire, leases.delete_expired, idle.look):
        await do_task(what)
    mine = periodic.current()
    sweep = next(task.what for task in mine.all if task.what.__class__ is periodic.Sweep)
    assert sweep.step.__name__ == "sweep"
    monkeypatch.setattr(mine.all[-1].what, "step", lambda after: after + 7)
    for _ in range(2):
        mine.all[-1].due = 0.0
        await mine.round()
    assert mine.all[-1].what.after == 14, "it goes on where it ended"
