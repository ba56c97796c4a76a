"""The metrics of /metrics. docs/monitoring.md explains each and when to alert.

bin/serve sets PROMETHEUS_MULTIPROC_DIR to a directory: each process writes its metrics to files
there, and any process can report them all. Without it (tests, manage.py) a process reports only its
own. No label may have a value that a visitor, member or enterprise chose, because Prometheus keeps
a series for every value.

Incrementing a counter costs 0.6 µs, observing a value 1.6 µs (with files, Python 3.11). So messages
are counted once a batch, which costs 7 µs a commit and 0.1 µs a message.
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

from chat.protocol import channels
from chat.protocol.errors import HTTP_STATUS

from . import metrics_files

log = logging.getLogger("kefu.metrics")

DIRECTORY = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if DIRECTORY:
    # In memory it goes with a person's logout (systemd's RemoveIPC).
    os.makedirs(DIRECTORY, 0o700, exist_ok=True)
    # A process with the pid of a dead one must not continue that one's gauges.
    mark_process_dead(os.getpid())

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
"""The buckets of histograms of time, in seconds: a commit takes 1–5 ms on a good disk, and MySQL's
read timeout is 20 s."""
BATCH_SIZES = (1, 2, 5, 10, 20, 50, 100, 200)
"""The buckets of the histogram of batch sizes; the last is writer.MAX_BATCH."""
SLOW_COMMIT = 1.0
"""Seconds from which on a commit is logged as slow: people notice the delay."""
WARN_EVERY = 10.0
"""Seconds between two warnings of one kind, so that a failing disk does not flood the log."""
CLIENT_CODES = frozenset((1000, 1001, 1005, 1006, 1009, 1011, 1012))
"""Close codes of clients that become a label's value; others count as `other`."""


class BatchHistogram(Histogram):
    """A histogram that can observe many values at once."""

    def observe_all(self, values: list[float]) -> None:
        """As `observe` for each of `values`: 0.3 µs for one of a hundred instead of 1.6."""
        counts = [0] * len(self._upper_bounds)
        for value in values:
            counts[bisect_left(self._upper_bounds, value)] += 1
        for bucket, count in zip(self._buckets, counts, strict=True):
            if count:
                bucket.inc(count)
        self._sum.inc(sum(values))


# A gauge of mode livesum is the sum over the running processes.
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
STREAM = Counter("kefu_stream_events_total", "Events that got their place in a stream.")
WEBHOOKS = Counter("kefu_webhook_tries_total", "Tries to deliver an event.", ["result"])
PUSHES = Counter("kefu_pushes_total", "Tries to push to a member's device.", ["result"])
SEARCHES = Histogram("kefu_article_search_seconds", "Searches in articles.", buckets=SECONDS)
EMBEDDING_SECONDS = Histogram(
    "kefu_embedding_seconds", "Until a model's vectors are there.", ["of"], buckets=SECONDS
)
ASSISTANT = Counter(
    "kefu_assistant_tasks_total", "What came of the assistant's tasks.", ["kind", "state", "cause"]
)
ASSISTANT_SECONDS = Histogram(
    "kefu_assistant_seconds", "From a request to the end of a model's answer.", buckets=SECONDS
)
ASSISTANT_TOKENS = Counter("kefu_assistant_tokens_total", "Tokens of models.", ["of"])
CHANNELS = Counter(
    "kefu_channel_messages_total", "Messages of channels, and what came of them.", ["kind", "state"]
)
ROBOTS = Counter(
    "kefu_robot_messages_total", "Tries to send a message to a robot.", ["kind", "result"]
)
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
    "kefu_process_periodic_time_seconds",
    "When a process last completed its periodic tasks.",
    multiprocess_mode="liveall",
)
STARTED = Gauge(
    "kefu_process_start_time_seconds", "When a process began.", multiprocess_mode="liveall"
)

KINDS = {1: "message", 2: "notice", 3: "note", 4: "notice"}
"""The label of each GroupMessage.Type; this module must not import models."""

