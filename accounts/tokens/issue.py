"""Makes and ends tokens."""

import hashlib
import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import signals
from accounts.models import AccessToken

PREFIX = "kefu_"
"""How every token begins, so that scanners of leaked secrets, and people, know it."""
RANDOM_BYTES = 32


def digest_of(text: str) -> str:
    """A secret of 256 random bits needs no salt and no slow hash: it cannot be guessed."""
    return hashlib.sha256(text.encode()).hexdigest()


def issue(token: AccessToken) -> str:
    """Stores a new token with its member, name, scopes and end, and returns its text, which is
    stored nowhere."""
    text = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    token.digest = digest_of(text)
    token.save()
    return text


@transaction.atomic
def rotate(
    former: AccessToken, former_until: datetime, expires_at: datetime | None
) -> tuple[AccessToken, str]:
    """A new token for the same account with the same scopes, and its text. The former one is good
    until `former_until`, or until its own end if that is sooner; a time that is not ahead ends it
    at once."""
    fresh = AccessToken(
        member=former.member, name=former.name, scopes=former.scopes, expires_at=expires_at
    )
    text = issue(fresh)
    if former_until <= timezone.now():
        end(former)
    elif former.expires_at is None or former.expires_at > former_until:
        former.expires_at = former_until
        former.save(update_fields=["expires_at"])
    return fresh, text


@transaction.atomic
def end(token: AccessToken) -> None:
    """Ends a token at once, with the sockets that it opened. Doing it again changes nothing."""
    if token.ended_at is None:
        token.ended_at = timezone.now()
        token.save(update_fields=["ended_at"])
        signals.token_ended.send(AccessToken, token=token)
