"""Rate limits for visitors, network addresses, enterprises and members, and limits of open sockets.

Each rate is a token bucket for each key: `burst` tokens at once, refilled with `per_second`.
Buckets are in this process's memory, so taking a token waits for nothing. Processes share what was
taken about once a second (chat/delivery/bus.py), so a limit is exceeded by a second and a tenth of
the burst at the most. Without Redis each process has its own limits.

Agents are limited by member only, because many of them may share an address; except for account
forms, whose sender is not known yet.
"""

import math
import threading
import time
from hashlib import sha256

from django.conf import settings

from accounts.passwords.networks import network
from chat.protocol.errors import Refused

from . import metrics
from .rates import MAX_SOCKETS, RATES, Rate

MAX_KEYS = 50_000
"""Buckets of one rate in memory, about 8 MB. Up to twice as many are kept; then the longest unused
are dropped, as if full, so that an attacker with many addresses cannot fill the memory. Those that
are full are dropped before."""
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


def recipient_key(email: str) -> str:
    """The key of a mailbox. Processes share keys, so a digest keeps the address out of that. What
    stands after a plus sign is left out, since many servers deliver it to the same mailbox."""
    name, _at, host = email.lower().rpartition("@")
    return sha256(f"{name.partition('+')[0]}@{host}".encode()).hexdigest()


class Buckets:
    """The token buckets of one rate. A bucket is one number: when it will be full, in the clock's
    seconds.

    A full bucket needs no number, so dropping the longest unused ones is safe. `old` contains those
    that were not used since `young` was started, at `turned`: a while that fills any bucket.
    """

    __slots__ = ("step", "room", "young", "old", "turned", "taken")

    def __init__(self, rate: Rate):
        self.step = 1 / rate.per_second
        self.room = rate.burst * self.step
        self.young: dict[str, float] = {}
        self.old: dict[str, float] = {}
        self.turned = 0.0
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
        if len(self.young) > MAX_KEYS or now - self.turned > self.room:
            self.old, self.young, self.turned = self.young, {}, now

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

    def standing(self, name: str, scope: str, key: str) -> tuple[int, int, int] | None:
        """How many tokens a key has in all and now, and in how many seconds it has all; None where
        nothing is limited."""
        if not settings.RATE_LIMITS:
            return None
        with self.lock:
            buckets = self.buckets[name][scope]
            owed = max(0.0, buckets.full_at(key) - self.clock())
        left = math.floor((buckets.room - owed + EPSILON) / buckets.step)
        return round(buckets.room / buckets.step), max(0, left), math.ceil(owed)

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
        """Applies an update of the process `node`. Unknown limits and scopes are ignored, because
        that process may run another version."""
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
