"""Bytes from a socket become a dict, or are refused. What its fields mean is forms.py's."""

import orjson

from .errors import Refused

MAX_FRAME = 64 * 1024
"""Bytes of UTF-8 in one frame (docs/protocol.md)."""


def parse(text: str | None) -> dict:
    """One frame's JSON object. Refuses (bad_frame) binary, other JSON, NaN, and oversize.

    orjson takes neither NaN nor lone surrogates, and stops at 1,024 levels, so none of
    these reaches the code behind.
    """
    if text is None:
        raise Refused("bad_frame", "Send text, not binary.")
    if len(text) > MAX_FRAME or (not text.isascii() and utf8_length(text) > MAX_FRAME):
        raise Refused("bad_frame", "A frame holds 64 KiB at the most.")
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused("bad_frame", "This is not JSON.") from error
    if not isinstance(frame, dict):
        raise Refused("bad_frame", "A frame is one JSON object.")
    return frame


def utf8_length(text: str) -> int:
    """Bytes of UTF-8; a lone surrogate counts three, orjson refuses it afterwards."""
    return len(text.encode(errors="surrogatepass"))


def encode(event: dict) -> bytes:
    """An event as JSON. Times must be aware; they leave as ISO 8601 UTC with a Z."""
    return orjson.dumps(event, option=orjson.OPT_UTC_Z)
