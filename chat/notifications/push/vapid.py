"""RFC 8292: says to a push service who sends. The key pair is made of SECRET_KEY, so all processes
have it and no copy of the database does. With another SECRET_KEY there is another pair: services
then refuse what is sent to devices that subscribed before, until their pages subscribe anew.
"""

import base64
from functools import cache

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from chat import clock
from chat.webhooks.addresses import Target

from .encryption import CURVE, point_of

LASTS = 12 * 3600
"""Seconds for which a signature holds: services take up to 24 hours, and clocks differ."""


def public_key() -> str:
    """What a page subscribes with."""
    return encoded(point_of(private_key(settings.SECRET_KEY)))


def header(to: Target) -> str:
    """The value of Authorization for a push to an endpoint."""
    claims = {
        "aud": f"{'https' if to.secure else 'http'}://{to.authority}",
        "exp": int(clock.now().timestamp()) + LASTS,
    }
    if settings.PUBLIC_URL:
        claims["sub"] = settings.PUBLIC_URL
    token = jwt.encode(claims, private_key(settings.SECRET_KEY), "ES256")
    return f"vapid t={token}, k={public_key()}"


@cache
def private_key(secret: str) -> ec.EllipticCurvePrivateKey:
    # 16 bytes more than the number has: so the remainder favours none.
    found = HKDF(SHA256(), 48, salt=None, info=b"kefu push.vapid").derive(secret.encode())
    return ec.derive_private_key(int.from_bytes(found, "big") % (CURVE.group_order - 1) + 1, CURVE)


def encoded(raw: bytes) -> str:
    """base64url, as all of Web Push has it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
