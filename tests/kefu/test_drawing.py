"""Who may wait for a picture to be drawn, and whose is next. The drawing itself is a function that
waits for the test."""

import io
import subprocess
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection

from kefu.drawing import draw
from kefu.drawing.draw import MAX_WAITING, NotDrawn
from kefu.drawing.turns import Full, Turns

pytestmark = pytest.mark.once

LIMITS = {"pixels": 36_000_000, "jpeg_pixels": 50_000_000}
OUTPUT = b'{"format": "PNG", "width": 1, "height": 1, "size": 3}\npngsmall'
WITHIN = 60
SMALL = b"small"
LARGE = bytes(8 * 1024 * 1024)


def visitor(name: str, address="192.0.2.1") -> dict[str, str]:
    return {"visitor": name, "address": address, "enterprise": "acme"}


def wait_until(is_so) -> None:
    until = time.monotonic() + WITHIN
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.001)


class Studio:
    """Runs draw() on threads, with a program that ends when the test says so."""

    def __init__(self, monkeypatch):
        monkeypatch.setattr(draw, "run_program", self.run)
        monkeypatch.setattr(draw, "quick", Turns(MAX_WAITING))
        monkeypatch.setattr(draw, "slow", Turns(MAX_WAITING))
        self.threads = ThreadPoolExecutor(100)
        self.running: dict[str, threading.Event] = {}
        self.code = self.quick_code = 0
        self.released = False

    def send(self, name: str, keys: dict[str, str], content=SMALL) -> Future:
        """A picture on its way. It is known by `name` as long as the program draws it."""
        waiting = len(draw.quick.waiting) + len(draw.slow.waiting) + len(self.running)
        file = io.BytesIO(content)
        file.name = name
        future = self.threads.submit(self.draw, file, keys)
        wait_until(
            lambda: (
                future.done()
                or len(draw.quick.waiting) + len(draw.slow.waiting) + len(self.running) > waiting
            )
        )
        return future

    def draw(self, file, keys):
        try:
            return draw.draw(file, keys, LIMITS)
        finally:
            connection.close()

    def run(self, file, limits, seconds) -> subprocess.CompletedProcess:
        event = self.running[file.name] = threading.Event()
        assert self.released or event.wait(WITHIN)
        del self.running[file.name]
        if limits["pixels"] < LIMITS["pixels"] and self.quick_code:
            if self.quick_code == "late":
                raise subprocess.TimeoutExpired("program", seconds)
            return subprocess.CompletedProcess((), self.quick_code, b"")
        return subprocess.CompletedProcess((), self.code, OUTPUT)

    def drawn_now(self) -> set[str]:
        return set(self.running)

    def finish(self, name: str) -> None:
        wait_until(lambda: name in self.running)
        self.running[name].set()

    def order(self, count: int) -> list[str]:
        """Finishes so many, one after the other; the names in the order they were drawn."""
        names = []
        for _ in range(count):
            wait_until(lambda: self.running)
            (name,) = self.running
            names.append(name)
            event = self.running[name]
            event.set()
            wait_until(lambda name=name, event=event: self.running.get(name) is not event)
        return names

    def end(self):
        self.released = True
        for event in list(self.running.values()):
            event.set()
        self.threads.shutdown()


@pytest.fixture
def studio(monkeypatch):
    studio = Studio(monkeypatch)
    yield studio
    studio.end()


def test_a_picture_comes_back_with_its_facts(studio):
    future = studio.send("a", visitor("ann"))
    studio.finish("a")
    drawn = future.result(WITHIN)
    assert (drawn.format, drawn.width, drawn.content, drawn.small) == ("PNG", 1, b"png", b"small")


@pytest.mark.parametrize(
    ("scope", "keys"),
    [
        ("visitor", lambda n: visitor("ann", f"192.0.2.{n}")),
        ("address", lambda n: visitor(f"visitor{n}")),
        ("member", lambda n: {"member": "alice"}),
        ("process", lambda n: visitor(f"visitor{n}", f"192.0.2.{n}")),
    ],
)
@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_so_many_may_wait_at_once_and_no_more(studio, scope, keys, content):
    below = [studio.send(f"{n}", keys(n), content) for n in range(MAX_WAITING[scope] - 1)]
    at = studio.send("at", keys(MAX_WAITING[scope] - 1), content)
    above = studio.send("above", keys(MAX_WAITING[scope]), content)
    assert isinstance(above.exception(WITHIN), NotDrawn)
    assert (above.exception().reason, above.exception().scope) == ("busy", scope)
    assert not any(future.done() for future in (*below, at))
    if scope != "process":
        other = studio.send("other", {scope: "somebody else"}, content)
        assert not other.done()
    if content == LARGE:
        small = studio.send("small", keys(0))
        studio.finish("small")
        assert small.result(WITHIN), "large ones take no place of small ones"
    studio.finish("0")
    below[0].result(WITHIN)
    again = studio.send("again", keys(MAX_WAITING[scope]), content)
    assert not again.done(), "the place is free again"
    studio.end()
    for future in (*below, at, again):
        assert future.result(WITHIN).content == b"png", "what was taken is drawn"
    assert not draw.quick.counts and not draw.slow.counts


