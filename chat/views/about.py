"""The visitor of a conversation: what is known of them, and what agents do about them."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.requests import wants_json
from chat.background import upkeep
from chat.posting import batches, visitor_forms
from chat.protocol.errors import Refused
from chat.reading import profiles

from ..limits import limits, member_keys
from . import workspace
from .common import json, refusal, tell_wait
from .workspace import conversation_or_404, for_agents


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def visitor(request: HttpRequest, group: uuid.UUID) -> HttpResponse:
    """GET: the visitor as JSON. POST: `action` with its fields."""
    found = conversation_or_404(request.user, group)
    me = request.user
    if request.method != "POST":
        return json({"visitor": profiles.profile(me, found.visitor, found.uuid)})
    try:
        action = visitor_forms.check(request.POST, me.uuid, found.uuid)
        limits.take("message", member_keys(me.uuid))
        batches.do(action)
        # Sockets of one who is blocked close with the next beat.
        upkeep.soon()
    except Refused as refused:
        if wants_json(request):
            return refusal(refused)
        return tell_wait(workspace.show(request, found, refused), refused)
    return json({"ok": True}) if wants_json(request) else redirect("conversation", group)
