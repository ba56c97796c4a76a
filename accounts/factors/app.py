"""Authenticator apps: six digits from a shared secret and the time (TOTP, RFC 6238)."""

import time
from hmac import compare_digest

import pyotp
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import encryption
from accounts.models import AuthenticatorApp, Member

ISSUER = "Kefu"
DRIFT = (0, -1, 1)
"""Steps of 30 s beside the present one that count: clocks differ, and typing takes its time."""

MOST_WRONG = 100
"""Wrong codes in a row after which the app lets nobody in any more. Who knows the password and
has many addresses is locked out of none of them in time; three in a million guesses are right."""


def new_secret() -> str:
    """160 random bits in base32."""
    return pyotp.random_base32()


def address(member: Member, secret: str) -> str:
    """The otpauth:// address that a QR code carries to the app."""
    issuer = member.enterprise.name if member.enterprise else ISSUER
    return pyotp.TOTP(secret).provisioning_uri(name=member.name, issuer_name=issuer)


def set_up(member: Member, secret: str, code: str) -> bool:
    """Stores the secret if `code` proves that the member's app has it, and they have no other."""
    step = step_of(secret, code)
    if step is None:
        return False
    try:
        with transaction.atomic():
            AuthenticatorApp.objects.create(
                member=member, sealed=encryption.seal(secret), last_step=step
            )
    except IntegrityError:  # Another window was first.
        return False
    return True


def accept(member: Member, code: str) -> bool:
    """Whether this is a code of the member's app that was not used before, nor one after it. The
    condition of the update decides, so of two processes one accepts it."""
    row = AuthenticatorApp.objects.filter(member=member, wrong__lt=MOST_WRONG).first()
    secret = encryption.unseal(row.sealed) if row else None
    if secret is None:
        return False
    step = step_of(secret, code)
    if step is None:
        AuthenticatorApp.objects.filter(member=member).update(wrong=F("wrong") + 1)
        return False
    unused = AuthenticatorApp.objects.filter(member=member, sealed=row.sealed, last_step__lt=step)
    return unused.update(last_step=step, wrong=0) == 1


def step_of(secret: str, code: str) -> int | None:
    """The time step whose code this is, or None."""
    now = int(time.time()) // 30
    totp = pyotp.TOTP(secret)
    for drift in DRIFT:
        if compare_digest(totp.generate_otp(now + drift).encode(), code.encode()):
            return now + drift
    return None
