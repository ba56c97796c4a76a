"""Sends a notification to a robot."""

import ssl
import time
from urllib.parse import parse_qsl, urlsplit

import orjson
from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts import encryption
from chat import metrics
from chat.models import Notification, Robot
from chat.notifications.contract import Failed, Later
from chat.webhooks import addresses, sender
from chat.webhooks.addresses import Forbidden, Target, Unknown

from . import texts
from .failures import ADDRESS, ANSWER, DOWN, LATE, RATE, REFUSED, SEALED, UNREACHABLE, failed, later
from .platforms import PLATFORMS, WAIT, Message

TIMEOUT = 10.0
"""Seconds for all of a try."""
MAX_ANSWER = 4096
"""Bytes of an answer that are read."""
SHORTEST = 8
"""Characters of a part of a URL that is kept out of words: a key is longer."""


def send(one: Notification, robot: Robot) -> None:
    """Sends it in the robot's form; nothing where it is over, or the robot does not hear of it any
    more. Raises Later, Failed."""
    message = texts.message_of(one, robot, timezone.now())
    if message is not None:
        attempt(robot, message)


def attempt(robot: Robot, message: Message) -> None:
    """A try, with what came of it stored at the robot. Raises Later, Failed."""
    url = secret = ""
    try:
        url, secret = secrets_of(robot)
        post(robot.kind, url, secret, message)
    except Later as error:
        metrics.ROBOTS.labels(robot.kind, "later").inc()
        raise Later(hidden(error.reason, url, secret), error.seconds) from None
    except Failed as error:
        reason = hidden(error.reason, url, secret)
        fails(robot, reason)
        raise Failed(reason) from None
    metrics.ROBOTS.labels(robot.kind, "sent").inc()
    rows = Robot.objects.filter(pk=robot.pk)
    rows.update(sent_at=timezone.now(), failure="", failed_at=None, failures=0)


def fails(robot: Robot, reason: str) -> None:
    """It took nothing, and that was given up."""
    metrics.ROBOTS.labels(robot.kind, "failed").inc()
    rows, now = Robot.objects.filter(pk=robot.pk), timezone.now()
    since = Coalesce("failed_at", now)
    rows.update(failure=reason[:300], failed_at=since, failures=F("failures") + 1)


def secrets_of(robot: Robot) -> tuple[str, str]:
    """Its URL, and the secret that signs. Raises Failed."""
    text = encryption.unseal(robot.sealed) if robot.sealed else None
    if text is None:
        raise failed(SEALED)
    found = orjson.loads(text)
    return found["url"], found["secret"]


def seal(url: str, secret: str) -> str:
    return encryption.seal(orjson.dumps({"url": url, "secret": secret}).decode())


def post(kind: str, url: str, secret: str, message: Message) -> None:
    """One try. Raises Later, Failed."""
    platform = PLATFORMS[kind]
    if not may_lead(kind, url):
        raise failed(ADDRESS)
    body = platform.body(message)
    if platform.sign and secret:
        url, body = platform.sign(url, body, secret, time.time())
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Kefu"}
    until, answered = time.monotonic() + TIMEOUT, bytearray()
    try:
        sent = sender.sent(url, headers, orjson.dumps(body), until, settings.PUSH_ALLOW)
        with sent as answer:
            status, pause = answer.status, sender.pause_of(answer.head)
            for piece in answer.pieces():
                answered += piece
                if len(answered) >= MAX_ANSWER:
                    break
    except Unknown:  # As of every host while this server's network or its DNS is down.
        raise later(UNREACHABLE) from None
    except Forbidden as error:
        raise failed(ADDRESS, error) from None
    except (sender.Late, TimeoutError):
        raise later(LATE) from None
    except ssl.SSLError:
        raise later(UNREACHABLE) from None
    except ValueError as error:
        raise later(ANSWER, said=error) from None
    except OSError:
        raise later(UNREACHABLE) from None
    if status == 429:
        raise later(RATE, pause or WAIT[RATE])
    if status >= 500 or status == 408:
        raise later(DOWN, pause, f"HTTP {status}")
    if 300 <= status < 400:
        raise failed(REFUSED, f"HTTP {status}")
    platform.judge(status, bytes(answered))


def may_lead(kind: str, url: str) -> bool:
    """Whether this is an address of the platform, or leads into PUSH_ALLOW, whichever way."""
    try:
        target = addresses.parse(url, sender.MAX_URL)
        platform = PLATFORMS[kind]
        host = target.host.rstrip(".")
        known = any(
            host.endswith(one) if one.startswith(".") else host == one for one in platform.hosts
        )
        if known and target.secure and target.port == 443:
            return target.path.startswith(platform.path)
        return bool(settings.PUSH_ALLOW) and is_within(target)
    except Forbidden:
        return False


def is_within(target: Target) -> bool:
    """Whether every address of a host is in PUSH_ALLOW. Raises Forbidden where it has none."""
    known = addresses.as_address(target.host)
    if known is None:
        until = time.monotonic() + TIMEOUT
        try:
            names = sender.look_up(target, settings.PUSH_ALLOW, until)
        except sender.Late:
            return False
        found = [addresses.as_address(name) for name in names]
    else:
        found = [known]
    networks = addresses.networks(tuple(settings.PUSH_ALLOW))
    return all(one is not None and any(one in each for each in networks) for one in found)


def hidden(text: str, url: str, secret: str) -> str:
    """The text without the URL, the secret, and what of the URL is a key."""
    parts = urlsplit(url)
    keys = [*parts.path.split("/"), *(value for _name, value in parse_qsl(parts.query))]
    for one in (url, secret, *keys):
        if len(one) >= SHORTEST or (one and one == secret):
            text = text.replace(one, "…")
    return text
