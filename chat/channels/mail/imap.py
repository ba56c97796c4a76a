"""The connection to a mailbox: one for each thread, kept between two fetches."""

import hashlib
import imaplib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from chat.channels import contract, sealed
from chat.channels.contract import Failed
from chat.models import Channel
from chat.webhooks import sender
from chat.webhooks.addresses import Forbidden, Target, Unknown, as_address, host_of, resolve

from . import smtp

TIMEOUT, SLOWEST = 30.0, 4_000
"""Seconds for one command, and bytes of its answer that take a second more."""
LARGEST = 26 * 1024 * 1024
"""Bytes of an answer that is read: a mail of fetching.MOST and its frame."""

FORM = gettext_noop("imap: it must look like imaps://user:password@imap.example.com.")


@dataclass(slots=True, frozen=True)
class Box:
    """What the setting `imap` says."""

    target: Target
    user: str
    password: str
    name: str

    @property
    def id(self) -> str:
        """By which a cursor knows whose it is."""
        text = f"{self.target.host}:{self.target.port}:{self.user}:{self.name}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def box_of(channel: Channel) -> Box:
    """Raises Failed where the setting is none."""
    try:
        parts = urlsplit(sealed.keys_of(channel)["imap"])
        secure = parts.scheme == "imaps"
        port = parts.port or (993 if secure else 143)
        target = Target(secure, host_of(parts.hostname or ""), port, "/")
    except (ValueError, Forbidden):
        raise Failed(contract.KEY, _(FORM), breaks=True) from None
    if parts.scheme not in ("imaps", "imap") or parts.query or parts.fragment:
        raise Failed(contract.KEY, _(FORM), breaks=True)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    name = unquote(parts.path.strip("/")) or "INBOX"
    if not user or not (user + password + name).isascii() or not (user + name).isprintable():
        text = _("imap: user, password and mailbox are of ASCII characters (modified UTF-7).")
        raise Failed(contract.KEY, text, breaks=True)
    return Box(target, user, password, name)


def check(box: Box) -> None:
    """Raises Failed where the setting leads to where nothing may be sent, as far as it says so
    itself: a name is looked up as it is used."""
    if box.target.secure and not as_address(box.target.host):
        return
    try:
        resolve(box.target, settings.CHANNEL_ALLOW)
    except Forbidden as error:
        text = _("imap: without imaps:// and a public host, CHANNEL_ALLOW must name its network.")
        raise Failed(contract.KEY, text) from error


class Connection(imaplib.IMAP4):
    """To an address that was looked at, within time, and never more than what was asked for.
    `abilities` are what the server offers after the sign-in."""

    def __init__(self, target: Target):
        self.deadline = time.monotonic() + TIMEOUT
        self.found, self.left = bytearray(), LARGEST
        self.target = target
        self.abilities: frozenset[bytes] = frozenset()
        super().__init__(target.host, target.port)

    def open(self, host="", port=0, timeout=None):
        self.host, self.port = host, port
        addresses = sender.look_up(self.target, settings.CHANNEL_ALLOW, self.deadline)
        self.sock = sender.connect(self.target, addresses, self.deadline)

    def shutdown(self):
        self.sock.close()

    def send(self, data):
        self.deadline, self.left = time.monotonic() + TIMEOUT, LARGEST
        self.sock.settimeout(TIMEOUT)
        self.sock.sendall(data)

    def read(self, size):
        if size > LARGEST:
            raise self.abort("the answer is too large")
        while (left := size - len(self.found)) > 0:
            self.found += self.receive(min(left, 65_536))
        data = bytes(memoryview(self.found)[:size])
        del self.found[:size]
        return data

    def readline(self):
        while (end := self.found.find(b"\n") + 1) == 0:
            if len(self.found) > 1024 * 1024:
                raise self.abort("the answer is too large")
            self.found += self.receive(65_536)
        return self.read(end)

    def receive(self, most: int) -> bytes:
        self.sock.settimeout(sender.left(self.deadline))
        return self.counted(self.sock.recv(most))

    def counted(self, found: bytes) -> bytes:
        """What was received, as long as the answer is within its bounds."""
        if not found:
            raise self.abort("the connection was closed")
        # Else one that says a little for ever would hold this thread, and all of the memory.
        self.deadline += len(found) / SLOWEST
        self.left -= len(found)
        if self.left < 0:
            raise self.abort("the answer is too large")
        return found

    def waits(self, seconds: float) -> bool:
        """Waits for something to happen in the mailbox (RFC 2177). Returns whether it did."""
        tag = b"idle%d" % time.monotonic_ns()
        self.send(tag + b" IDLE\r\n")
        while not (line := self.readline()).startswith(b"+"):
            if line.startswith(tag):
                raise self.error("IDLE is refused")
        until, heard = time.monotonic() + seconds, False
        while not heard and (left := until - time.monotonic()) > 0:
            if b"\n" in self.found:
                heard = b" EXISTS" in self.readline().upper()
                continue
            self.sock.settimeout(left)
            try:
                self.found += self.counted(self.sock.recv(65_536))
            except TimeoutError:
                break
        self.send(b"DONE\r\n")
        while not self.readline().startswith(tag):
            pass
        return heard


