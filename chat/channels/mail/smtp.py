"""A channel's mail server for mails that go out: Django's SMTP backend, which goes only where the
server may, and signs in with a password or an access token (XOAUTH2)."""

import re
import smtplib
import ssl
import time
from base64 import b64encode
from collections.abc import Sequence
from io import BufferedReader, RawIOBase
from typing import Any, ClassVar, NamedTuple
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.channels import contract, http, sealed
from chat.channels.contract import Failed
from chat.models import Channel
from chat.webhooks import addresses
from chat.webhooks.addresses import Forbidden, Target, Unknown

TIMEOUT = 30
"""Seconds for each answer of the mail server: some of them look at a mail before they take it."""
SESSION, MOST_SAID = 300.0, 256 * 1024
"""Seconds, and bytes of all answers, after which nothing more is read, or sent."""
PART = 64 * 1024
"""Bytes that have to leave within TIMEOUT."""
PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
BARE = (
    *("qq.com", "163.com", "126.com", "yeah.net", "netease.com", "aliyun.com", "mxhichina.com"),
    *("sina.com", "sina.cn", "sina.net", "sohu.com", "139.com", "189.cn"),
)
"""Providers that deliver no mail to name+anything@…, as of November 2026, so that a proof in the
address would lose the answer."""
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\d)")
"""A status of RFC 3463."""


class Server(NamedTuple):
    scheme: str
    host: str
    port: int
    user: str
    password: str


def server_of(channel: Channel) -> Server:
    """What the key `smtp` says, in EMAIL_URL's form. Raises Failed."""
    try:
        parts = urlsplit(sealed.keys_of(channel).get("smtp", ""))
        host, port = addresses.host_of(parts.hostname or ""), parts.port
    except (ValueError, Forbidden):
        host, port = "", None
    if parts.scheme not in PORTS or not host:
        words = _("smtp: it must look like smtp+tls://user:password@mail.example.com:587.")
        raise Failed(contract.KEY, words, breaks=True)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(parts.scheme, host, port or PORTS[parts.scheme], user, password)


def check(channel: Channel) -> None:
    """Raises Failed where the settings cannot be right. Notes (`bare`) whether its provider is
    known to deliver no mail to name+anything@…"""
    host = server_of(channel).host
    channel.settings["bare"] = any(f".{host}".endswith(f".{name}") for name in BARE)
    keys = sealed.keys_of(channel)
    if keys.get("oauth_refresh") and not channel.settings.get("oauth_token_url"):
        raise Failed(contract.KEY, "oauth_refresh needs oauth_token_url")


def access_token(channel: Channel, refused: str = "") -> str:
    """The access token of a mailbox that takes no password; "" for one that does. `refused` is one
    that the mail server has not taken. A new refresh token is kept. Raises Failed."""
    if not sealed.keys_of(channel).get("oauth_refresh"):
        return ""
    return sealed.token_of(channel, lambda: fetch_token(channel), refused)


def fetch_token(channel: Channel) -> tuple[str, float]:
    row = Channel.objects.get(pk=channel.pk)
    keys = sealed.keys_of(row)
    refresh = keys["oauth_refresh"]
    fields = {
        "grant_type": "refresh_token",
        "refresh_token": refresh,
        "client_id": row.settings.get("oauth_client", ""),
        "client_secret": keys.get("oauth_secret", ""),
    }
    fields = {name: value for name, value in fields.items() if value}
    url = row.settings["oauth_token_url"]
    status, found = http.json_of(url, fields, secret=refresh, as_form=True)
    token, next_one = found.get("access_token"), found.get("refresh_token")
    if status != 200 or not isinstance(token, str) or not token.isascii() or not token:
        # 4xx: it was revoked, or has expired; nobody but its owner can give another one.
        code, words = found.get("error") or status, found.get("error_description", "")
        raise Failed(str(code), str(words), breaks=400 <= status < 500)
    if isinstance(next_one, str) and next_one not in ("", refresh):
        changed = sealed.seal({**keys, "oauth_refresh": next_one})
        with transaction.atomic():
            # The same keys may have been sealed anew meanwhile.
            same = Channel.objects.select_for_update().filter(pk=row.pk).first()
            if same and sealed.keys_of(same) == keys:
                Channel.objects.filter(pk=row.pk).update(sealed=changed)
                channel.sealed = changed
    seconds = found.get("expires_in")
    return token, seconds if type(seconds) is int and 0 < seconds < 864_000 else 3600


