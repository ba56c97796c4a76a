"""A POST to an address that somebody has set up, on a thread that may wait, within a time that is
never passed.

It is written on sockets, because an HTTP library would resolve the name again, follow redirects,
use a proxy of the environment, and wait for as long as the other side sends a byte now and then.
"""

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Overdue
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from functools import cache

from django.conf import settings

from .addresses import Forbidden, Target, as_address, parse, resolve

TIMEOUT = 15.0
"""Seconds for all of a try."""
MAX_URL = 4096
"""Characters of a URL: access tokens and addresses of files that others give are long."""
MAX_HEAD, MAX_BODY = 16 * 1024, 1024
"""Bytes of an answer to a webhook that are read: its head, and the beginning of its body."""
BODY_WITHIN = 2.0
"""Seconds for the beginning of the body, once the head is there."""
MAX_LINES = 500
"""Characters of an answer that are kept."""
MAX_PAUSE = 3600.0
"""Seconds that a receiver may ask for: one that means never must not hold what it gets for days."""
GONE = 410
STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: [^\r\n]*)?\r?\n")
HEAD_END = re.compile(rb"\r?\n\r?\n")
LENGTH = re.compile(rb"\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r?\n", re.IGNORECASE)
PAUSE = re.compile(rb"\nretry-after:([^\r\n]*)", re.IGNORECASE)
CHUNKED = re.compile(rb"\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)
CHUNK = re.compile(rb"(?:\r?\n)?([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
MAX_CHUNK_LINE = 1024


@dataclass(slots=True)
class Outcome:
    """What came of a try: the status of the answer and its first lines, or what went wrong; and for
    how many seconds the receiver asks to be left alone (Retry-After)."""

    seconds: float
    status: int | None = None
    error: str = ""
    lines: str = ""
    pause: float = 0.0

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing more, for good."""
        return self.status == GONE


class Late(Exception):
    """The time is over."""


class Answer:
    """An answer that is being read: its head, and its body as it comes until `deadline`."""

    def __init__(self, connection: socket.socket, deadline: float):
        self.connection, self.deadline = connection, deadline
        self.head, self.found = read_head(connection, deadline)

    @property
    def status(self) -> int:
        return status_of(self.head)

    def pieces(self) -> Iterator[bytes]:
        """The body without its chunks' frames. Raises Late, OSError, and ValueError where it ends
        before its end."""
        if CHUNKED.search(self.head):
            while size := self.chunk_size():
                yield from self.next(size)
        elif length := LENGTH.search(self.head):
            yield from self.next(int(length[1]))
        else:
            while self.found or self.more():
                piece, self.found = self.found, b""
                yield piece

    def next(self, size: int) -> Iterator[bytes]:
        while size:
            if not self.found and not self.more():
                raise ValueError("the answer ends in the middle")
            piece, self.found = self.found[:size], self.found[size:]
            size -= len(piece)
            yield piece

    def chunk_size(self) -> int:
        while not (line := CHUNK.match(self.found)):
            if len(self.found) > MAX_CHUNK_LINE or not self.more():
                raise ValueError("the answer ends in the middle")
        self.found = self.found[line.end() :]
        return int(line[1], 16)

    def more(self) -> bool:
        piece = receive(self.connection, self.deadline)
        self.found += piece
        return bool(piece)


def post(url: str, headers: dict[str, str], body: bytes, timeout: float = TIMEOUT) -> Outcome:
    """A webhook's try. Whatever goes wrong on the way is in the outcome."""
    began = time.monotonic()
    outcome = Outcome(0.0)
    try:
        with sent(url, headers, body, began + timeout, settings.WEBHOOK_ALLOW) as answer:
            outcome.status, outcome.pause = answer.status, pause_of(answer.head)
            outcome.lines = lines_of(beginning(answer))
        if outcome.status is not None and 300 <= outcome.status < 400:
            outcome.error = "redirects are not followed"
    except Forbidden as error:
        outcome.error = f"refused: {error}"
    except (Late, TimeoutError):
        outcome.error = f"no answer within {timeout:g} seconds"
    except ssl.SSLCertVerificationError as error:
        outcome.error = f"its certificate is not valid: {error.verify_message}"[:200]
    except ssl.SSLError:
        outcome.error = "TLS failed"
    except ValueError as error:
        outcome.error = str(error)[:200]
    except OSError as error:
        outcome.error = f"no connection: {error.strerror or 'it failed'}"[:200]
    outcome.seconds = round(time.monotonic() - began, 3)
    return outcome


@contextmanager
def sent(
    url: str,
    headers: dict[str, str],
    body: bytes,
    deadline: float,
    allowed: Sequence[str],
    method: str = "POST",
) -> Iterator[Answer]:
    """Sends it where it may lead (addresses.py), and gives the answer once its head is there. All
    of it ends at `deadline`, of time.monotonic. Raises Forbidden, Late, ValueError, OSError."""
    target = parse(url, MAX_URL)
    lines = [f"{method} {target.path} HTTP/1.1", f"Host: {target.authority}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    with connect(target, look_up(target, allowed, deadline), deadline) as connection:
        rest = memoryview("\r\n".join(lines).encode("ascii") + body)
        while rest:
            connection.settimeout(left(deadline))
            rest = rest[connection.send(rest) :]
        yield Answer(connection, deadline)


def look_up(target: Target, allowed: Sequence[str], deadline: float) -> list[str]:
    """The addresses of the host. A name server may take its time: the thread that asks it is left
    behind."""
    if as_address(target.host):
        return resolve(target, allowed)
    found: Future[list[str]] = Future()

    def ask() -> None:
        try:
            found.set_result(resolve(target, allowed))
        except BaseException as error:
            found.set_exception(error)

    threading.Thread(target=ask, name="kefu-resolve", daemon=True).start()
    try:
        return found.result(left(deadline))
    except Overdue:
        raise Late from None


def left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise Late
    return seconds


def connect(target: Target, addresses: list[str], deadline: float) -> socket.socket:
    """A connection to the first of these addresses that takes one; of TLS, with a certificate for
    the host's name. One that does not answer leaves the others their share of the time."""
    for tried, address in enumerate(addresses):
        try:
            share = left(deadline) / (len(addresses) - tried)
            plain = socket.create_connection((address, target.port), share)
            break
        except OSError:
            if address == addresses[-1]:
                raise
    if not target.secure:
        return plain
    try:
        plain.settimeout(left(deadline))
        return trust().wrap_socket(plain, server_hostname=target.host.rstrip("."))
    except BaseException:
        plain.close()
        raise


@cache
def trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def read_head(connection: socket.socket, deadline: float) -> tuple[bytes, bytes]:
    """The head of the answer, and what came with it of the body. Raises ValueError where it is no
    HTTP."""
    found = b""
    while True:
        while not (end := HEAD_END.search(found)):
            more = receive(connection, deadline)
            found += more
            if not more or len(found) > MAX_HEAD:
                raise ValueError("the answer is no HTTP")
        head, found = found[: end.end()], found[end.end() :]
        if status_of(head) >= 200:
            return head, found


def receive(connection: socket.socket, deadline: float) -> bytes:
    connection.settimeout(left(deadline))
    return connection.recv(4096)


def status_of(head: bytes) -> int:
    first = STATUS.match(head)
    if not first:
        raise ValueError("the answer is no HTTP")
    return int(first[1])


def pause_of(head: bytes) -> float:
    """The seconds that Retry-After names, or those until its date; 0 where it means nothing."""
    found = PAUSE.search(head)
    text = found[1].decode("latin-1").strip() if found else ""
    if text.isascii() and text.isdecimal():
        return min(float(text), MAX_PAUSE)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    now = datetime.now(timezone.utc)
    return min(max(0.0, (until.replace(tzinfo=timezone.utc) - now).total_seconds()), MAX_PAUSE)


def beginning(answer: Answer, most: int = MAX_BODY) -> bytes:
    """What comes of the body soon: the status decides, and nobody waits for a body that drips."""
    answer.deadline = min(answer.deadline, time.monotonic() + BODY_WITHIN)
    found = b""
    try:
        for piece in answer.pieces():
            found += piece
            if len(found) >= most:
                break
    except (Late, OSError, ValueError):
        pass
    return found[:most]


def lines_of(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    return "".join(each if each.isprintable() or each == "\n" else " " for each in text)[:MAX_LINES]
