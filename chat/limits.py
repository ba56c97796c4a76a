"""Rate limits for visitors, network addresses, enterprises and members, and limits of open sockets.

Each rate is a token bucket for each key: `burst` tokens at once, refilled with `per_second`.
Buckets are in this process's memory, so taking a token waits for nothing. Processes share what was
taken about once a second (chat/delivery/bus.py), so a limit is exceeded by a second and a tenth of
the burst at the most. Without Redis each process has its own limits.

Agents are limited by member only, because many of them may share an address; except for account
forms, whose sender is not known yet.
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
    """Tokens of a full bucket, and tokens that are refilled per second."""

    burst: int
    per_second: float


RATES = {
    # Messages and actions. A hundred at once are sent by a page that was offline for long. 3,000
    # and 300/s are what 10,000 visitors need who send a message every 30 s.
    "message": {
        "visitor": Rate(100, 1),
        "address": Rate(600, 10),
        "enterprise": Rate(3_000, 300),
        "member": Rate(300, 20),
    },
    # First messages: they store a visitor, a conversation and a seat for each agent, and alert the
    # agents.
    "newcomer": {"address": Rate(60, 0.2), "enterprise": Rate(1_000, 20)},
    # First messages with the same text: more go to quarantine (visitors/spam.py). Five people an
    # hour may have copied the same instructions. `try` makes a visitor's retries count once.
    "same_text": {"text": Rate(5, 5 / 3600), "try": Rate(1, 1 / 3600)},
    # MiB of files, at least one for each file. 100 at once is a folder of photographs; per second
    # it is 4.5 GB a day from a visitor, 22 GB from an address or an enterprise.
    "upload": {
        "visitor": Rate(100, 0.05),
        "address": Rate(400, 0.25),
        "enterprise": Rate(2_000, 0.25),
        "member": Rate(400, 0.5),
    },
    # A page sends typing frames at most twice a second.
    "typing": {"visitor": Rate(10, 4), "member": Rate(10, 4)},
    # A window sends viewing frames when another conversation is opened or the window is shown, at
    # most once in two seconds, and every 25 s.
    "viewing": {"member": Rate(20, 2)},
    # A page sends page frames at most once in three seconds.
    "page": {"visitor": Rate(20, 0.5)},
    # A page of the enterprise's site reports its visit every 15 s: 300/s are 4,500 open pages, and
    # 20/s those of an office of 300.
    "visit": {"address": Rate(600, 20), "enterprise": Rate(3_000, 300)},
    # New visits to the enterprise's sites, of which each stores a row.
    "arrival": {"address": Rate(120, 0.5), "enterprise": Rate(2_000, 50)},
    # Read cursors: a page moves its cursor with each batch of messages that is seen.
    "read": {"visitor": Rate(100, 10), "member": Rate(600, 100)},
    # Requests of both sides, and syncs, of up to 500 messages each. A page without a socket sends
    # one every 5 s, so 50/s is an office of 250 whose proxy blocks sockets.
    "fetch": {"visitor": Rate(300, 10), "address": Rate(1_000, 50), "member": Rate(1_200, 50)},
    # Account forms: a password takes 0.1 s of processor time to check, and the lock is by name and
    # address, so trying many names would use up a core. 100 is an office that begins at nine.
    "account": {"address": Rate(100, 1)},
    # A search scans up to 50,000 messages; a page sends one at each pause in typing.
    "search": {"member": Rate(30, 2)},
    # A transcript reads a whole conversation.
    "transcript": {"visitor": Rate(20, 0.02), "address": Rate(100, 0.5)},
    # The visitor chooses the recipient of a mail, whose mailbox must not be flooded.
    "mail": {
        "visitor": Rate(3, 1 / 1200),
        "address": Rate(30, 1 / 120),
        "enterprise": Rate(300, 0.2),
        "recipient": Rate(3, 1 / 3600),
    },
    # Opening sockets: after a restart all pages behind an address reconnect within a second.
    "socket": {"address": Rate(600, 30), "member": Rate(100, 2)},
}
"""The rate of each limit and scope. A scope without a rate is not limited."""

MAX_SOCKETS = {"visitor": 20, "address": 500, "enterprise": 100_000, "member": 20}
"""Open sockets by scope. Of a person: windows, devices, and dead sockets before they are detected;
of an address: an office, or a provider's shared address; of an enterprise: ten processes with
10,000 each, as measured."""

MAX_KEYS = 50_000
"""Buckets of one rate in memory, about 8 MB. Up to twice as many are kept; then the longest unused
are dropped, as if full, so that an attacker with many addresses cannot fill the memory."""
SHARE_FROM = 0.1
"""The part of its burst that a key must have used before its tokens are shared with other
processes. Few keys ever use so much, so there is usually nothing to share."""
SHARE_EVERY = 1
"""Seconds between two updates to other processes."""
SHARE_SOCKETS_EVERY = 10
"""Seconds after which the counts of open sockets are shared again, even if they did not change."""
PEER_EXPIRY = 30
"""Seconds without an update after which another process's sockets are not counted any more."""
EPSILON = 1e-6
"""Seconds: the rounding error of a thousand additions."""


