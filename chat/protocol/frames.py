"""Frames and events as JSON. checks.py checks the fields of a frame."""

import orjson

from .errors import Refused

MAX_FRAME = 64 * 1024
"""Bytes of UTF-8 in one frame (docs/protocol.md)."""


def parse(text: str | None) -> dict:
    """The JSON object of one frame; `text` is None for a binary frame. Refuses with bad_frame what
    is binary, larger than MAX_FRAME, or no JSON object.

    orjson refuses NaN, lone surrogates and more than 1,024 levels of nesting, so the code that
    reads the dict needs no checks for them.
    """
    if text is None:
        raise Refused("bad_frame", "Send text, not binary.")
    if len(text) > MAX_FRAME or (not text.isascii() and utf8_length(text) > MAX_FRAME):
        raise Refused("bad_frame", "A frame holds 64 KiB at the most.")
    return parse_object(text)


def parse_object(text: str | bytes) -> dict:
    """The JSON object in a text, or in bytes of UTF-8, whose size the caller has bounded."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused("bad_frame", "This is not JSON.") from error
    if not isinstance(found, dict):
        raise Refused("bad_frame", "Send one JSON object.")
    return found


def utf8_length(text: str) -> int:
    """The length in bytes of UTF-8. A lone surrogate counts three; orjson refuses it afterwards."""
    return len(text.encode(errors="surrogatepass"))


def encode(event: dict) -> bytes:
    """An event as JSON. Datetimes must be aware; they are written as ISO 8601 in UTC with a Z."""
    return orjson.dumps(event, option=orjson.OPT_UTC_Z)
