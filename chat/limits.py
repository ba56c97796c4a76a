"""How much one visitor, one address, one enterprise and one member may bring.

Each rate is a token bucket for each key: `burst` at once, then `per_second`. Buckets live in
this process's memory, so taking from one waits for nothing. Several processes tell each other
about once a second what was taken (chat/delivery/bus.py), so a limit holds for all of them
together to within a second and a tenth of the burst; without Redis each process limits by itself.

Agents are counted by member only, as many of them may sit behind one address; but for the forms
of an account, before anybody knows who sends them.
"""

import ipaddress
import math
import threading
import time
from typing import NamedTuple

from django.conf import settings

from chat.protocol.errors import Refused

from . import metrics


class Rate(NamedTuple):
    burst: int
    per_second: float


RATES = {
    # All that is stored: messages, and what agents do with a conversation. Nobody types a
    # hundred at once; a page that was offline for long sends what has waited. 3,000 and 300/s
    # are what an enterprise of 10,000 visitors at one message in 30 s needs.
    "message": {
        "visitor": Rate(100, 1),
        "address": Rate(600, 10),
        "enterprise": Rate(3_000, 300),
        "member": Rate(300, 20),
    },
    # First messages: a row, a conversation, a seat for each agent, and a ring at each desk.
    "newcomer": {"address": Rate(60, 0.2), "enterprise": Rate(1_000, 20)},
    # First messages with the same text: what goes beyond is held (spam.py), not refused. One
    # visitor counts once, however often a message is sent until it is stored. Five
    # people may have read the same instructions; who sends more of it an hour is a machine.
    "same_text": {"text": Rate(5, 5 / 3600), "try": Rate(1, 1 / 3600)},
    # MiB of files, each file at least one. 100 at once is a folder of photographs; what goes on
    # is what fills a disk: 5 GB a day from a visitor, 22 from an address or an enterprise.
    "upload": {
        "visitor": Rate(100, 0.05),
        "address": Rate(400, 0.25),
        "enterprise": Rate(2_000, 0.25),
        "member": Rate(400, 0.5),
    },
    # A page tells that somebody types at most twice a second.
    "typing": {"visitor": Rate(10, 4), "member": Rate(10, 4)},
    # A window tells it when another conversation is opened, when somebody comes to look, at most
    # once in two seconds, and every 25 s.
    "viewing": {"member": Rate(20, 2)},
    # A page tells where it is at most once in three seconds.
    "page": {"visitor": Rate(20, 0.5)},
    # A page of the enterprise's site tells every 15 s that it is looked at: 300/s are 4,500 such
    # pages at once, and 20/s an office of 300.
    "visit": {"address": Rate(600, 20), "enterprise": Rate(3_000, 300)},
    # A row for each new browser there.
    "arrival": {"address": Rate(120, 0.5), "enterprise": Rate(2_000, 50)},
    # Read cursors: a page moves it with each batch that is seen.
    "read": {"visitor": Rate(100, 10), "member": Rate(600, 100)},
    # Requests of both sides, and syncs, up to 500 messages each. A page without a socket asks
    # every 5 s, so 50/s is an office of 250 whose proxy knows no sockets.
    "fetch": {"visitor": Rate(300, 10), "address": Rate(1_000, 50), "member": Rate(1_200, 50)},
    # Forms of one's account: a password costs a tenth of a second of a core to check, and is
    # locked by name and address only, so whoever tries many names would have a core to himself.
    # 100 is an office that begins at nine.
    "account": {"address": Rate(100, 1)},
    # A search reads up to 50,000 messages; one is sent at each pause while a word is typed.
    "search": {"member": Rate(30, 2)},
    # A transcript reads all of a conversation.
    "transcript": {"visitor": Rate(20, 0.02), "address": Rate(100, 0.5)},
    # A mail goes to whom the visitor names, so it must be no way to fill somebody's mailbox.
    "mail": {
        "visitor": Rate(3, 1 / 1200),
        "address": Rate(30, 1 / 120),
        "enterprise": Rate(300, 0.2),
        "recipient": Rate(3, 1 / 3600),
    },
    # Opening: after a restart all pages behind one address come back within a second.
    "socket": {"address": Rate(600, 30), "member": Rate(100, 2)},
}
"""What is counted, for whom, how much. Scopes that a name leaves out are not limited in it."""

