"""Lets few visitors at a time through what their connection reads, in the order in which they came.

After a restart of the server ten thousand pages come back at once. Each greeting is read in
several steps; where all took turns at each step, none came to its end before its page gave up. Who
has waited for long is refused before anything is read for them: their page asks again a little
later.
"""

import asyncio
from collections import deque

from chat.protocol.errors import Refused

AT_ONCE = 8
"""Twice as many as there are threads that read (chat/database.py): these have always something to
do, and what an agent reads waits for two others at the most."""
PATIENCE = 8
"""Seconds; pages wait ten for their greeting."""


class Gate:
    def __init__(self, at_once: int = AT_ONCE):
        self.free = at_once
        self.waiting: deque[asyncio.Future] = deque()

    async def enter(self) -> None:
        """Waits for a turn, which `leave` ends. Raises Refused (unavailable) after PATIENCE
        seconds."""
        if self.free:
            self.free -= 1
            return
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self.waiting.append(turn)
        timer = loop.call_later(PATIENCE, give_up, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and not turn.exception():
                self.leave()  # It was given at the same moment.
            raise
        finally:
            timer.cancel()

    def leave(self) -> None:
        """Gives the turn to who has waited for longest."""
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1


def give_up(turn: asyncio.Future) -> None:
    if not turn.done():
        turn.set_exception(Refused("unavailable", "Too many connect at once. Try again."))


gate = Gate()
