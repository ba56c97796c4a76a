"""The browsers in which members allowed pushes: each ends with the session in which it was added,
and belongs to who said last that it is theirs."""

import base64
import hashlib
import re
import time
from datetime import time as TimeOfDay
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import hours
from accounts.models import Member, MemberSession
from chat.conversations import causes
from chat.database import retry
from chat.models import PushDevice
from chat.protocol.errors import Refused
from chat.webhooks import addresses, sender

from .encryption import CURVE

MOST = 10
"""Devices of a member."""
MAX_ENDPOINT = 2000
"""Characters: those of today's push services have up to 600."""
MAX_ZONE = 50
"""Characters of a time zone's name (the column's length)."""
AUTH, POINT = 16, 65
"""Bytes of the two keys (RFC 8291)."""
LOOK_UP = 3.0
"""Seconds for the name of an endpoint's host; what is not known by then is found out at a send."""
BASE64URL = re.compile(r"[A-Za-z0-9_-]{1,100}={0,2}")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

GONE, KEY, LARGE, REFUSED, BUSY, UNREACHABLE = (
    *(PushDevice.GONE, "key", "large", "refused"),
    *("busy", "unreachable"),
)
"""Why a push was not taken, as it is stored with a device."""
WORDS = {
    "": _("The push service took it: it should show within seconds."),
    GONE: _("The browser takes no pushes any more. Allow them again."),
    KEY: _("The server has another key since. Allow pushes again."),
    LARGE: _("The push service found it too large."),
    REFUSED: _("The push service refused it."),
    BUSY: _("The push service is busy. It is tried again."),
    UNREACHABLE: _("The push service was not reached. It is tried again."),
}


def add(member: Member, session_key: str, given: Any) -> PushDevice:
    """Stores what a push service gave a browser: `endpoint` and `keys`, and of `choice`,
    `quiet_from`, `quiet_to` and `zone` what is given. A device that is known keeps the others.
    Raises Refused."""
    if not isinstance(given, dict):
        raise Refused("bad_field", "The body must be a JSON object.")
    endpoint = endpoint_of(given)
    keys = given.get("keys")
    if not isinstance(keys, dict):
        raise Refused("bad_field", "keys must be an object.", field="keys")
    found = {"endpoint": endpoint, "p256dh": point(keys), "auth": auth(keys), **wishes(given)}
    return retry(lambda: store(member, session_key, found))


def endpoint_of(given: dict) -> str:
    """An address to which a push may be sent. Raises Refused."""
    endpoint = given.get("endpoint")
    try:
        target = addresses.parse(endpoint, MAX_ENDPOINT)
        if not target.secure and not settings.PUSH_ALLOW:
            raise addresses.Forbidden("it must begin with https://")
        sender.look_up(target, settings.PUSH_ALLOW, time.monotonic() + LOOK_UP)
    except (addresses.Unknown, sender.Late):
        pass  # Each send asks again.
    except addresses.Forbidden as error:
        raise Refused("bad_field", f"endpoint: {error}.", field="endpoint") from None
    return endpoint  # type: ignore[return-value]  # parse takes nothing but texts


def point(keys: dict) -> str:
    """A public key of a browser. Raises Refused."""
    value, raw = raw_of(keys, "p256dh")
    try:
        if len(raw) == POINT:
            ec.EllipticCurvePublicKey.from_encoded_point(CURVE, raw)
            return value
    except ValueError:
        pass
    raise Refused("bad_field", "p256dh must be a point of the curve P-256.", field="p256dh")


def auth(keys: dict) -> str:
    value, raw = raw_of(keys, "auth")
    if len(raw) != AUTH:
        raise Refused("bad_field", f"auth must have {AUTH} bytes.", field="auth")
    return value


def raw_of(keys: dict, name: str) -> tuple[str, bytes]:
    value = keys.get(name)
    if isinstance(value, str) and BASE64URL.fullmatch(value):
        value = value.rstrip("=")
        if len(value) % 4 != 1:
            return value, decoded(value)
    raise Refused("bad_field", f"{name} must be base64url.", field=name)


