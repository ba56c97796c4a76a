"""Sends a push to a device."""

import hashlib
import time

from django.conf import settings

from chat import clock, metrics
from chat.models import Notification, PushDevice
from chat.notifications.contract import Failed, Later
from chat.webhooks import sender
from chat.webhooks.addresses import Forbidden, parse

from . import encryption, payloads, vapid
from .devices import BUSY, GONE, KEY, LARGE, MAX_ENDPOINT, REFUSED, UNREACHABLE, decoded

TIMEOUT = 10.0
"""Seconds for all of a try."""
Kind = Notification.Kind
TTL = {Kind.WAITING: 3600, Kind.MENTION: 24 * 3600}
"""Seconds for which a push service keeps one for a phone that is off; an offer as long as it
lasts."""
GONE_TTL = 24 * 3600
"""What it replaces may have been shown before the phone lost its network."""
NOT_TAKEN = (429, 503)
"""With these a service says that it has not looked at it."""


def send(one: Notification, device: PushDevice, ending: bool) -> None:
    """Sends it, or that its cause is gone. Raises Later, Failed."""
    offer = one.kind == Kind.OFFER
    seconds = payloads.seconds_left(one, clock.now()) if offer else TTL[Kind(one.kind)]
    post(
        device,
        payloads.payload(one, device, ending),
        TTL=str(GONE_TTL if ending else seconds),
        Urgency="normal" if ending else "high",
        Topic=topic(one.group_id),
    )


def test(device: PushDevice) -> None:
    """Sends one that only says that pushes arrive. Raises Later, Failed."""
    post(device, payloads.packed(kind="test", group="", name=""), TTL="60", Urgency="high")


def topic(group: str) -> str:
    """The name under which a later push of a conversation replaces an earlier one that was not
    delivered yet. The service does not learn the conversation's id from it."""
    return vapid.encoded(hashlib.sha256(f"push {group}".encode()).digest()[:24])


def post(device: PushDevice, payload: bytes, **headers: str) -> None:
    """Sends a payload, and stores what came of it with the device; one that its push service does
    not know any more is none from then on. Raises Later, Failed."""
    try:
        status, pause = posted(device, payload, headers)
        judge(status, pause)
    except (Later, Failed) as error:
        metrics.PUSHES.labels("later" if isinstance(error, Later) else "failed").inc()
        note(device, failure=error.reason, failed_at=clock.now())
        raise
    metrics.PUSHES.labels("sent").inc()
    note(device, failure="", sent_at=clock.now())


def posted(device: PushDevice, payload: bytes, headers: dict[str, str]) -> tuple[int, float]:
    """The status of the answer, and the seconds for which the service asks to be left alone."""
    body = encryption.encrypt(payload, decoded(device.p256dh), decoded(device.auth))
    try:
        headers |= {
            "Authorization": vapid.header(parse(device.endpoint, MAX_ENDPOINT)),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
        }
        until = time.monotonic() + TIMEOUT
        with sender.sent(device.endpoint, headers, body, until, settings.PUSH_ALLOW) as answer:
            return answer.status, sender.pause_of(answer.head)
    except Forbidden as error:
        raise Later(UNREACHABLE) from error
    except (sender.Late, OSError, ValueError) as error:
        raise Later(UNREACHABLE, perhaps=True) from error


def judge(status: int, pause: float) -> None:
    """Raises Later or Failed unless it was taken."""
    if 200 <= status < 300:
        return
    if status == 429 or status >= 500:
        raise Later(BUSY, pause, perhaps=status not in NOT_TAKEN)
    if status in (404, 410):
        raise Failed(GONE)
    raise Failed({401: KEY, 403: KEY, 413: LARGE}.get(status, REFUSED))


def note(device: PushDevice, **columns) -> None:
    rows = PushDevice.objects.filter(pk=device.pk)
    if columns["failure"] == GONE:
        columns |= {"endpoint": "", "digest": f"gone {device.pk}"}
    rows.update(**columns)