class Said(RawIOBase):
    """What a mail server says, within bounds: one that goes on for ever ends with an error."""

    def __init__(self, sock, until):
        self.sock, self.left, self.until = sock, MOST_SAID, until

    def readable(self):
        return True

    def readinto(self, buffer):
        wait(self.sock, self.until)
        size = self.sock.recv_into(buffer)
        self.left -= size
        if self.left < 0:
            raise OSError("it says too much")
        return size


def wait(sock, until: float) -> None:
    """Has the socket wait for TIMEOUT seconds at most, and not after `until`."""
    sock.settimeout(max(min(TIMEOUT, until - time.monotonic()), 0.001))


class Pinned(smtplib.SMTP):
    """Connects to the first address of the host that takes it; they were checked."""

    addresses: ClassVar[list[str]] = []
    until = 0.0
    first = ""
    """The recipient without whom nobody gets a mail: the next try would send the others the same
    again."""

    def getreply(self):
        if self.file is None:
            self.file = BufferedReader(Said(self.sock, self.until))
        return super().getreply()

    def send(self, s):
        """smtplib's, in parts: its one call for all of a mail has one time limit, which a large
        file on a slow line does not keep. A server that closes meanwhile may have said why."""
        if isinstance(s, str):
            if self.sock:
                wait(self.sock, self.until)
            return super().send(s)
        for at in range(0, len(s), PART):
            wait(self.sock, self.until)
            try:
                self.sock.sendall(s[at : at + PART])
            except OSError as error:
                raise smtplib.SMTPDataError(*self.getreply()) from error
        return None

    def rcpt(self, recip, options=()):
        code, words = super().rcpt(recip, options)
        if recip == self.first and code not in (250, 251):
            raise smtplib.SMTPRecipientsRefused({recip: (code, words)})
        return code, words

    def _get_socket(self, host, port, timeout):
        self.until = time.monotonic() + SESSION
        for tried, address in enumerate(self.addresses):
            try:
                share = timeout / (len(self.addresses) - tried)
                return super()._get_socket(address, port, share)  # type: ignore[misc]
            except OSError:
                if address == self.addresses[-1]:
                    raise


class PinnedTLS(smtplib.SMTP_SSL, Pinned):
    """The certificate is still that of the host."""


class Backend(EmailBackend):
    def __init__(self, server: Server, found: list[str], token: str):
        super().__init__(
            host=server.host,
            port=server.port,
            username="" if token else server.user,
            password="" if token else server.password,
            use_tls=server.scheme == "smtp+tls",
            use_ssl=server.scheme == "smtp+ssl",
            timeout=TIMEOUT,
        )
        self.user, self.token = server.user, token
        base = PinnedTLS if self.use_ssl else Pinned
        self.kind = type("Connection", (base,), {"addresses": found})

    @property
    def connection_class(self):
        return self.kind

    def open(self):
        """Django's, and the sign-in with a token."""
        opened = super().open()
        if opened and self.token:
            words = f"user={self.user}\x01auth=Bearer {self.token}\x01\x01"
            # What the server answers to a bad token is to be answered with nothing.
            self.connection.ehlo_or_helo_if_needed()
            self.connection.auth("XOAUTH2", lambda challenge=None: "" if challenge else words)
        return opened


def connected(channel: Channel, refused: str = "") -> Backend:
    """A connection to the mail server, signed in. Raises Failed and what smtplib raises."""
    server, token = server_of(channel), access_token(channel, refused)
    secure = server.scheme != "smtp"
    target = Target(secure, server.host, server.port, "/")
    try:
        found = addresses.resolve(target, settings.CHANNEL_ALLOW)
    except Unknown as error:
        raise Failed(contract.UNREACHABLE, f"SMTP: {error}") from error
    except Forbidden as error:
        words = f"SMTP: {error}" if secure else "SMTP: without TLS only within CHANNEL_ALLOW"
        raise Failed(contract.FORBIDDEN, words) from error
    backend = Backend(server, found, token)
    try:
        backend.open()
    except smtplib.SMTPAuthenticationError:
        backend.close()
        if token and not refused:
            return connected(channel, refused=token)
        raise
    except BaseException:
        backend.close()
        raise
    return backend


