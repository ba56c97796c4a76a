"""Which token a request carries, and which tokens still hold."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import AccessToken

from .issue import digest_of

USE_NOTED_EVERY = timedelta(minutes=1)
"""How exactly a token's last use is known: a write with every request would cost more than the
answer."""
MAX_HEADER = 200
"""Characters of a header that are looked at; ours have 55."""


def read(header: str | None) -> AccessToken | None:
    """The token in the value of an Authorization header, `Bearer TOKEN`, with its member; None
    unless it is valid now. Notes that it was used.

    Whatever is wrong takes the same steps, a digest and a look into the index of digests, so that
    the time tells nothing about what is stored.
    """
    scheme, _space, text = (header or "")[:MAX_HEADER].partition(" ")
    digest = digest_of(text.strip().encode("utf-8", "replace").decode())
    rows = AccessToken.objects.select_related("member__enterprise")
    token = rows.filter(digest=digest).first()
    now = timezone.now()
    known = token is not None and constant_time_compare(token.digest, digest)
    if not known or scheme.lower() != "bearer" or not token.is_valid(now):
        return None
    note_use(token, now)
    return token


def note_use(token: AccessToken, now: datetime) -> None:
    before = now - USE_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at <= before:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=before)
        AccessToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def valid_among(ids: set[int]) -> set[int]:
    """Those of these tokens (ids) that are still valid."""
    now = timezone.now()
    rows = AccessToken.objects.filter(pk__in=ids).select_related("member__enterprise")
    return {token.pk for token in rows if token.is_valid(now)}