class Kept(threading.local):
    """The connection of this thread, and of which mailbox it is; the mail that the server refused
    last (mailbox, UIDVALIDITY, UID), and how often."""

    connection: Connection | None = None
    box: Box | None = None
    refused: tuple | None = None
    tries = 0


kept = Kept()


def close() -> None:
    """Leaves the mailbox."""
    connection, kept.connection = kept.connection, None
    if connection:
        connection.shutdown()


@contextmanager
def failures(box: Box) -> Iterator[None]:
    """Raises Failed for whatever goes wrong, and closes the connection."""
    try:
        yield
    except BaseException as error:
        close()
        text = "IMAP: " + str(error).replace(box.password or "\0", "…")
        if isinstance(error, Unknown):
            raise Failed(contract.UNREACHABLE, text) from error
        if isinstance(error, Forbidden):
            text = f"{text}; CHANNEL_ALLOW names networks that may be"
            raise Failed(contract.FORBIDDEN, text, breaks=True) from error
        if isinstance(error, sender.Late | TimeoutError):
            raise Failed(contract.LATE, "IMAP: no answer in time") from error
        if isinstance(error, ssl.SSLCertVerificationError):
            raise Failed(contract.CERTIFICATE, f"IMAP: {error.verify_message}") from error
        if isinstance(error, OSError):
            raise Failed(contract.UNREACHABLE, f"IMAP: {error.strerror or error}") from error
        if isinstance(error, imaplib.IMAP4.error | ValueError | IndexError):
            raise Failed(contract.NONSENSE, text) from error
        raise


def opened(channel: Channel, box: Box) -> Connection:
    """This thread's connection, with the mailbox selected anew."""
    if kept.connection and kept.box == box:
        try:
            select_box(kept.connection, box)
            return kept.connection
        except (OSError, imaplib.IMAP4.error, sender.Late):
            pass  # It has been closed meanwhile, as servers do.
    close()
    kept.connection, kept.box = Connection(box.target), box
    sign_in(kept.connection, channel, box)
    select_box(kept.connection, box)
    return kept.connection


def sign_in(connection: Connection, channel: Channel, box: Box) -> None:
    """Raises Failed where it is refused."""
    try:
        if token := smtp.access_token(channel):
            authenticate(connection, channel, box, token)
        else:
            connection.login(quoted(box.user), box.password)
    except connection.abort:
        raise
    except connection.error as error:
        said = error.args[0] if error.args else ""
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        text = text.replace(box.password or "\0", "…")
        raise Failed(contract.SIGN_IN, text, breaks=True) from error
    connection.abilities = frozenset(connection.capability()[1][0].upper().split())
    if b"ID" in connection.abilities:
        # 163 and others open no mailbox for who has not said what they are.
        connection.xatom("ID", '("name" "Kefu")')


def authenticate(connection: Connection, channel: Channel, box: Box, token: str) -> None:
    """By XOAUTH2; a token that is refused is renewed once."""
    for tried in (token, ""):
        tried = tried or smtp.access_token(channel, refused=token)
        said = f"user={box.user}\x01auth=Bearer {tried}\x01\x01".encode()
        try:
            # What the server asks after a refusal is answered by nothing.
            connection.authenticate("XOAUTH2", answers_once(said))
            return
        except connection.abort:
            raise
        except connection.error:
            if tried != token:
                raise


def answers_once(said: bytes) -> Callable[[bytes], bytes]:
    rest = [said]
    return lambda _asked: rest.pop() if rest else b""


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def select_box(connection: Connection, box: Box) -> None:
    status, said = connection.select(quoted(box.name), readonly=True)
    if status != "OK":
        text = b" ".join(one for one in said if one).decode("utf-8", "replace")
        raise Failed(contract.MAILBOX, f"{box.name}: {text}", breaks=True)