def address_keys(address: str) -> dict[str, str]:
    """The keys of a request of which only the network address is known."""
    return visitor_keys(None, address, "")


def visitor_keys(who: str | None, address: str, ent_id: str) -> dict[str, str]:
    """The keys of a visitor (uuid) by scope; `who` is None before they are identified."""
    keys = {"visitor": who, "address": network(address), "enterprise": ent_id}
    return {scope: key for scope, key in keys.items() if key}


def member_keys(who: str) -> dict[str, str]:
    """The keys of a member (uuid)."""
    return {"member": who}


def network(address: str) -> str:
    """The key of a network address: the IPv4 address, or the /64 network of an IPv6 address, which
    is the smallest that providers assign. "" for none, as behind a Unix socket without forwarded
    addresses."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if ip.version == 6 and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(ip) >> 64 << 64, 64)))
    return str(getattr(ip, "ipv4_mapped", None) or ip)


class Buckets:
    """The token buckets of one rate. A bucket is one number: when it will be full, in the clock's
    seconds.

    A full bucket needs no number, so dropping the longest unused ones is safe. `old` contains those
    that were not used since `young` was started.
    """

    __slots__ = ("step", "room", "young", "old", "taken")

    def __init__(self, rate: Rate):
        self.step = 1 / rate.per_second
        self.room = rate.burst * self.step
        self.young: dict[str, float] = {}
        self.old: dict[str, float] = {}
        self.taken: dict[str, int] = {}
        """Tokens that were taken in this process and are not shared yet, by key."""

    def full_at(self, key: str) -> float:
        return self.young.get(key) or self.old.get(key, 0.0)

    def wait(self, key: str, now: float, count: int = 1) -> float:
        """Seconds until the bucket has `count` tokens; 0 or less if it has."""
        return self.full_at(key) + count * self.step - self.room - now - EPSILON

    def take(self, key: str, now: float, count: int = 1) -> None:
        """Takes `count` tokens. A bucket does not go below empty, even if two processes take its
        last tokens at once."""
        full_at = self.full_at(key)
        full_at = (full_at if full_at > now else now) + count * self.step
        empty_at = now + self.room
        self.young[key] = full_at if full_at < empty_at else empty_at
        if len(self.young) > MAX_KEYS:
            self.old, self.young = self.young, {}

    def record(self, key: str, count: int = 1) -> None:
        """Counts tokens that may have to be shared."""
        self.taken[key] = self.taken.get(key, 0) + count
        if len(self.taken) > MAX_KEYS:
            self.taken.clear()

    def pending(self, now: float) -> dict[str, int]:
        """The tokens to share now, by key; each token is returned once."""
        pending = {}
        for key in list(self.taken):
            owed = self.full_at(key) - now
            if owed <= 0:
                del self.taken[key]
            elif owed >= self.room * SHARE_FROM:
                pending[key] = self.taken.pop(key)
        return pending


class Limits:
    """The buckets and socket counts of this process. All methods are thread-safe. `clock` gives
    monotonic seconds. With settings.RATE_LIMITS off nothing is limited."""

    def __init__(self, clock=time.monotonic):
        self.clock = clock
        self.lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Resets everything, as in a new process."""
        self.buckets = {
            name: {scope: Buckets(rate) for scope, rate in scopes.items()}
            for name, scopes in RATES.items()
        }
        self.open_sockets: dict[tuple[str, str], int] = {}
        self.peers: dict[str, tuple[float, dict[tuple[str, str], int]]] = {}
        self.sockets_changed = False
        self.shared_at = 0.0

    def take(self, name: str, keys: dict[str, str], count: int = 1) -> None:
        """Takes `count` tokens from the bucket of each key for the limit `name`. Refuses with
        rate_limited, and takes none, if one of them has too few."""
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
                        limits[scope].record(key, count)
                return
        metrics.LIMITED.labels(name, narrowest).inc()
        detail = "Too much at once; nothing was stored. Wait, then send it again."
        raise Refused("rate_limited", detail, retry_after=math.ceil(wait))

    def has_tokens(self, name: str, keys: dict[str, str], count: int) -> bool:
        """Whether the bucket of each key has `count` tokens. Takes none."""
        if not settings.RATE_LIMITS:
            return True
        now, limits = self.clock(), self.buckets[name]
        with self.lock:
            return all(limits[scope].wait(key, now, count) <= 0 for scope, key in keys.items())

    def try_take(self, name: str, keys: dict[str, str]) -> bool:
        """Takes a token from the bucket of each key and returns True; if one has none, takes none
        and returns False."""
        if not settings.RATE_LIMITS:
            return True
        now, limits = self.clock(), self.buckets[name]
        with self.lock:
            if any(limits[scope].wait(key, now) > 0 for scope, key in keys.items()):
                return False
            for scope, key in keys.items():
                limits[scope].take(key, now)
                if settings.REDIS_URL:
                    limits[scope].record(key)
        return True

    def add_socket(self, keys: dict[str, str]) -> bool:
        """Counts a new socket and returns True; if a key has too many already, counts nothing and
        returns False."""
        with self.lock:
            for scope, key in keys.items() if settings.RATE_LIMITS else ():
                if self.count_sockets(scope, key) >= MAX_SOCKETS[scope]:
                    metrics.LIMITED.labels("open", scope).inc()
                    return False
            for place in keys.items():
                self.open_sockets[place] = self.open_sockets.get(place, 0) + 1
            self.sockets_changed = True
        return True

    def count_sockets(self, scope: str, key: str) -> int:
        """The open sockets of a key, here and in processes with a recent update."""
        since = self.clock() - PEER_EXPIRY
        others = (table.get((scope, key), 0) for at, table in self.peers.values() if at > since)
        return self.open_sockets.get((scope, key), 0) + sum(others)

    def remove_socket(self, keys: dict[str, str]) -> None:
        """Uncounts a closed socket that `add_socket` has counted."""
        with self.lock:
            for place in keys.items():
                self.open_sockets[place] -= 1
                if not self.open_sockets[place]:
                    del self.open_sockets[place]
            self.sockets_changed = True

    def pending_update(self) -> dict | None:
        """The next update for other processes (`apply_update`); None if there is nothing to share.

        `taken` is a list of [name, scope, key, tokens]. `sockets` is a list of [scope, key, count]
        with all counts above 1, or None if they did not change.
        """
        now = self.clock()
        with self.lock:
            taken = [
                [name, scope, key, count]
                for name, scopes in self.buckets.items()
                for scope, buckets in scopes.items()
                for key, count in buckets.pending(now).items()
            ]
            sockets = None
            if self.sockets_changed or now - self.shared_at >= SHARE_SOCKETS_EVERY:
                sockets = [
                    [*place, count] for place, count in self.open_sockets.items() if count > 1
                ]
                self.sockets_changed, self.shared_at = False, now
        return {"taken": taken, "sockets": sockets} if taken or sockets is not None else None

    def apply_update(self, node: str, update: dict) -> None:
        """Takes over what another process says by `update`; what only it knows is passed over."""
        now = self.clock()
        with self.lock:
            for name, scope, key, count in update["taken"]:
                if buckets := self.buckets.get(name, {}).get(scope):
                    buckets.take(key, now, count)
            if update["sockets"] is not None:
                table = {(scope, key): count for scope, key, count in update["sockets"]}
                self.peers[node] = now, table
            for gone in [node for node, (at, _) in self.peers.items() if now - at > PEER_EXPIRY]:
                del self.peers[gone]


limits = Limits()

# These series exist from the start, see metrics.py.
for limited, scopes in {**RATES, "open": MAX_SOCKETS}.items():
    for limited_scope in scopes:
        metrics.LIMITED.labels(limited, limited_scope)