MAX_SOCKETS = {"visitor": 20, "address": 500, "enterprise": 100_000, "member": 20}
"""Open sockets: windows, devices, and what a reconnect leaves until it is found dead; an office
or a provider's shared address; ten processes at the measured 10,000."""

MAX_KEYS = 50_000
"""Buckets of one limit in memory, about 8 MB. Twice as many are kept for a while; past that the
longest unused are forgotten, as if full: an attacker with many addresses fills no memory."""
SHARE_FROM = 0.1
"""Part of its burst that a key must have used before the other processes are told: nearly
nobody ever does, so in quiet times there is nothing to tell."""
SHARE_EVERY = 1
"""Seconds between two tellings."""
SHARE_SOCKETS_EVERY = 10
"""Seconds after which the counts of open sockets are told again, changed or not."""
PEER_EXPIRY = 30
"""Seconds after which another process that says nothing has no sockets any more."""
EPSILON = 1e-6
"""Seconds: what adding a thousand fractions may be off by."""


def address_keys(address: str) -> dict[str, str]:
    return visitor_keys(None, address, "")


def visitor_keys(who: str | None, address: str, ent_id: str) -> dict[str, str]:
    """Whom a visitor's doing is counted for; `who` is None before anything is known of them."""
    keys = {"visitor": who, "address": network(address), "enterprise": ent_id}
    return {scope: key for scope, key in keys.items() if key}


def member_keys(who: str) -> dict[str, str]:
    return {"member": who}