def decoded(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


def wishes(given: dict) -> dict[str, Any]:
    """What of the choices is given. Raises Refused."""
    found = {name: given[name] for name in ("choice", "zone") if name in given}
    if found.get("choice", PushDevice.Choice.ALL) not in PushDevice.Choice.values:
        raise Refused("bad_field", "choice must be mine or all.", field="choice")
    zone = found.get("zone", "UTC")
    if not isinstance(zone, str) or len(zone) > MAX_ZONE or not hours.is_zone(zone):
        raise Refused("bad_field", "zone must be the name of a time zone.", field="zone")
    if {"quiet_from", "quiet_to"} & given.keys():
        begin, end = (time_of(given, name) for name in ("quiet_from", "quiet_to"))
        if (begin is None) != (end is None) or (begin and begin == end):
            raise Refused("bad_field", "quiet hours have a start and an end.", field="quiet_to")
        found |= {"quiet_from": begin, "quiet_to": end}
    return found


def time_of(given: dict, name: str) -> TimeOfDay | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not TIME.fullmatch(value):
        raise Refused("bad_field", f"{name} must be HH:MM or null.", field=name)
    return TimeOfDay.fromisoformat(value)


@transaction.atomic
def store(member: Member, session_key: str, found: dict[str, Any]) -> PushDevice:
    # Two at once must not both be the tenth.
    Member.objects.select_for_update().get(pk=member.pk)
    session = MemberSession.objects.filter(key=session_key, member=member).first()
    if session is None:
        raise Refused("forbidden", "Sign in first.")
    PushDevice.objects.gone().filter(session=session).delete()
    digest = digest_of(found["endpoint"])
    known = PushDevice.objects.filter(digest=digest).first()
    if known and (known.member_id, known.ent_id) != (member.pk, member.enterprise.code):  # type: ignore[union-attr]
        known.delete()
        known = None
    if known is None:
        if PushDevice.objects.filter(member=member).count() >= MOST:
            raise Refused("conflict", f"A member has {MOST} devices at the most.")
        known = PushDevice(ent_id=member.enterprise.code, member=member, digest=digest)  # type: ignore[union-attr]
    for name, value in found.items():
        setattr(known, name, value)
    known.session = session
    known.save()
    causes.with_devices.add(known.ent_id)
    return known


def of(member: Member) -> QuerySet[PushDevice]:
    return PushDevice.objects.filter(member=member, ent_id=member.enterprise.code)  # type: ignore[union-attr]


def is_gone(session_key: str) -> bool:
    """Whether the push service of this session's browser knows its subscription no more; what it
    subscribed with before does not count."""
    last = PushDevice.objects.gone().filter(session__key=session_key).order_by("pk").last()
    later = PushDevice.objects.filter(session__key=session_key)
    return last is not None and not later.filter(pk__gt=last.pk).exists()


def named(member: Member, given: Any) -> PushDevice | None:
    """Their device with the `endpoint` that is given. Raises Refused where none is."""
    endpoint = given.get("endpoint") if isinstance(given, dict) else None
    if not isinstance(endpoint, str) or not 0 < len(endpoint) <= MAX_ENDPOINT:
        raise Refused("bad_field", "endpoint must be a text.", field="endpoint")
    return of(member).filter(digest=digest_of(endpoint)).first()


def digest_of(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode("utf-8", "replace")).hexdigest()


def devices_of(member: Member, session_key: str) -> list[dict]:
    """What their page lists of each, the newest first."""
    return [
        {
            "id": one.pk,
            "endpoint": one.endpoint,
            "place": one.session.place,
            "this": one.session.key == session_key,
            "choice": one.choice,
            "quiet_from": one.quiet_from,
            "quiet_to": one.quiet_to,
            "zone": one.zone,
            "created_at": one.created_at,
            "sent_at": one.sent_at,
            "failed_at": one.failed_at if one.failure else None,
            "failure": str(WORDS.get(one.failure, "")) if one.failure else "",
        }
        for one in of(member).select_related("session").order_by("-pk")
    ]
