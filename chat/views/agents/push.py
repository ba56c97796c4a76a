"""Where a page says that its browser takes pushes, as JSON."""

from typing import cast

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit
from accounts.models import Member
from chat.limits import limits, member_keys
from chat.notifications.contract import Failed, Later
from chat.notifications.push import devices, sending, vapid
from chat.protocol.errors import Refused
from chat.views.common import json_response
from chat.views.refusals import answer_refusals

from .workspace import for_agents

LONGEST = 8_000
"""Bytes of a body: an endpoint, two keys and some choices."""


@require_http_methods(["GET", "HEAD", "POST", "DELETE"])
@for_agents
@answer_refusals()
def push(request: HttpRequest) -> HttpResponse:
    """GET: the key to subscribe with. POST: a device of this session's. DELETE: no more of it."""
    if request.method in ("GET", "HEAD"):
        return json_response({"key": vapid.public_key()})
    member, given = cast(Member, request.user), body_of(request)
    limits.take("device", member_keys(member.uuid))
    with audit.during(request):
        if request.method == "POST":
            devices.add(member, request.session.session_key or "", given)
        elif known := devices.named(member, given):
            known.delete()
    return json_response({})


@require_POST
@for_agents
@answer_refusals()
def test(request: HttpRequest) -> HttpResponse:
    """Sends a push to the device with the `endpoint` that is given, and says what came of it."""
    member = cast(Member, request.user)
    limits.take("test_push", member_keys(member.uuid))
    device = devices.named(member, body_of(request))
    if device is None:
        raise Refused("not_found", "There is no such device of yours.")
    try:
        sending.test(device)
        reason = ""
    except (Later, Failed) as error:
        reason = error.reason
    return json_response(
        {"sent": not reason, "reason": reason, "words": str(devices.WORDS[reason])}
    )


def body_of(request: HttpRequest) -> object:
    """The JSON in the body. Raises Refused."""
    try:
        if len(request.body) <= LONGEST:
            return orjson.loads(request.body)
    except orjson.JSONDecodeError:
        pass
    raise Refused("bad_field", "The body must be a JSON object.")
