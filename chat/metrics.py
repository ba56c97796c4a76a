"""Every figure of /metrics; docs/monitoring.md tells what each means and when to worry.

bin/serve names a folder in PROMETHEUS_MULTIPROC_DIR: each process keeps its figures in files
there, and whichever is asked answers for all. Without it (tests, manage.py) a process has its
own only. No label may hold what a visitor, member or enterprise chose: every value is a series
that Prometheus keeps.

Counting costs 0.6 µs, observing 1.6 µs (with files, Python 3.11), so what happens with each
message is counted once a batch: 7 µs a commit and 0.1 µs a message of processor time, all in all.
"""

import logging
import os
import resource
import time
from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Callable
from pathlib import Path

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from chat.protocol.errors import HTTP_STATUS

from . import metrics_files

log = logging.getLogger("kefu.metrics")

DIRECTORY = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if DIRECTORY:
    # A process that is given a dead one's number must not go on from that one's gauges.
    mark_process_dead(os.getpid())

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
"""Limits of the histograms of time: a lone commit takes 1–5 ms on a good disk, and MySQL's
read timeout ends one after 20 s."""
BATCH_SIZES = (1, 2, 5, 10, 20, 50, 100, 200)
"""Limits of the histogram of batches; writer.MAX_BATCH is the last."""
SLOW_COMMIT = 1.0
"""Seconds after which a commit is worth a line in the log: people see that they wait."""
WARN_EVERY = 10.0
"""Seconds between two such lines, or a bad disk would fill itself with them."""
CLIENT_CODES = frozenset((1000, 1001, 1005, 1006, 1009, 1011, 1012))
"""Close codes that a peer may bring to a label; others count as `other`."""


class BatchHistogram(Histogram):
    """A histogram that takes many values at once."""

    def observe_all(self, values: list[float]) -> None:
        """As `observe` for each of `values`: 0.3 µs for one of a hundred instead of 1.6."""
        counts = [0] * len(self._upper_bounds)
        for value in values:
            counts[bisect_left(self._upper_bounds, value)] += 1
        for bucket, count in zip(self._buckets, counts, strict=True):
            if count:
                bucket.inc(count)
        self._sum.inc(sum(values))


# One process or all of them: a gauge of mode livesum is added up over those that live.
WORKERS = Gauge("kefu_workers", "Processes that serve.", multiprocess_mode="livesum")
SOCKETS = Gauge(
    "kefu_sockets", "Open sockets that were let in.", ["side"], multiprocess_mode="livesum"
)
ONLINE = Gauge(
    "kefu_online",
    "People online, over all processes, as last counted.",
    ["side"],
    multiprocess_mode="livemostrecent",
)
QUEUE = Gauge("kefu_queue_items", "Items that wait to be stored.", multiprocess_mode="livesum")
LAG = Histogram(
    "kefu_loop_lag_seconds",
    "How much later than asked the event loop ran a call, sampled each second.",
    buckets=SECONDS,
)

MESSAGES = Counter("kefu_messages_total", "Rows stored in conversations.", ["kind"])
ACK = BatchHistogram(
    "kefu_ack_seconds",
    "From a message's frame to its acceptance after the commit; sockets only.",
    buckets=SECONDS,
)
BATCH = Histogram("kefu_batch_items", "Items of one commit.", buckets=BATCH_SIZES)
COMMIT = Histogram("kefu_commit_seconds", "One transaction that stores a batch.", buckets=SECONDS)
RETRIES = Counter("kefu_commit_retries_total", "Commits that were tried again.", ["reason"])
HALVED = Counter("kefu_batches_halved_total", "Batches halved to find the item that broke them.")
DATABASE_ERRORS = Counter(
    "kefu_database_errors_total", "What the database could not do.", ["where"]
)

REFUSALS = Counter("kefu_refusals_total", "Frames and forms refused.", ["code"])
LIMITED = Counter("kefu_limited_total", "What a limit of a scope refused.", ["limit", "scope"])
CLOSES = Counter("kefu_socket_closes_total", "Sockets closed.", ["by", "code"])
BUS = Counter("kefu_bus_total", "What became of announcements to other processes.", ["result"])
LOGINS = Counter("kefu_logins_total", "Sign-ins of members.", ["result"])
REQUESTS = Histogram(
    "kefu_http_request_seconds", "Requests by class of status.", ["status"], buckets=SECONDS
)