def test_a_small_picture_waits_for_no_large_one(studio):
    studio.send("large", visitor("ann"), LARGE)
    studio.send("larger", visitor("ann"), LARGE)
    small = studio.send("small", visitor("ben", "192.0.2.2"))
    wait_until(lambda: studio.drawn_now() == {"large", "small"})
    studio.finish("small")
    small.result(WITHIN)
    assert studio.drawn_now() == {"large"}


@pytest.mark.parametrize("code", [draw.TOO_LARGE, "late"], ids=["pixels", "time"])
def test_what_only_seems_small_is_tried_once_and_then_waits_with_the_large_ones(studio, code):
    studio.quick_code = code
    large = studio.send("large", visitor("ann"), LARGE)
    seeming = studio.send("seeming", visitor("ann"))
    studio.finish("seeming")
    wait_until(lambda: len(draw.slow.waiting) == 1)
    studio.quick_code = 0
    small = studio.send("small", visitor("ben"))
    studio.finish("small")
    small.result(WITHIN)
    assert studio.drawn_now() == {"large"}
    for name, future in (("large", large), ("seeming", seeming)):
        studio.finish(name)
        assert future.result(WITHIN).content == b"png"


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_senders_take_turns(studio, content):
    for n in range(4):
        studio.send(f"ann{n}", visitor("ann"), content)
    studio.send("ben", visitor("ben"), content)
    for n in range(2):
        studio.send(f"cid{n}", visitor("cid", "192.0.2.2"), content)
    studio.send("alice", {"member": "alice"}, content)
    assert studio.order(8) == ["ann0", "cid0", "alice", "ben", "cid1", "ann1", "ann2", "ann3"]


def test_nobody_waits_for_ever_while_others_keep_coming(studio):
    for n in range(3):
        studio.send(f"ann{n}", visitor("ann"))
    drawn = []
    for n in range(4):
        studio.send(f"new{n}", visitor(f"new{n}", f"192.0.2.{n + 2}"))
        drawn += studio.order(1)
    assert drawn == ["ann0", "new0", "ann1", "new1"]


def test_one_whose_turn_does_not_come_is_told_and_is_in_nobodys_way(studio, monkeypatch):
    first = studio.send("first", visitor("ann"), LARGE)
    monkeypatch.setattr(draw, "TIMEOUT", 0)
    late = studio.send("late", visitor("ben"), LARGE)
    assert late.exception(WITHIN).reason == "busy"
    monkeypatch.setattr(draw, "TIMEOUT", 60)
    last = studio.send("last", visitor("cid"), LARGE)
    for name, future in (("first", first), ("last", last)):
        studio.finish(name)
        future.result(WITHIN)


def test_a_turn_and_a_place_are_free_again_after_a_failure():
    turns, now = Turns({"member": 1, "process": 2}), time.monotonic()
    alice, bob = ((("member", name),) for name in ("alice", "bob"))
    for _ in range(2):
        with pytest.raises(OSError), turns.turn(alice, now):
            raise OSError
        with turns.turn(alice, now), pytest.raises(Full), turns.turn(bob, now):
            pass


@pytest.mark.django_db(transaction=True)
def test_who_waits_holds_no_connection_to_the_database(studio, monkeypatch):
    closed = []

    def asked(file, keys):
        """As a request does: it has read, and reads on afterwards."""
        connection.ensure_connection()
        assert connection.connection is not None
        try:
            drawn = draw.draw(file, keys, LIMITS)
            assert connection.connection is None
            connection.ensure_connection()
            return drawn
        finally:
            connection.close()
            closed.append(connection)

    monkeypatch.setattr(studio, "draw", asked)
    for content in (SMALL, LARGE):
        futures = [studio.send(f"{n}", visitor("ann"), content) for n in range(3)]
        for n, future in enumerate(futures):
            studio.finish(f"{n}")
            assert future.result(WITHIN)
    assert len(closed) == 6
