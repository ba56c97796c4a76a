"""Checks of the settings that decide who has access, and of mail and accounts."""

import ipaddress
import os
import stat
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timezone
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http.request import split_domain_port, validate_host
from django.utils.timezone import now

from accounts import encryption
from accounts.models import Assistant, Enterprise, Member
from chat.assistant import assistants
from chat.channels import failures, kinds, setup
from chat.models import Article, ArticleIndex, Channel, PushDevice, Robot
from chat.notifications.robots import failures as robot_failures
from chat.protocol.errors import Refused
from chat.webhooks import addresses
from kefu import keys
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
        yield warning(f"nothing reads {name}, which resembles {meant}", f"rename or unset {name}")
    if (server := os.environ.get("SERVER") or "daphne") not in names.SERVERS:
        yield error(
            f"SERVER is {server}: bin/serve does not start",
            f"set SERVER to {' or '.join(names.SERVERS)}",
        )


def debug() -> Iterator[Finding]:
    if settings.DEBUG:
        yield error("DEBUG is on: error pages show settings and code to anybody", "set DEBUG=off")


def secret_key() -> Iterator[Finding]:
    if is_guessable(settings.SECRET_KEY):
        yield error(
            "SECRET_KEY can be guessed, and with it every cookie can be forged",
            f"leave it unset, so that DATA_DIR keeps a random one, or set {KEY_LENGTH} characters",
        )
    for place, key in enumerate(settings.SECRET_KEY_FALLBACKS, 1):
        if is_guessable(key):
            yield error(
                f"key {place} of SECRET_KEY_FALLBACKS can be guessed, and with it every cookie can "
                "be forged",
                "take it out; who is signed in by it has to sign in again",
            )


def is_guessable(key: str) -> bool:
    return len(key) < KEY_LENGTH or len(set(key)) < 5 or key.startswith("django-insecure-")


def secret_key_file() -> Iterator[Finding]:
    path = settings.DATA_DIR / "secret_key"
    if path.exists() and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
        yield error(f"{path} has mode {mode:04o}: others can read it", f"chmod 600 {path}")


def public_url() -> Iterator[Finding]:
    if not settings.PUBLIC_URL:
        yield warning(
            "PUBLIC_URL is unset: cookies travel without https, mails carry no link",
            "set PUBLIC_URL=https://chat.example.com once the site is public",
        )
    elif not settings.PUBLIC_URL.startswith("https://"):
        yield error(
            f"PUBLIC_URL is {settings.PUBLIC_URL}: passwords and chats can be read on the way",
            "put nginx with a certificate in front (docs/deployment.md) and set https://",
        )


def allowed_hosts() -> Iterator[Finding]:
    host, _port = split_domain_port(urlsplit(settings.PUBLIC_URL).netloc.lower())
    if host and not validate_host(host, settings.ALLOWED_HOSTS):
        yield error(
            f"ALLOWED_HOSTS lacks {host}, so PUBLIC_URL is answered with 400",
            f"add {host} to ALLOWED_HOSTS",
        )
    bind = os.environ.get("BIND") or "127.0.0.1"
    if bind not in LOOPBACK and set(settings.ALLOWED_HOSTS) <= set(LOOPBACK):
        yield warning(
            f"BIND is {bind}, but only calls to localhost are answered",
            "set ALLOWED_HOSTS to this machine's name or address, or PUBLIC_URL",
        )


def own_host() -> Iterator[Finding]:
    """Prometheus and health checks on this machine use its loopback address as host name."""
    bind = os.environ.get("BIND") or "127.0.0.1"
    names = [name for name in OWN_NAMES if validate_host(name, settings.ALLOWED_HOSTS)]
    if bind in (*LOOPBACK, "0.0.0.0", "::") and not names:
        yield warning(
            "ALLOWED_HOSTS lacks 127.0.0.1, so /metrics and health checks asked from this machine "
            "are answered with 400",
            "add 127.0.0.1 to ALLOWED_HOSTS (docs/monitoring.md)",
        )


def trusted_proxies() -> Iterator[Finding]:
    if settings.PUBLIC_URL.startswith("https://") and not settings.TRUSTED_PROXIES:
        yield error(
            "TRUSTED_PROXIES is unset though PUBLIC_URL is https: every page redirects for ever",
            "set TRUSTED_PROXIES to the proxy's address; 127.0.0.1 for nginx on this machine",
        )
    for entry in settings.TRUSTED_PROXIES:
        if is_wide(entry):
            yield error(
                f"TRUSTED_PROXIES holds {entry}: nearly anybody may claim to be anybody",
                "list the addresses of your own proxies only",
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
            f"at {moment:%Y-%m-%d %H:%M} UTC the trusted proxy at {proxy} sent an X-Forwarded-For "
            "that is no address: all its visitors share the limits of one address",
            "let it set X-Forwarded-For to the client's address, as deploy/nginx.conf does",
        )


def metrics_allow() -> Iterator[Finding]:
    for entry in settings.METRICS_ALLOW:
        if is_wide(entry):
            yield warning(
                f"METRICS_ALLOW holds {entry}: nearly anybody may read how busy you are",
                "list the addresses that Prometheus asks from",
            )


def is_wide(entry) -> bool:
    """Whether a network is larger than any owner's."""
    network = ipaddress.ip_network(entry)
    return network.prefixlen < WIDEST[network.version]


