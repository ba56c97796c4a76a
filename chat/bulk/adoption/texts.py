"""Texts and times of other databases, as they are meant."""

from datetime import datetime, timezone, tzinfo


def folded(reference: str) -> str:
    """An id without capitals and spaces at the end, of which the id here is made."""
    return reference.rstrip(" ").casefold()


def repaired(text: str) -> str:
    """A text of a latin1 column in which a program has put the bytes of UTF-8; any other as it
    is."""
    if text.isascii():
        return text
    try:
        return b"".join(map(latin1_byte, text)).decode()
    except (UnicodeError, ValueError):
        return text


def latin1_byte(letter: str) -> bytes:
    """What MySQL calls latin1: Windows-1252, with the five holes filled."""
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return bytes([ord(letter)])


def in_utc(value: datetime | None, zone: tzinfo) -> datetime | None:
    """A time by the clock of `zone` in UTC. None for none, and for a time that cannot be."""
    if not isinstance(value, datetime):
        return None
    try:
        return value.replace(tzinfo=zone).astimezone(timezone.utc)
    except OverflowError:
        return None
