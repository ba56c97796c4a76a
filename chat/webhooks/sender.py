"""One try: a POST to the receiver, on a thread that may wait, within a time that is never passed.

It is written on sockets, because an HTTP library would resolve the name again, follow redirects,
use a proxy of the environment, and wait for as long as a receiver sends a byte now and then.
"""

import re
import socket
import ssl
import time
from dataclasses import dataclass
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
STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: [^\r\n]*)?\r?\n")
HEAD_END = re.compile(rb"\r?\n\r?\n")
LENGTH = re.compile(rb"\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r?\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)
CHUNK_SIZE = re.compile(rb"(?:^|\r\n)[0-9a-fA-F]+[^\r\n]*\r\n")


@dataclass(slots=True)
class Outcome:
    """What came of a try: the status of the answer and its first lines, or what went wrong."""

    seconds: float
    status: int | None = None
    error: str = ""
    lines: str = ""

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Late(Exception):
    """The time is over."""


def post(url: str, headers: dict[str, str], body: bytes, timeout: float = TIMEOUT) -> Outcome:
    """Sends it. Whatever goes wrong on the way is in the outcome."""
    began = time.monotonic()
    outcome = Outcome(0.0)
    try:
        outcome.status, outcome.lines = exchange(url, headers, body, began + timeout)
        if 300 <= outcome.status < 400:
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


def exchange(url: str, headers: dict, body: bytes, deadline: float) -> tuple[int, str]:
    target = parse(url)
    head = [f"POST {target.path} HTTP/1.1", f"Host: {target.authority}"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    head += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    with connect(target, resolve(target), deadline) as connection:
        connection.settimeout(left(deadline))
        connection.sendall("\r\n".join(head).encode("ascii") + body)
        return read(connection, deadline)


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


def read(connection: socket.socket, deadline: float) -> tuple[int, str]:
    """The status of the answer and the beginning of its body. Raises ValueError where it is no
    HTTP."""
    found = b""
    while True:
        while not (end := HEAD_END.search(found)):
            more = receive(connection, deadline)
            found += more
            if not more or len(found) > MAX_HEAD:
                raise ValueError("the answer is no HTTP")
        first = STATUS.match(found)
        if not first:
            raise ValueError("the answer is no HTTP")
        head, found = found[: end.end()], found[end.end() :]
        if (status := int(first[1])) >= 200:
            return status, lines_of(head, read_body(connection, head, found, deadline))


def receive(connection: socket.socket, deadline: float) -> bytes:
    connection.settimeout(left(deadline))
    return connection.recv(4096)


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