CPU = Counter("kefu_process_cpu_seconds_total", "Processor time of all processes, ended ones too.")
MEMORY = Gauge(
    "kefu_process_resident_memory_bytes", "Memory of a process.", multiprocess_mode="liveall"
)
FILES = Gauge("kefu_process_open_fds", "Open files of a process.", multiprocess_mode="liveall")
MAX_FILES = Gauge(
    "kefu_process_max_fds", "Files that a process may open.", multiprocess_mode="liveall"
)
PERIODIC = Gauge(
    "kefu_process_chores_time_seconds",
    "When a process last came through its chores.",
    multiprocess_mode="liveall",
)
STARTED = Gauge(
    "kefu_process_start_time_seconds", "When a process began.", multiprocess_mode="liveall"
)

KINDS = {1: "message", 2: "notice", 3: "note", 4: "notice"}
"""models.MessageType, below which this module stands."""

# Series that are there from the start: the first error is a step from 0, not a new line.
for metric, values in (
    (SOCKETS, ("agent", "visitor")),
    (ONLINE, ("agent", "visitor")),
    (MESSAGES, KINDS.values()),
    (RETRIES, ("deadlock", "connection", "duplicate")),
    (DATABASE_ERRORS, ("write", "read", "page", "beat", "chore")),
    (REFUSALS, HTTP_STATUS),
    (BUS, ("sent", "failed", "dropped", "receive_failed")),
    (LOGINS, ("ok", "failed", "locked")),
    (REQUESTS, ("2xx", "3xx", "4xx", "5xx")),
):
    for value in values:
        metric.labels(value)
for code in (4400, 4401, 4403, 4404, 4408, 4429, 4503):
    CLOSES.labels("server", str(code))


def start_process() -> None:
    """This process serves from now on, maybe in the place of one that has ended."""
    if DIRECTORY:
        with metrics_files.exclusive(Path(DIRECTORY)):
            metrics_files.merge_ended(Path(DIRECTORY))
    WORKERS.set(1)
    MAX_FILES.set(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    STARTED.set(time.time())


def exposition() -> bytes:
    """All figures in Prometheus' text format: of all processes, or of this one alone."""
    if not DIRECTORY:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    with metrics_files.exclusive(Path(DIRECTORY)):
        metrics_files.merge_ended(Path(DIRECTORY))
        return generate_latest(registry)


class ThrottledLog:
    """Lets a warning through once in `every` seconds, and counts those it held back."""

    def __init__(self, every: float, clock: Callable[[], float] = time.monotonic):
        self.every, self.clock = every, clock
        self.next = 0.0
        self.held = 0

    def due(self) -> int | None:
        """How many were held back since the last one; None: hold this one back too."""
        now = self.clock()
        if now < self.next:
            self.held += 1
            return None
        held, self.held, self.next = self.held, 0, now + self.every
        return held

    def warn(self, logger: logging.Logger, message: str, *args) -> None:
        """Logs a warning if it is due."""
        if (held := self.due()) is not None:
            logger.warning(f"{message} (%d more since the last such line)", *args, held)


slow_commits = ThrottledLog(WARN_EVERY)


def count_commit(items: list, seconds: float, database: str) -> None:
    """Counts one commit of `items` (posting.Draft and Mark), which took `seconds`."""
    BATCH.observe(len(items))
    COMMIT.observe(seconds)
    if seconds >= SLOW_COMMIT:
        slow_commits.warn(
            log,
            "slow commit: %d items, %d characters took %d ms on %s",
            len(items),
            sum(len(getattr(item, "content", "")) for item in items),
            seconds * 1000,
            database,
        )


def count_stored(kinds: list[int]) -> None:
    """Counts stored rows by kind."""
    for kind, count in Tally(kinds).items():
        MESSAGES.labels(KINDS[kind]).inc(count)


def count_results(events: list[dict | None], arrivals: list[float], now: float) -> None:
    """Counts a batch's answers: how long acceptances took, and why others were refused."""
    waits = []
    for event, arrival in zip(events, arrivals, strict=True):
        if event is None:
            continue
        if event["type"] == "message.accepted":
            waits.append(now - arrival)
        elif event["type"] == "error":
            REFUSALS.labels(event["code"]).inc()
    if waits:
        ACK.observe_all(waits)


def count_close(by: str, code: int) -> None:
    """Counts a closed socket; `by` is `server` (our codes) or `client` (anything)."""
    known = by == "server" or code in CLIENT_CODES
    CLOSES.labels(by, str(code) if known else "other").inc()
