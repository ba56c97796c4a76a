"""Has webhooks sent: once a second, and at once when a try is over, in every process."""

import logging
from concurrent.futures import ThreadPoolExecutor

from chat.webhooks.dispatcher import Dispatcher

from .looks import Looks, PerLoop

log = logging.getLogger("kefu.webhooks")

THREAD = ThreadPoolExecutor(1, thread_name_prefix="kefu-webhooks")


def begin() -> Looks:
    looks = Looks(THREAD, log, Dispatcher(lambda: looks.soon()).step)
    return looks


current = PerLoop(begin)