def network(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that an IPv6 customer has at
    least; "" for none, as behind a Unix socket without forwarded addresses."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if ip.version == 6 and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(ip) >> 64 << 64, 64)))
    return str(getattr(ip, "ipv4_mapped", None) or ip)


class Buckets:
    """The token buckets of one rate: for each key one number, when its bucket will be full.

    A key that was not used for long enough to be full needs no number, so forgetting is safe.
    `old` holds those that were not used since `young` began.
    """

    __slots__ = ("step", "room", "young", "old", "taken")

    def __init__(self, rate: Rate):
        self.step = 1 / rate.per_second
        self.room = rate.burst * self.step
        self.young: dict[str, float] = {}
        self.old: dict[str, float] = {}
        self.taken: dict[str, int] = {}
        """What was taken here and not told yet."""

    def full_at(self, key: str) -> float:
        return self.young.get(key) or self.old.get(key, 0.0)

    def wait(self, key: str, now: float, count: int = 1) -> float:
        """Seconds until there are so many tokens; 0 or less when there are."""
        return self.full_at(key) + count * self.step - self.room - now - EPSILON

    def take(self, key: str, now: float, count: int = 1) -> None:
        """Takes tokens; what was taken in two places at once empties a bucket, and no more."""
        full_at = self.full_at(key)
        full_at = (full_at if full_at > now else now) + count * self.step
        empty_at = now + self.room
        self.young[key] = full_at if full_at < empty_at else empty_at
        if len(self.young) > MAX_KEYS:
            self.old, self.young = self.young, {}

    def remember(self, key: str, count: int = 1) -> None:
        """Counts tokens that the other processes may have to know of."""
        self.taken[key] = self.taken.get(key, 0) + count
        if len(self.taken) > MAX_KEYS:
            self.taken.clear()

    def news(self, now: float) -> dict[str, int]:
        """The tokens taken, by key, that are worth telling; each is told once."""
        told = {}
        for key in list(self.taken):
            owed = self.full_at(key) - now
            if owed <= 0:
                del self.taken[key]
            elif owed >= self.room * SHARE_FROM:
                told[key] = self.taken.pop(key)
        return told


class Limits:
    """All buckets and socket counts of this process. Every method may be called from any thread;
    `clock` gives monotonic seconds."""

    def __init__(self, clock=time.monotonic):
        self.clock = clock
        self.lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """As in a process that has just begun."""
        self.buckets = {
            name: {scope: Buckets(rate) for scope, rate in scopes.items()}
            for name, scopes in RATES.items()
        }
        self.open: dict[tuple[str, str], int] = {}
        self.peers: dict[str, tuple[float, dict[tuple[str, str], int]]] = {}
        self.changed = False
        self.told_at = 0.0

    def take(self, name: str, keys: dict[str, str], count: int = 1) -> None:
        """Takes one token, or `count`, from each key's bucket for `name`; refuses (rate_limited),
        and takes none, when one of them has too few."""
        if not settings.RATE_LIMITS:
            return
        now = self.clock()
        wait, narrowest = 0.0, ""
        with self.lock:
            limits = self.buckets[name]
            concerned = [place for place in keys.items() if place[0] in limits]
            for scope, key in concerned:
                if (own := limits[scope].wait(key, now, count)) > wait:
                    wait, narrowest = own, scope
            if not wait:
                for scope, key in concerned:
                    limits[scope].take(key, now, count)
                if settings.REDIS_URL:
                    for scope, key in concerned:
                        limits[scope].remember(key, count)
                return
        metrics.LIMITED.labels(name, narrowest).inc()
        detail = "Too much at once; nothing was stored. Wait, then send it again."
        raise Refused("rate_limited", detail, retry_after=math.ceil(wait))

    def has(self, name: str, keys: dict[str, str], count: int) -> bool:
        """Whether each key's bucket has so many tokens; takes none."""
        if not settings.RATE_LIMITS:
            return True
        now, limits = self.clock(), self.buckets[name]
        with self.lock:
            return all(limits[scope].wait(key, now, count) <= 0 for scope, key in keys.items())

    def spare(self, name: str, keys: dict[str, str]) -> bool:
        """Takes a token from each key's bucket; False, and takes none, where one has none. Refuses
        nothing."""
        if not settings.RATE_LIMITS:
            return True
        now, limits = self.clock(), self.buckets[name]
        with self.lock:
            if any(limits[scope].wait(key, now) > 0 for scope, key in keys.items()):
                return False
            for scope, key in keys.items():
                limits[scope].take(key, now)
                if settings.REDIS_URL:
                    limits[scope].remember(key)
        return True

    def enter(self, keys: dict[str, str]) -> bool:
        """Counts a socket that opens; False, and not counted, when there are too many."""
        with self.lock:
            for scope, key in keys.items() if settings.RATE_LIMITS else ():
                if self.count(scope, key) >= MAX_SOCKETS[scope]:
                    metrics.LIMITED.labels("open", scope).inc()
                    return False
            for place in keys.items():
                self.open[place] = self.open.get(place, 0) + 1
            self.changed = True
        return True

    def count(self, scope: str, key: str) -> int:
        """Sockets of one key here and in the processes that were heard of lately."""
        since = self.clock() - PEER_EXPIRY
        others = (table.get((scope, key), 0) for at, table in self.peers.values() if at > since)
        return self.open.get((scope, key), 0) + sum(others)

    def leave(self, keys: dict[str, str]) -> None:
        """A socket that entered is gone."""
        with self.lock:
            for place in keys.items():
                self.open[place] -= 1
                if not self.open[place]:
                    del self.open[place]
            self.changed = True

    def news(self) -> dict | None:
        """What the other processes should know by now, for `heard`; None for nothing.

        `taken`: [name, scope, key, tokens]; `sockets`: all counts [scope, key, n] from two on,
        or None where nothing changed.
        """
        now = self.clock()
        with self.lock:
            taken = [
                [name, scope, key, count]
                for name, scopes in self.buckets.items()
                for scope, buckets in scopes.items()
                for key, count in buckets.news(now).items()
            ]
            sockets = None
            if self.changed or now - self.told_at >= SHARE_SOCKETS_EVERY:
                sockets = [[*place, count] for place, count in self.open.items() if count > 1]
                self.changed, self.told_at = False, now
        return {"taken": taken, "sockets": sockets} if taken or sockets is not None else None

    def heard(self, node: str, news: dict) -> None:
        """Takes over what another process says by `news`; what only it knows is passed over."""
        now = self.clock()
        with self.lock:
            for name, scope, key, count in news["taken"]:
                if buckets := self.buckets.get(name, {}).get(scope):
                    buckets.take(key, now, count)
            if news["sockets"] is not None:
                table = {(scope, key): count for scope, key, count in news["sockets"]}
                self.peers[node] = now, table
            for gone in [node for node, (at, _) in self.peers.items() if now - at > PEER_EXPIRY]:
                del self.peers[gone]


limits = Limits()

# Series that are there from the start, see metrics.py.
for limited, scopes in {**RATES, "open": MAX_SOCKETS}.items():
    for limited_scope in scopes:
        metrics.LIMITED.labels(limited, limited_scope)