def rate_limits() -> Iterator[Finding]:
    if not settings.RATE_LIMITS:
        level = error if settings.PUBLIC_URL else warning
        yield level("RATE_LIMITS is off: anybody may flood the site", "set RATE_LIMITS=on")


def mail() -> Iterator[Finding]:
    if not settings.PUBLIC_URL:
        return
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield warning(
            "EMAIL_URL sends no mail: invitations and password links end in the log",
            "set EMAIL_URL=smtp+tls://user:password@mail.example.com:587",
        )
    elif settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"):
        yield warning(
            "DEFAULT_FROM_EMAIL ends with @localhost: mail servers refuse that sender",
            "set DEFAULT_FROM_EMAIL to an address of your own",
        )


def demo() -> Iterator[Finding]:
    if not settings.PUBLIC_URL:
        return
    if os.environ.get("DEMO_PASSWORD"):
        admin = "" if settings.PUBLIC_URL.startswith("https://") else ", admin too,"
        yield error(
            f"DEMO_PASSWORD is set: at each start the demo's accounts{admin} get it anew",
            "unset DEMO_PASSWORD",
        )
    if Enterprise.objects.filter(code="demo", status=Enterprise.Status.OPEN).exists():
        yield warning(
            "the demo is open to the public",
            "close it in the administration: Enterprises, the one with the code demo, action Close",
        )


def superuser() -> Iterator[Finding]:
    if not Member.objects.filter(is_superuser=True, status=Member.Status.NORMAL).exists():
        yield warning(
            "nobody can administer this installation", "manage.py createsuperuser --name boss"
        )


def article_index() -> Iterator[Finding]:
    """Published articles that no search can find."""
    published = Article.objects.filter(state=Article.State.PUBLISHED)
    missing = published.exclude(pk__in=ArticleIndex.objects.values("pk")).count()
    if missing:
        yield warning(
            f"{missing} published articles are missing from the index: nobody finds them",
            "manage.py knowledge index",
        )


def assistant() -> Iterator[Finding]:
    """Assistants that can ask nobody, though they are on."""
    for one in Assistant.objects.exclude(mode=Assistant.Mode.OFF).select_related("enterprise"):
        code = one.enterprise.code
        if problem := problem_of(one):
            yield error(
                f"the assistant of {code} hands everything over: {problem}",
                f"manage.py assistant {code} --url URL --model NAME --key -, or --mode off",
            )


def problem_of(assistant: Assistant) -> str:
    """What keeps it from asking, as far as that is seen without asking; "" for nothing."""
    if not assistant.is_set_up:
        return "it has no endpoint or no model"
    if assistants.key_of(assistant) is None:
        return "its key was stored under another SECRET_KEY"
    try:
        addresses.check(assistant.url, settings.AI_ALLOW)
    except Refused:
        return "its endpoint is neither public with https nor in AI_ALLOW"
    return ""


def channels() -> Iterator[Finding]:
    """Channels that are on and do not work, as far as that is seen without asking."""
    for one in Channel.objects.filter(active=True).order_by("pk"):
        name = f"{one.kind} {one.key} of {one.ent_id}"
        if problem := trouble_of(one):
            yield error(
                f"the channel {name} does not work: {problem}",
                f"manage.py channel test {one.ent_id} {one.key}; new keys on the page Channels",
            )


def trouble_of(channel: Channel) -> str:
    """What keeps a channel from working; "" for nothing."""
    if channel.failure:
        return failures.words(channel.kind, channel.failure, channel.failure_words)
    try:
        setup.check_api(dict(channel.settings))
    except ValidationError:
        return "its api is neither public with https nor in CHANNEL_ALLOW"
    called = channel.kind in kinds.ADAPTERS and kinds.adapter_of(channel).is_called(channel)
    if called and not settings.PUBLIC_URL:
        return "the other side calls it, and PUBLIC_URL is unset"
    return ""


def pushes() -> Iterator[Finding]:
    if not settings.PUBLIC_URL and PushDevice.objects.exists():
        yield warning(
            "PUBLIC_URL is unset: pushes do not say who sends them, so Apple refuses them",
            "set PUBLIC_URL=https://chat.example.com",
        )


def robots() -> Iterator[Finding]:
    """Robots that are on, and of which nobody gets anything."""
    for one in Robot.objects.filter(active=True).order_by("pk"):
        problem = robot_failures.words(one.failure) if one.failure else ""
        if encryption.unseal(one.sealed) is None:
            problem = robot_failures.words(robot_failures.SEALED)
        elif not Robot.objects.failing(now()).filter(pk=one.pk).exists():
            continue
        yield error(
            f"the {one.kind} robot {one.pk} of {one.ent_id} does not work: {problem}",
            f"manage.py robot {one.ent_id} test {one.pk}; a new address on the page Notifications",
        )


def former_keys() -> Iterator[Finding]:
    """Secrets that are lost with a former key."""
    found = Counter(name for name, *_row in keys.needing_former())
    if found:
        whose = ", ".join(f"{name} ({count})" for name, count in found.items())
        yield warning(
            f"a former key alone opens secrets of {whose}",
            "start once more before it leaves SECRET_KEY_FALLBACKS: that stores them under the "
            "present one",
        )


CHECKS = [
    *(variables, debug, secret_key, secret_key_file, public_url, allowed_hosts, own_host),
    *(trusted_proxies, proxy_addresses, metrics_allow, rate_limits, mail),
]
TABLE_CHECKS = [demo, superuser, article_index, assistant, channels, pushes, robots, former_keys]
