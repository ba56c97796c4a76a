"""Checks of the settings that decide who has access, and of mail."""

import ipaddress
import os
import stat
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.translation import gettext as _

from kefu import variables as names
from kefu.proxies import RECORD

from .finding import Finding, error, warning

KEY_LENGTH = 50
"""Characters, as `manage.py check --deploy` requires."""
WIDEST = {4: 8, 6: 16}
"""The shortest prefix of a trusted network, by IP version: no owner has larger networks."""
RECENT = 24 * 3600
"""Seconds for which the doctor reports what a server process has noticed."""
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")
"""The host names that a program on this machine may use."""


def variables() -> Iterator[Finding]:
    for name, meant in names.misspelled(os.environ):
        yield warning(
            _("nothing reads {name}, which resembles {meant}"),
            _("rename or unset {name}"),
            name=name,
            meant=meant,
        )
    if (server := os.environ.get("SERVER") or "daphne") not in names.SERVERS:
        one, other = names.SERVERS
        yield error(
            _("SERVER is {server}: bin/serve does not start"),
            _("set SERVER to {one} or {other}"),
            server=server,
            one=one,
            other=other,
        )


def debug() -> Iterator[Finding]:
    if settings.DEBUG:
        yield error(
            _("DEBUG is on: error pages show settings and code to anybody"), _("set DEBUG=off")
        )


def secret_key() -> Iterator[Finding]:
    if is_guessable(settings.SECRET_KEY):
        yield error(
            _("SECRET_KEY can be guessed, and with it every cookie can be forged"),
            _("leave it unset, so that DATA_DIR keeps a random one, or set {n} characters"),
            n=KEY_LENGTH,
        )
    for place, key in enumerate(settings.SECRET_KEY_FALLBACKS, 1):
        if is_guessable(key):
            yield error(
                _(
                    "key {place} of SECRET_KEY_FALLBACKS can be guessed, and with it every cookie "
                    "can be forged"
                ),
                _("take it out; who is signed in by it has to sign in again"),
                place=place,
            )


def is_guessable(key: str) -> bool:
    return len(key) < KEY_LENGTH or len(set(key)) < 5 or key.startswith("django-insecure-")


def secret_key_file() -> Iterator[Finding]:
    path = settings.DATA_DIR / "secret_key"
    if path.exists() and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
        yield error(
            _("{path} has mode {mode}: others can read it"),
            "chmod 600 {path}",
            path=path,
            mode=f"{mode:04o}",
        )


def public_url() -> Iterator[Finding]:
    if not settings.PUBLIC_URL:
        yield warning(
            _("PUBLIC_URL is unset: cookies travel without https, mails carry no link"),
            _("set PUBLIC_URL=https://chat.example.com once the site is public"),
        )
    elif not settings.PUBLIC_URL.startswith("https://"):
        yield error(
            _("PUBLIC_URL is {url}: passwords and chats can be read on the way"),
            _("put nginx with a certificate in front (docs/deployment.md) and set https://"),
            url=settings.PUBLIC_URL,
        )


def allowed_hosts() -> Iterator[Finding]:
    host, _port = split_domain_port(urlsplit(settings.PUBLIC_URL).netloc.lower())
    if host and not validate_host(host, settings.ALLOWED_HOSTS):
        yield error(
            _("ALLOWED_HOSTS lacks {host}, so PUBLIC_URL is answered with 400"),
            _("add {host} to ALLOWED_HOSTS"),
            host=host,
        )
    bind = os.environ.get("BIND") or "127.0.0.1"
    if bind not in LOOPBACK and set(settings.ALLOWED_HOSTS) <= set(LOOPBACK):
        yield warning(
            _("BIND is {bind}, but only calls to localhost are answered"),
            _("set ALLOWED_HOSTS to this machine's name or address, or PUBLIC_URL"),
            bind=bind,
        )


def own_host() -> Iterator[Finding]:
    """Prometheus and health checks on this machine use its loopback address as host name."""
    bind = os.environ.get("BIND") or "127.0.0.1"
    names = [name for name in OWN_NAMES if validate_host(name, settings.ALLOWED_HOSTS)]
    if bind in (*LOOPBACK, "0.0.0.0", "::") and not names:
        yield warning(
            _(
                "ALLOWED_HOSTS lacks 127.0.0.1, so /metrics and health checks asked from this "
                "machine are answered with 400"
            ),
            _("add 127.0.0.1 to ALLOWED_HOSTS (docs/monitoring.md)"),
        )


def trusted_proxies() -> Iterator[Finding]:
    if settings.PUBLIC_URL.startswith("https://") and not settings.TRUSTED_PROXIES:
        yield error(
            _("TRUSTED_PROXIES is unset though PUBLIC_URL is https: every page redirects for ever"),
            _("set TRUSTED_PROXIES to the proxy's address; 127.0.0.1 for nginx on this machine"),
        )
    for entry in settings.TRUSTED_PROXIES:
        if is_wide(entry):
            yield error(
                _("TRUSTED_PROXIES holds {entry}: nearly anybody may pass for anybody"),
                _("list the addresses of your own proxies only"),
                entry=entry,
            )


def proxy_addresses() -> Iterator[Finding]:
    """What the server processes have noticed (kefu/proxies.py)."""
    try:
        record = settings.DATA_DIR / RECORD
        at, proxy = record.stat().st_mtime, record.read_text()
    except FileNotFoundError:
        return
    if time.time() - at < RECENT:
        moment = datetime.fromtimestamp(at, timezone.utc)
        yield warning(
            _(
                "at {moment} UTC the trusted proxy at {proxy} sent an X-Forwarded-For that is no "
                "address: all its visitors share the limits of one address"
            ),
            _("let it set X-Forwarded-For to the client's address, as deploy/nginx.conf does"),
            moment=f"{moment:%Y-%m-%d %H:%M}",
            proxy=proxy,
        )


def metrics_allow() -> Iterator[Finding]:
    for entry in settings.METRICS_ALLOW:
        if is_wide(entry):
            yield warning(
                _("METRICS_ALLOW holds {entry}: nearly anybody may read your metrics"),
                _("list the addresses that Prometheus asks from"),
                entry=entry,
            )


def is_wide(entry) -> bool:
    """Whether a network is larger than any owner's."""
    network = ipaddress.ip_network(entry)
    return network.prefixlen < WIDEST[network.version]


def rate_limits() -> Iterator[Finding]:
    if not settings.RATE_LIMITS:
        level = error if settings.PUBLIC_URL else warning
        yield level(_("RATE_LIMITS is off: anybody may flood the site"), _("set RATE_LIMITS=on"))


def mail() -> Iterator[Finding]:
    if not settings.PUBLIC_URL:
        return
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield warning(
            _("EMAIL_URL sends no mail: invitations and password links end in the log"),
            _("set EMAIL_URL=smtp+tls://user:password@mail.example.com:587"),
        )
    elif settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"):
        yield warning(
            _("DEFAULT_FROM_EMAIL ends with @localhost: mail servers refuse that sender"),
            _("set DEFAULT_FROM_EMAIL to an address of your own"),
        )


CHECKS = [
    *(variables, debug, secret_key, secret_key_file, public_url, allowed_hosts, own_host),
    *(trusted_proxies, proxy_addresses, metrics_allow, rate_limits, mail),
]
