"""One try: a POST to the receiver, on a thread that may wait, within a time that is never passed.

It is written on sockets, because an HTTP library would resolve the name again, follow redirects,
use a proxy of the environment, and wait for as long as a receiver sends a byte now and then.
"""

import re
import socket
import ssl
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from functools import cache

from .addresses import Forbidden, parse, resolve

TIMEOUT = 15.0
"""Seconds for all of a try."""
MAX_HEAD, MAX_BODY = 16 * 1024, 1024
"""Bytes of an answer that are read: its head, and the beginning of its body."""
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
CHUNK_SIZE = re.compile(rb"(?:^|\r\n)[0-9a-fA-F]+[^\r\n]*\r\n")


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


def post(url: str, headers: dict[str, str], body: bytes, timeout: float = TIMEOUT) -> Outcome:
    """Sends it. Whatever goes wrong on the way is in the outcome."""
    began = time.monotonic()
    outcome = Outcome(0.0)
    try:
        exchange(url, headers, body, began + timeout, outcome)
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


def exchange(url: str, headers: dict, body: bytes, deadline: float, outcome: Outcome) -> None:
    target = parse(url)
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {target.authority}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    with connect(target, resolve(target), deadline) as connection:
        connection.settimeout(left(deadline))
        connection.sendall("\r\n".join(lines).encode("ascii") + body)
        head, found = read_head(connection, deadline)
        outcome.status, outcome.pause = status_of(head), pause_of(head)
        outcome.lines = lines_of(head, read_body(connection, head, found, deadline))


def left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise Late
    return seconds


def connect(target, addresses: list[str], deadline: float) -> socket.socket:
    """A connection to the first of these addresses that takes one; of TLS, with a certificate for
    the host's name."""
    for address in addresses:
        try:
            plain = socket.create_connection((address, target.port), left(deadline))
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


def read_body(connection: socket.socket, head: bytes, found: bytes, deadline: float) -> bytes:
    """What comes of it soon: the status decides, and nobody waits for a body that drips."""
    length = LENGTH.search(head)
    wanted = min(int(length[1]), MAX_BODY) if length else MAX_BODY
    deadline = min(deadline, time.monotonic() + BODY_WITHIN)
    try:
        while len(found) < wanted:
            more = receive(connection, deadline)
            if not more:
                break
            found += more
    except (Late, OSError):
        pass
    return found[:wanted]


def lines_of(head: bytes, body: bytes) -> str:
    if CHUNKED.search(head):
        body = CHUNK_SIZE.sub(b"", body)
    text = body.decode("utf-8", "replace")
    return "".join(each if each.isprintable() or each == "\n" else " " for each in text)[:MAX_LINES]
