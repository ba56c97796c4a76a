"""Programs that wait for events in this process, each in a request that holds no thread.

The look for the stream (chat/background/streamer.py) asks once a second whether something has come,
whichever process has given it its place: by one query for all of them, and where a stream has
grown by one more for those who wait for the same. The requests stand in
chat/api/waiting.py.
"""

import asyncio
import threading
from uuid import uuid4

from chat.delivery import bus
from chat.models import StreamHead
from chat.protocol.errors import Refused

from . import reader

LONGEST = 25
"""Seconds: below the 30 s after which many proxies and HTTP libraries give up."""
MOST = 2
"""Waits of a token: one that has just been given up by its program may still be there."""


class Wait:
    """One request. It is made in the event loop, and what it waits for is known once a view has
    found nothing."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.woken = asyncio.Event()
        self.token, self.ent_id, self.place = 0, "", 0
        self.types: list[str] = []
        self.begun = False
        self.is_refused = False
        self.seconds = 0
        """For how long it waits, from the beginning of the request."""
        self.cursor = ""
        """Where it goes on when it is woken."""
        self.name: tuple[str, str] | None = None
        """Where all processes count the waits of its token, and as what this one."""

    def begin(
        self, token: int, ent_id: str, types: list[str], *, cursor: str, seconds: int
    ) -> None:
        """Waits for events of these types behind a cursor of the stream. Called by the view, again
        where what came was not for it. Raises Refused (rate_limited) where the token (an id) has
        MOST already, bad_field for a wrong cursor."""
        place = reader.read_cursor(reader.head_of(ent_id), cursor)
        with lock:
            others = [each for each in waiting if each is not self and each.token == token]
            if self.is_refused or len(others) >= MOST:
                detail = f"At most {MOST} requests of a token wait at once."
                raise Refused("rate_limited", detail, retry_after=1)
            self.token, self.ent_id, self.types, self.place = token, ent_id, types, place
            self.cursor, self.seconds = cursor, 0 if ending.is_set() else seconds
            self.begun = True
            waiting.add(self)

    async def enter(self) -> None:
        """Has the view refuse this one where the token has MOST in all processes together."""
        self.name = f"wait.{self.token}", uuid4().hex
        self.is_refused = await bus.count_in(*self.name, LONGEST) > MOST

    async def leave(self) -> None:
        """Lets the next one of the token wait."""
        with lock:
            waiting.discard(self)
        if self.name:
            await bus.count_out(*self.name)

    def wake(self) -> None:
        """Called from any thread."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.woken.set)


waiting: set[Wait] = set()
lock = threading.Lock()
ending = threading.Event()
"""Set when the process is about to end."""


def look() -> None:
    """Wakes those for whom something has come."""
    with lock:
        found = list(waiting)
    if not found:
        return
    heads = StreamHead.objects.filter(ent_id__in={each.ent_id for each in found})
    by_code = {head.ent_id: head for head in heads}
    come: dict[tuple, bool] = {}
    for each in found:
        head = by_code.get(each.ent_id)
        if head is None or head.last <= each.place:
            continue
        asked = each.ent_id, each.place, tuple(each.types)
        if asked not in come:
            come[asked] = reader.behind(head, each.place).filter(type__in=each.types).exists()
        if come[asked]:
            each.wake()
        else:
            each.place = head.last


def end_all() -> None:
    """The process is about to end: nobody waits any more, and who would is answered at once."""
    ending.set()
    with lock:
        found = list(waiting)
    for each in found:
        each.seconds = 0
        each.wake()
