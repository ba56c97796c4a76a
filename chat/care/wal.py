"""SQLite's write-ahead log, which goes on holding what was erased until it is emptied.

A transaction's pages are appended to the log and are copied into the database's file by a
checkpoint; SQLite makes one on its own after 16 MB (kefu/environment.py), and the earlier versions
of these pages stay readable in both until then. MySQL and MariaDB have no such file.
"""

import logging
import threading

from django.db import OperationalError, connection, transaction

log = logging.getLogger("kefu.wal")

WAITS = 100
"""Milliseconds that a checkpoint waits for others who read or write. Writers wait for it meanwhile,
so it is short; one that did not get its turn is made by a periodic task."""

due = threading.Event()
"""Whether the log may hold what was erased. A process begins with a yes: the one before may have
ended between an erasure and the checkpoint."""
due.set()


def empty_after_commit() -> None:
    """Empties the log once the caller's transaction is committed; where that fails because the
    database is busy, a periodic task tries it again."""

    def committed() -> None:
        due.set()
        empty()

    transaction.on_commit(committed, robust=True)


def empty() -> None:
    """Empties the log if that is due, outside of a transaction. Stays due where others read or
    write at the moment."""
    if connection.vendor != "sqlite" or not due.is_set():
        return
    # Before the checkpoint: what is erased during it makes the next one due.
    due.clear()
    if not truncate():
        due.set()
        log.info("the write-ahead log is in use, and is emptied later")


def truncate() -> bool:
    """Copies the whole log into the database's file and empties it; whether that was possible."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (usual,) = cursor.fetchone()
        cursor.execute(f"PRAGMA busy_timeout={WAITS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy, _in_log, _copied = cursor.fetchone()
        except OperationalError:
            # Locked: by a statement of this very connection, or by a server that recovers the log.
            return False
        finally:
            cursor.execute(f"PRAGMA busy_timeout={usual}")
    return not is_busy
