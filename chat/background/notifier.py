"""Has notifications sent: once a second, and at once when a cause was noted, in every process."""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from chat.conversations import causes
from chat.ledger.threads import Thread
from chat.notifications import deliveries

from .looks import Looks, PerLoop

log = logging.getLogger("kefu.notifications")

THREAD = ThreadPoolExecutor(1, thread_name_prefix="kefu-notifier")


def changed(threads: Iterable[Thread], **kwargs) -> None:
    """After a commit (changes.settled)."""
    if any(
        thread.ent_id in causes.with_devices or thread.ent_id in causes.with_robots
        for thread in threads
    ):
        current.soon()


def begin() -> Looks:
    # What is said before the first look is noted, too.
    causes.State.unread = True
    return Looks(THREAD, log, lambda: deliveries.look(current.soon))


current = PerLoop(begin)
