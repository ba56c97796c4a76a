"""Connections to a directory: encrypted and verified, with an end to waiting. No referral is
followed, so that the server asks nobody but whom a superuser named."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import ldap3
from django.core.cache import cache
from ldap3.core.exceptions import LDAPException

from accounts import encryption
from accounts.models import Provider

from .checks import context_of, place_of
from .errors import Away

TIMEOUT = 5
"""Seconds for each step."""
ASKED_AGAIN = 15
"""Seconds in which a directory that did not answer is not asked again: otherwise whoever tries to
sign in often would have this server wait often."""
FAULTS = LDAPException, OSError, ValueError, LookupError, TypeError, AttributeError
"""What ldap3 raises; the last ones at answers that are not LDAP."""
STATES = {"invalidCredentials", "inappropriateAuthentication", "unwillingToPerform"}
STATES |= {"invalidDNSyntax", "noSuchObject", "constraintViolation", "confidentialityRequired"}
STATES |= {"referral", "insufficientAccessRights"}
"""Answers to a bind by which a directory refuses this person, not everybody."""

log = logging.getLogger("kefu.sign_in")


class VerifiedTls(ldap3.Tls):
    """Leaves certificate and name to Python's own check; ldap3 compares names by itself, with code
    that Python has given up."""

    def __init__(self, host: str, authorities: str):
        super().__init__()
        self.host, self.context = host, context_of(authorities)

    def wrap_socket(self, connection, do_handshake=False):
        connection.socket = self.context.wrap_socket(connection.socket, server_hostname=self.host)


@contextmanager
def opened(provider: Provider) -> Iterator[ldap3.Connection]:
    """A connection that is signed in as who may search. Raises Away, also for what goes wrong
    inside."""
    name = away(provider)
    if cache.get(name):
        raise Away
    try:
        with connection(provider, provider.client_id, secret_of(provider)) as searching:
            yield searching
    except Away:
        cache.set(name, True, ASKED_AGAIN)
        raise
    except FAULTS as error:
        log.warning("directory %s: %s", provider.pk, type(error).__name__)
        cache.set(name, True, ASKED_AGAIN)
        raise Away from error


def away(provider: Provider) -> str:
    """The name by which it is remembered that the directory did not answer."""
    return f"directory:{provider.pk}:away"


def forget(provider: Provider) -> None:
    cache.delete(away(provider))


def secret_of(provider: Provider) -> str:
    return (encryption.unseal(provider.sealed) or "") if provider.sealed else ""


@contextmanager
def connection(provider: Provider, dn: str, password: str) -> Iterator[ldap3.Connection]:
    """A connection as `dn`; anonymous without one. Raises Away if the directory does not let that
    account in."""
    found = unbound(provider, dn, password.encode())
    try:
        if not found.bind():
            log.warning(
                "directory %s: its search account: %s", provider.pk, found.result["description"]
            )
            raise Away
        yield found
    finally:
        found.unbind()


def unbound(provider: Provider, dn: str, password: bytes) -> ldap3.Connection:
    """An encrypted connection on which nobody has signed in yet. The password goes as bytes, as it
    is: ldap3 would take characters out of a text until there may be nothing left of it."""
    host, port, is_encrypted = place_of(provider.issuer)
    server = ldap3.Server(
        host,
        port,
        use_ssl=is_encrypted,
        tls=VerifiedTls(host, provider.authorities),
        get_info=ldap3.NONE,
        connect_timeout=TIMEOUT,
    )
    found = ldap3.Connection(
        server,
        **({"user": dn, "password": password} if dn else {}),
        auto_referrals=False,
        receive_timeout=TIMEOUT,
        read_only=True,
        check_names=False,
    )
    found.open(read_server_info=False)
    try:
        if (
            not is_encrypted
            and not provider.is_plain
            and not found.start_tls(read_server_info=False)
        ):
            raise Away
    except Exception:
        found.unbind()
        raise
    return found


def accepts(provider: Provider, dn: str, password: str) -> bool:
    """Whether this is the password of the entry. Raises Away."""
    sent = password.encode(errors="replace").strip(b"\0")
    if not sent:
        # A bind without a password succeeds as nobody (RFC 4513, 5.1.2).
        return False
    try:
        trying = unbound(provider, dn, sent)
        try:
            done = trying.bind()
            state = trying.result["description"]
        finally:
            trying.unbind()
    except FAULTS as error:
        log.warning("directory %s: %s", provider.pk, type(error).__name__)
        raise Away from error
    if not done and state not in STATES:
        log.warning("directory %s: a bind: %s", provider.pk, state)
        raise Away
    return done
