"""Has the stream take in what was committed, programs that wait for it go on, and people what bots
leave unanswered: once a second, in every process. Nothing wakes it: posting a message has no more
to do than without a stream.
"""

import logging
from concurrent.futures import ThreadPoolExecutor

from chat.conversations import floor
from chat.stream import sequencer, waits

from .looks import Looks, PerLoop

log = logging.getLogger("kefu.stream")

THREAD = ThreadPoolExecutor(1, thread_name_prefix="kefu-stream")

current = PerLoop(lambda: Looks(THREAD, log, sequencer.look, waits.look, floor.expire))