# These series exist from the start, so that the first error is an increase from 0.
for metric, values in (
    (SOCKETS, ("agent", "visitor")),
    (ONLINE, ("agent", "visitor")),
    (MESSAGES, KINDS.values()),
    (RETRIES, ("deadlock", "connection", "duplicate")),
    (DATABASE_ERRORS, ("write", "read", "page", "tick", "periodic")),
    (REFUSALS, HTTP_STATUS),
    (BUS, ("sent", "failed", "dropped", "receive_failed")),
    (LOGINS, ("ok", "failed", "locked")),
    (WEBHOOKS, ("arrived", "failed")),
    (PUSHES, ("sent", "later", "failed")),
    (ASSISTANT_TOKENS, ("prompt", "completion")),
    (REQUESTS, ("2xx", "3xx", "4xx", "5xx")),
):
    for value in values:
        metric.labels(value)
for state, cause in (
    ("answered", ""),
    ("refused", "nothing"),
    *(("handed_over", cause) for cause in ("endpoint", "late", "budget")),
):
    ASSISTANT.labels("answer", state, cause)
for kind in channels.KINDS:
    for state in ("received", "sent", "failed"):
        CHANNELS.labels(kind, state)
for kind in ("feishu", "dingtalk", "wecom", "slack", "teams"):
    for result in ("sent", "later", "failed"):
        ROBOTS.labels(kind, result)
for code in (4400, 4401, 4403, 4404, 4408, 4429, 4503):
    CLOSES.labels("server", str(code))


def start_process() -> None:
    """Initialises the metrics of a process that begins to serve, and merges those of ended ones."""
    if DIRECTORY:
        with metrics_files.exclusive(Path(DIRECTORY)):
            metrics_files.merge_ended(Path(DIRECTORY))
    WORKERS.set(1)
    MAX_FILES.set(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    STARTED.set(time.time())


def exposition() -> bytes:
    """The metrics in Prometheus' text format: of all processes, or of this one without a
    directory."""
    if not DIRECTORY:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    with metrics_files.exclusive(Path(DIRECTORY)):
        metrics_files.merge_ended(Path(DIRECTORY))
        return generate_latest(registry)


class ThrottledLog:
    """Logs a warning at most once in `every` seconds, and counts those that it suppressed. `clock`
    gives monotonic seconds."""

    def __init__(self, every: float, clock: Callable[[], float] = time.monotonic):
        self.every, self.clock = every, clock
        self.next = 0.0
        self.suppressed = 0

    def due(self) -> int | None:
        """How many warnings were suppressed since the last one; None: suppress this one, too."""
        now = self.clock()
        if now < self.next:
            self.suppressed += 1
            return None
        suppressed, self.suppressed, self.next = self.suppressed, 0, now + self.every
        return suppressed

    def warn(self, logger: logging.Logger, message: str, *args) -> None:
        """Logs a warning, with the number of suppressed ones, if it is due."""
        if (suppressed := self.due()) is not None:
            logger.warning(f"{message} (%d more since the last such line)", *args, suppressed)


slow_commits = ThrottledLog(WARN_EVERY)


def count_commit(items: list, seconds: float, database: str) -> None:
    """Counts a commit of `items` (posting.batches.Item), which took `seconds` on `database` (its
    vendor), and logs it if it was slow."""
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
    """Counts stored rows. `kinds` are their message types, keys of KINDS."""
    for kind, count in Tally(kinds).items():
        MESSAGES.labels(KINDS[kind]).inc(count)


def count_results(events: list[dict | None], arrivals: list[float], now: float) -> None:
    """Counts the results of a batch: the time from `arrivals` to `now` (monotonic seconds) of
    accepted messages, and the codes of refusals."""
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


def count_asked(seconds: float | None, prompt_tokens: int, completion_tokens: int) -> None:
    """Counts what a model was asked; `seconds` None: it gave no answer."""
    if seconds is not None:
        ASSISTANT_SECONDS.observe(seconds)
    ASSISTANT_TOKENS.labels("prompt").inc(prompt_tokens)
    ASSISTANT_TOKENS.labels("completion").inc(completion_tokens)


def count_close(by: str, code: int) -> None:
    """Counts a closed socket. `by` is `server` or `client`, whose code may be any number."""
    known = by == "server" or code in CLIENT_CODES
    CLOSES.labels(by, str(code) if known else "other").inc()
