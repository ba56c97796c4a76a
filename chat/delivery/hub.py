"""The sockets of this process, by who they belong to. Nothing here waits or touches rows."""

import asyncio
from collections import defaultdict

from chat.protocol.events import unread_json

from .outbox import Outbox

KEPT = 1_000
"""Groups with nothing unread of which a member's version is known, some 200 bytes each. Values come
late by a second or two, in which far fewer are read."""


class Hub:
    """Hands events to the outboxes of their readers.

    All state belongs to the event loop that serves the sockets; `deliver` may be called
    from any thread and finds its way there.
    """

    def __init__(self):
        self.loop: asyncio.AbstractEventLoop | None = None
        self.outboxes: dict[str, set[Outbox]] = defaultdict(set)
        self.totals: dict[str, Totals] = {}

    def join(self, who: str, outbox: Outbox) -> None:
        """Events for `who` reach `outbox` from now on: a member's or visitor's uuid, or a topic
        (`agents:<enterprise>`, `team:<id>`)."""
        self.loop = asyncio.get_running_loop()
        self.outboxes[who].add(outbox)
        self.totals.setdefault(who, Totals())

    def leave(self, who: str, outbox: Outbox) -> bool:
        """Undoes `join`; True when it was the last socket of `who` here."""
        mine = self.outboxes.get(who)
        if mine is None:
            return False
        mine.discard(outbox)
        if mine:
            return False
        del self.outboxes[who]
        self.totals.pop(who, None)
        return True

    def outboxes_of(self, who: str) -> list[Outbox]:
        return list(self.outboxes.get(who, ()))

    def all(self) -> set[Outbox]:
        """Every open socket's outbox, once, whatever it listens to."""
        return {outbox for mine in self.outboxes.values() for outbox in mine}

    def people(self) -> list[str]:
        """The uuids of all who are present by a socket here."""
        return list({outbox.owner.who for outbox in self.all() if outbox.owner.is_known})

    def load(self, who: str, unread: list, counted: dict[str, int] | None = None) -> None:
        """Takes over stored unread: of somebody who has just connected, or to mend what lost
        announcements left wrong. What changed before the first time is told now, as the
        total over all groups was not known.

        `counted` is what `counted` told before they were read: of those that are not there any
        more nothing is unread, unless they have changed again meanwhile.
        """
        totals = self.totals.get(who)
        if totals is None:
            return
        there = {group for _who, group, _value, _version in unread}
        for group, version in (counted or {}).items():
            if group not in there:
                totals.put(group, 0, version)
        for _who, group, value, version in unread:
            totals.put(group, value, version)
        early, totals.early = totals.early, None
        for group in early or ():
            self._push_unread(who, group)

    def counted(self, who: str) -> dict[str, int]:
        """The groups that count in the total of `who` as it is known here, with their version."""
        totals = self.totals.get(who)
        if totals is None:
            return {}
        return {group: version for group, (_value, version) in totals.groups.items()}

    def deliver(self, ent_id: str, events: list, unread: list) -> None:
        """Shares out an announcement's events and unread values (announce.Announcement) among the
        sockets of its enterprise, whoever they are addressed to."""
        self.call(self._deliver, ent_id, events, unread)

    def call(self, function, *args) -> None:
        """Runs `function` in the sockets' loop: at once from there, soon from elsewhere."""
        loop = self.loop
        if loop is None or loop.is_closed():
            return
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if here is loop:
            function(*args)
        else:
            loop.call_soon_threadsafe(function, *args)

    def _deliver(self, ent_id: str, events: list, unread: list) -> None:
        outboxes = self.outboxes
        for recipients, event in events:
            for who in recipients:
                for outbox in outboxes.get(who, ()):
                    if outbox.owner.ent_id == ent_id:
                        outbox.push(event)
        for who, group, value, version in unread:
            totals = self.totals.get(who)
            if totals and ent_id in [one.owner.ent_id for one in outboxes[who]]:
                totals.put(group, value, version)
                if totals.early is None:
                    self._push_unread(who, group)
                else:
                    totals.early.add(group)

    def _push_unread(self, who: str, group: str) -> None:
        totals = self.totals[who]
        event = unread_json(group, totals.unread(group), totals.sum)
        for outbox in self.outboxes_of(who):
            outbox.push(event)


class Totals:
    """One member's unread by group, for the total over all of them.

    Values arrive from several processes in any order; `version` (last_seq + read_seq, which
    only grows under the conversation's lock) tells which one is newer.
    """

    __slots__ = ("groups", "read", "sum", "early")

    def __init__(self):
        self.groups: dict[str, tuple[int, int]] = {}
        """The value and version of those with anything unread."""
        self.read: dict[str, int] = {}
        """The version of the others, the latest last: a value that comes late must not count."""
        self.sum = 0
        self.early: set[str] | None = set()
        """Groups whose value came before `Hub.load`; None once that is done."""

    def unread(self, group: str) -> int:
        return self.groups[group][0] if group in self.groups else 0

    def put(self, group: str, value: int, version: int) -> None:
        counted = self.groups.get(group)
        before, known = counted or (0, self.read.get(group, -1))
        if version < known:
            return
        self.sum += value - before
        if not counted:
            self.read.pop(group, None)
        if value:
            self.groups[group] = value, version
            return
        self.groups.pop(group, None)
        self.read[group] = version
        if len(self.read) > KEPT:
            del self.read[next(iter(self.read))]


hub = Hub()
