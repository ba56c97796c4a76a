"""The threads of a process write to SQLite in turn."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import Error, OperationalError, connection, transaction

from accounts.models import Enterprise
from kefu.sqlite import base
from kefu.sqlite.turns import Turns

LONG = 60


def wait_for(turns: Turns, waiting: int) -> None:
    """Until so many wait."""
    while len(turns.waiting) < waiting:
        threading.Event().wait(0.001)


def test_who_comes_first_is_first_and_who_gave_up_holds_up_nobody():
    turns, order = Turns(), []
    assert turns.take(0)

    def write(name: str) -> None:
        if turns.take(LONG):
            order.append(name)
            turns.give()

    with ThreadPoolExecutor(9) as pool:
        for number in range(8):
            pool.submit(write, number)
            wait_for(turns, number + 1)
        assert not turns.take(0)
        turns.give()
    assert order == [*range(8)] and turns.take(0)


@pytest.mark.skipif("connection.vendor != 'sqlite'")
@pytest.mark.django_db(transaction=True)
class TestBackend:
    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch):
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)

    def in_another_thread(self, function):
        def run():
            try:
                return function()
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(run).result(LONG)

    def test_a_transaction_and_a_lone_statement_wait_for_whose_turn_it_is(self):
        assert base.turns.take(0)
        try:
            for write in (
                Enterprise.objects.filter(pk=0).delete,
                lambda: Enterprise.objects.update(name="x"),
                transaction.atomic().__enter__,
            ):
                with pytest.raises(OperationalError, match="locked"):
                    write()
            assert not Enterprise.objects.exists(), "reading waits for nobody"
        finally:
            base.turns.give()
        assert Enterprise.objects.update(name="x") == 0

    @pytest.mark.parametrize("end", ["commit", "roll back", "close", "fail"])
    def test_however_a_transaction_ends_the_next_one_has_its_turn(self, end):
        try:
            with transaction.atomic():
                Enterprise.objects.update(name="x")
                with pytest.raises(Error):
                    self.in_another_thread(lambda: Enterprise.objects.update(name="y"))
                if end == "roll back":
                    raise InterruptedError
                if end == "close":
                    connection.close()
                if end == "fail":
                    connection.cursor().execute("no such statement")
        except (InterruptedError, Error):
            pass
        assert not base.turns.taken
        assert self.in_another_thread(lambda: Enterprise.objects.update(name="y")) == 0
