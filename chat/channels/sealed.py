"""The secrets of a channel: its keys, and access tokens that the other side gave."""

from collections.abc import Callable
from datetime import datetime, timedelta

import orjson
from django.db import transaction
from django.utils import timezone

from accounts import encryption
from chat.models import Channel

from .contract import SEALED, Failed

EARLY = timedelta(minutes=5)
"""How long before its end an access token is renewed, while both hold."""


def keys_of(channel: Channel) -> dict[str, str]:
    """The secret settings. Raises Failed where SECRET_KEY is another one than they were stored
    under."""
    if not channel.sealed:
        return {}
    text = encryption.unseal(channel.sealed)
    if text is None:
        raise Failed(SEALED, "SECRET_KEY has changed: give its keys again", breaks=True)
    found: dict[str, str] = orjson.loads(text)
    return found


def seal(keys: dict[str, str]) -> str:
    return encryption.seal(orjson.dumps(keys).decode()) if keys else ""


def token_of(channel: Channel, fetch: Callable[[], tuple[str, float]], refused: str = "") -> str:
    """The access token, shared by all processes; where it is missing, about to end, or the other
    side has `refused` it, a new one by `fetch`, which returns it and the seconds that it holds.
    Only one process at a time fetches. Raises what `fetch` raises."""
    if good := stored(channel, timezone.now(), refused):
        return good
    with transaction.atomic():
        row = Channel.objects.select_for_update().get(pk=channel.pk)
        if good := stored(row, timezone.now(), refused):
            channel.token, channel.token_until = row.token, row.token_until
            return good
        token, seconds = fetch()
        channel.token = encryption.seal(token)
        channel.token_until = timezone.now() + timedelta(seconds=seconds)
        Channel.objects.filter(pk=channel.pk).update(
            token=channel.token, token_until=channel.token_until
        )
        return token


def stored(channel: Channel, now: datetime, refused: str) -> str:
    """The token that is stored, if it may be used; else ""."""
    if not channel.token or channel.token_until is None or channel.token_until - EARLY <= now:
        return ""
    found = encryption.unseal(channel.token) or ""
    return "" if found == refused else found