def check_sign_in(channel: Channel) -> None:
    """Signs in, and sends nothing. Raises Failed."""
    try:
        connected(channel).close()
    except Exception as error:
        raise failure(error, secrets_of(channel)) from error


def envelope(address: str) -> str:
    """An address as every mail server takes it, its domain as IDNA; "" where there is no such form,
    as of letters beyond ASCII before the @, or where Python's, of 2003, is another's domain (ß)."""
    name, _at, domain = address.rpartition("@")
    try:
        same = domain.encode("idna").decode("idna") == domain.lower()
        return sanitize_address(address, "utf-8") if same and name.isascii() else ""
    except (AttributeError, ValueError):  # The former by the parser of Python.
        return ""


def deliver(channel: Channel, message: EmailMessage) -> None:
    """Has the mail server take a mail for all of its recipients, or at least the first. Raises
    Failed."""
    try:
        backend = connected(channel)
        try:
            sender = channel.settings["address"]
            text = message.message().as_bytes(linesep="\r\n")
            to = [envelope(one) for one in message.recipients()]
            connection: Any = backend.connection
            connection.first = to[0]
            connection.sendmail(sender, to, text)
        finally:
            backend.close()
    except Exception as error:
        raise failure(error, secrets_of(channel)) from error


def secrets_of(channel: Channel) -> list[str]:
    """What the server may repeat of a sign-in and nobody is to read, as it is and as it is sent."""
    try:
        server, token = server_of(channel), sealed.stored(channel, timezone.now(), "")
    except Failed:
        return []
    plain = [one for one in (server.password, token) if one]
    sent = [*plain, f"\0{server.user}\0{server.password}"]
    return plain + [b64encode(one.encode()).decode() for one in sent]


def failure(error: Exception, secrets: Sequence[str] = ()) -> Failed:
    """What an error of smtplib, of a socket or of TLS means for a mail; the server's words without
    these secrets."""
    if isinstance(error, Failed):
        return error
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return answered(*next(iter(error.recipients.values())), secrets=secrets)
    if isinstance(error, smtplib.SMTPResponseException):
        return answered(error.smtp_code, error.smtp_error, type(error), secrets)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Failed(contract.KEY, str(error), breaks=True)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Failed(contract.CERTIFICATE, f"SMTP: {error.verify_message}")
    if isinstance(error, ssl.SSLError):
        return Failed(contract.UNREACHABLE, "SMTP: it speaks no TLS here")
    if isinstance(error, TimeoutError):
        return Failed(contract.LATE, f"SMTP: no answer within {TIMEOUT} seconds")
    if isinstance(error, OSError):  # SMTPServerDisconnected, too.
        return Failed(
            contract.UNREACHABLE, f"SMTP: {error.strerror or 'the server closed the connection'}"
        )
    return Failed(contract.NONSENSE, f"SMTP: {type(error).__name__}")


def answered(
    code: int, said: Any, error: type = smtplib.SMTPDataError, secrets: Sequence[str] = ()
) -> Failed:
    """What the server's answer means. 5xx is final for this mail, unless it is about the account or
    the sender, which only whoever set the channel up can change (552: the mail is too large), or
    about the connection."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    for secret in secrets:
        words = words.replace(secret, "…")
    words = " ".join(words.split())
    status = ENHANCED.search(words[:20])
    account = error in (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused)
    breaks = code >= 500 and code != 552 and account
    early = error in (smtplib.SMTPConnectError, smtplib.SMTPHeloError)
    name = contract.SENDS * breaks + (f"{code} {status[0]}" if status else str(code))
    return Failed(name, words, final=code >= 500 and not breaks and not early, breaks=breaks)
