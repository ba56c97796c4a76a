"""Request bodies: JSON objects of a bounded size, read strictly."""

import json

from django.conf import settings
from django.http import HttpRequest
from ninja.parser import Parser

from chat.protocol import frames
from chat.protocol.errors import Refused


class StrictParser(Parser):
    """Reads what schemas are filled from. kefu/bodies.py has refused bodies above MAX_API_BODY by
    their headers, before anything was read."""

    def parse_body(self, request: HttpRequest) -> dict:
        if request.content_type != "application/json" or "Content-Encoding" in request.headers:
            raise Refused("bad_kind", "Send JSON as application/json, not compressed.")
        body = request.body
        if len(body) > settings.MAX_API_BODY:
            raise Refused("too_long", "This body is too large.", limit=settings.MAX_API_BODY)
        return parse(body)


def parse(body: bytes) -> dict:
    """The JSON object of a body. Refuses with bad_frame what is no JSON object in UTF-8, is nested
    too deeply, has NaN or a lone surrogate, as frames do; and an object that has a key twice, of
    which readers would see one or the other."""
    found = frames.parse_object(body)
    try:
        json.loads(body, object_pairs_hook=without_doubles)
    except RecursionError:
        raise Refused("bad_frame", "This is nested too deeply.") from None
    return found


def without_doubles(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Refused("bad_frame", "An object has the same key twice.")
    return found
