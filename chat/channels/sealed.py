"""The secrets of a channel: its keys, and tokens that the other side gave."""

import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

import orjson
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts import encryption
from chat.models import Channel

from .contract import KEY, SEALED, Failed

EARLY = timedelta(minutes=5)
"""How long before its end an access token is renewed, while both hold."""
BELL = timedelta(minutes=10)
"""How long the token of a call holds."""
FETCHING: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)
"""By channel, held while its token is fetched."""


class Keys(dict[str, str]):
    """Secret settings by name. Raises Failed for one that is not there, as after an import."""

    def __missing__(self, name: str) -> str:
        raise Failed(KEY, f"{name} is missing", breaks=True)


def keys_of(channel: Channel) -> dict[str, str]:
    """The secret settings. Raises Failed where SECRET_KEY is another one than they were stored
    under."""
    if not channel.sealed:
        return Keys()
    text = encryption.unseal(channel.sealed)
    if text is None:
        raise Failed(SEALED, "SECRET_KEY has changed: give its keys again", breaks=True)
    return Keys(orjson.loads(text))


def seal(keys: dict[str, str]) -> str:
    return encryption.seal(orjson.dumps(keys).decode()) if keys else ""


def token_of(channel: Channel, fetch: Callable[[], tuple[str, float]], refused: str = "") -> str:
    """The access token, shared by all processes; where it is missing, about to end, or the other
    side has `refused` it, a new one by `fetch`, which returns it and the seconds that it holds.
    Raises what `fetch` raises.

    Only one thread of a process fetches. The row is not locked: the other side may take its time.
    """
    if good := stored(channel, timezone.now(), refused):
        return good
    with FETCHING[channel.pk]:
        row = Channel.objects.get(pk=channel.pk)
        good = stored(row, timezone.now(), refused)
        if not good:
            good, seconds = fetch()
            row.token = encryption.seal(good)
            row.token_until = timezone.now() + timedelta(seconds=seconds)
            Channel.objects.filter(pk=row.pk).update(token=row.token, token_until=row.token_until)
    channel.token, channel.token_until = row.token, row.token_until
    return good


def stored(channel: Channel, now: datetime, refused: str) -> str:
    """The token that is stored, if it may be used; else ""."""
    if not channel.token or channel.token_until is None or channel.token_until - EARLY <= now:
        return ""
    found = encryption.unseal(channel.token) or ""
    return "" if found == refused else found


def seal_bell(token: str) -> str:
    """The token of a call, for `Channel.bell`."""
    return seal({"token": token, "until": (timezone.now() + BELL).isoformat()})


def bell_of(channel: Channel) -> str:
    """The token of the last call, while it holds; else ""."""
    found = orjson.loads(encryption.unseal(channel.bell) or "{}")
    until = parse_datetime(found.get("until", ""))
    return found["token"] if until and until > timezone.now() else ""
