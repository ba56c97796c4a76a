"""Checks of Redis, which carries announcements between processes."""

import ipaddress
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from .finding import Finding, error, warning

FIRST_UNSUPPORTED = 8
"""The first major version of redis-py whose timeout ends idle receivers, and which cannot be used
(requirements/production.in)."""
TIMEOUT = 3
"""Seconds that Redis has to answer."""


def workers() -> int:
    """WORKERS as bin/serve reads it; 1 for a value that it would refuse."""
    text = os.environ.get("WORKERS", "")
    return int(text) if text.isascii() and text.isdigit() else 1


def channel_layer() -> Iterator[Finding]:
    if workers() > 1 and not settings.REDIS_URL:
        yield error(
            _(
                "WORKERS={n} without REDIS_URL: what one process stores reaches the others only "
                "with their next sync"
            ),
            _("set REDIS_URL"),
            n=workers(),
        )


def redis_client() -> Iterator[Finding]:
    if not settings.REDIS_URL:
        return
    cure = _(".venv/bin/pip install -r requirements/production.txt (bin/serve does it)")
    try:
        import channels_redis  # noqa: F401
        import redis
    except ImportError as reason:
        yield error(
            _("REDIS_URL is set, but {package} is not installed"), cure, package=reason.name
        )
        return
    if int(redis.__version__.split(".")[0]) >= FIRST_UNSUPPORTED:
        yield error(
            _("redis {version} for Python ends receivers that are idle"),
            cure,
            version=redis.__version__,
        )


def redis_server() -> Iterator[Finding]:
    """Whether it answers, and whether it keeps all keys."""
    if not settings.REDIS_URL:
        return
    import redis

    options = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **options) as server:
            memory = server.info("memory")
    except redis.RedisError as reason:
        yield error(
            _("Redis does not answer: {reason}; messages reach other processes only with a sync"),
            _("start Redis, or correct REDIS_URL"),
            reason=reason,
        )
        return
    policy = memory.get("maxmemory_policy", "")
    if memory.get("maxmemory") and policy != "noeviction":
        yield warning(
            _("Redis forgets keys when its memory is full (maxmemory-policy {policy})"),
            _("set maxmemory-policy noeviction, and give Kefu a Redis that is nobody's cache"),
            policy=policy,
        )


def redis_password() -> Iterator[Finding]:
    parts = urlsplit(settings.REDIS_URL)
    if parts.hostname and not parts.password and not is_loopback(parts.hostname):
        yield warning(
            _("Redis on {host} is used without a password: whoever reaches it reads along"),
            _(
                "set requirepass there and redis://:password@… here, or keep it in a private "
                "network"
            ),
            host=parts.hostname,
        )


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


CHECKS = [channel_layer, redis_client, redis_server, redis_password]
