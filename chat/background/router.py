"""Has routing look for what is to be decided: once a second, and soon after something was stored or
announced that may make a decision possible.

Every process does it; chat/routing/live.py decides once.
"""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from accounts.models import Member
from chat import clock
from chat.ledger.threads import Thread
from chat.presence import leases
from chat.routing import live

from .looks import Looks, PerLoop

log = logging.getLogger("kefu.routing")

THREAD = ThreadPoolExecutor(1, thread_name_prefix="kefu-routing")
claimed: dict[str, datetime] = {}
"""When members got a conversation since the last look. It is stored with the look, as the
transaction that stores messages locks no member."""
answered: set[str] = set()
"""Who claimed one by answering since then: they miss no offers. Likewise stored with the look."""


def changed(threads: Iterable[Thread], **kwargs) -> None:
    """After a commit (changes.settled). Where no team routes, it costs a look into a set."""
    wake = False
    for thread in threads:
        if thread.ent_id not in live.routed:
            continue
        if thread.facts.get("claimed_by"):
            claimed[thread.claimed_by] = clock.now()
            if any(row.sender == thread.claimed_by for row in thread.rows):
                answered.add(thread.claimed_by)
        wake = wake or concerns(thread)
    if wake:
        current.soon()


def concerns(thread: Thread) -> bool:
    """Whether what a transaction changed may let routing decide: somebody is freer than before, or
    the conversation asks for somebody. A message in one that somebody holds does neither."""
    facts = thread.facts
    if thread.former_holder or thread.events or "open" in facts or "snoozed_until" in facts:
        return True
    return not thread.claimed_by and bool(facts or thread.joined)


def look() -> None:
    """One look, on this module's thread."""
    for who in list(claimed):
        Member.objects.filter(uuid=who).update(given_at=claimed.pop(who))
    while answered:
        leases.begin_anew(answered.pop())
    live.look()


current = PerLoop(lambda: Looks(THREAD, log, look))
soon = current.soon
