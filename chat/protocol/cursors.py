"""Places in a list of rows, as opaque texts."""

import base64
import binascii
from datetime import datetime, timezone

import orjson

from chat.protocol.errors import Refused


def moment(at: datetime) -> str:
    """A time that sorts as a text as it does as a time."""
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")


def parse_moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=timezone.utc)
    except ValueError:
        raise wrong() from None


def write(place: list) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode()


def parse(text: str | None) -> list | None:
    """The place that `write` wrote; None without a text. Raises `Refused` for any other."""
    if not text:
        return None
    try:
        place = orjson.loads(base64.urlsafe_b64decode(text.encode()))
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raise wrong() from None
    if not isinstance(place, list):
        raise wrong()
    return place


def checked(place: list, *kinds: type) -> list:
    """The place, if its parts are of these kinds, as those of this list are."""
    if list(map(type, place)) != list(kinds):
        raise wrong()
    if any(isinstance(part, int) and not 0 <= part < 2**63 for part in place):
        raise wrong()
    return place


def wrong() -> Refused:
    return Refused("bad_field", "cursor is that of an earlier answer.", field="cursor")
