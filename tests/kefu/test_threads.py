"""Pages are answered on threads that are kept, with their connections to the database."""

import asyncio
import threading
import time

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from kefu import threads
from kefu.threads import KeepThreads


class Pages:
    """Stands in for Django: `work` is called on the thread of each request, with its place."""

    def __init__(self, work):
        self.work = work

    async def __call__(self, place, receive, send):
        await send(await sync_to_async(self.work)(place))


def ask(kept, *places, at_once=False):
    """What the requests got: one after the other, or all at the same time."""
    found = []

    async def send(answer):
        found.append(answer)

    async def requests():
        if at_once:
            await asyncio.gather(*(kept(place, None, send) for place in places))
            return
        for place in places:
            await kept(place, None, send)
            while not kept.idle:
                await asyncio.sleep(0.001)

    asyncio.run(requests())
    return found


def test_one_after_the_other_is_answered_on_the_same_thread():
    kept = KeepThreads(Pages(lambda place: threading.get_ident()))
    assert len(set(ask(kept, 1, 2, 3))) == 1


def test_those_at_the_same_time_wait_for_nobody_and_few_threads_stay(monkeypatch):
    monkeypatch.setattr(threads, "KEPT", 2)
    together = threading.Barrier(4, timeout=60)
    kept = KeepThreads(Pages(lambda place: (together.wait(), threading.current_thread())[1]))
    found = ask(kept, 1, 2, 3, 4, at_once=True)
    assert len(set(found)) == 4
    deadline = time.monotonic() + 60
    while sum(thread.is_alive() for thread in found) > 2:
        assert time.monotonic() < deadline, "the others end"
        time.sleep(0.01)
    assert len(kept.idle) == 2


def test_a_thread_is_given_to_nobody_while_the_view_of_who_has_gone_runs_there():
    done, began = threading.Event(), threading.Event()

    def work(place):
        if place == "long":
            began.set()
            assert done.wait(60)
        return threading.get_ident()

    kept, found = KeepThreads(Pages(work)), []

    async def send(answer):
        found.append(answer)

    async def requests():
        gone = asyncio.create_task(kept("long", None, send))
        while not began.is_set():
            await asyncio.sleep(0.001)
        gone.cancel()
        await asyncio.wait([gone], timeout=0.1)
        await asyncio.wait_for(kept("short", None, send), 30)
        done.set()
        await asyncio.wait([gone])

    asyncio.run(requests())
    assert len(found) == 1


def test_an_error_of_the_application_is_passed_on_and_its_thread_kept():
    def fail(place):
        raise ValueError(place)

    kept = KeepThreads(Pages(fail))
    with pytest.raises(ValueError):
        ask(kept, "wrong")
    deadline = time.monotonic() + 60
    while not kept.idle:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
def test_a_thread_keeps_its_connection():
    def used(place):
        connection.ensure_connection()
        return connection.connection

    kept = KeepThreads(Pages(used))
    try:
        first, second = ask(kept, 1, 2)
        assert first is second
    finally:
        kept.idle.pop().submit(lambda: connection.close()).result()
