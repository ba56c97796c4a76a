"""What people do to a conversation beside writing in it, by HTTP: forms and JSON.

The fields are those of the frames, and the same checks and functions stand behind them.
"""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import wants_json
from chat.delivery import access
from chat.posting import batches, visitor_actions
from chat.posting.actions import Recall
from chat.protocol import forms
from chat.protocol.errors import Refused
from chat.reading import conversation_page

from ..limits import limits, member_keys
from . import workspace
from .common import json, number, refusal, tell_wait
from .workspace import conversation_or_404, for_agents


@require_POST
@for_agents
def act(request: HttpRequest, group: uuid.UUID) -> HttpResponse:
    """`action` is the frame's type without "conversation."; its fields beside it."""
    found = conversation_or_404(request.user, group)
    me = request.user.uuid
    try:
        form = forms.check(frame_of(request, found.uuid), visitor=False)
        if not isinstance(form, forms.ActionForm):
            raise Refused("bad_field", "action is one of a conversation's.")
        limits.take("message", member_keys(me))
        batches.do(visitor_actions.asked(form, me))
    except Refused as refused:
        if wants_json(request):
            return refusal(refused)
        return tell_wait(workspace.show(request, found, refused), refused)
    if wants_json(request):
        return json({"ok": True})
    if access.conversation_for(request.user, found.uuid) is None:
        return redirect("workspace")
    return redirect("conversation", group)


TEXTS = ("member", "team", "note", "tag", "reason", "summary")


def frame_of(request: HttpRequest, group: str) -> dict:
    """The frame that a plain form stands for: what was left empty is not there."""
    fields = request.POST
    frame = {"type": f"conversation.{fields.get('action', '')}", "group": group}
    frame |= {name: fields[name] for name in TEXTS if fields.get(name)}
    if fields.get("take_over", "") not in ("", "0", "1"):
        raise Refused("bad_field", "take_over is 1 or 0.")
    if fields.get("minutes"):
        frame["minutes"] = number(fields["minutes"], "minutes")
    return frame | {"take_over": fields.get("take_over") == "1"}


@require_POST
@for_agents
def recall(request: HttpRequest, group: uuid.UUID) -> HttpResponse:
    """Takes back the own message `seq`."""
    found = conversation_or_404(request.user, group)
    me = request.user.uuid
    try:
        seq = number(request.POST.get("seq", ""), "seq")
        limits.take("message", member_keys(me))
        batches.do(Recall(me, found.uuid, seq))
    except Refused as refused:
        if wants_json(request):
            return refusal(refused)
        return tell_wait(workspace.show(request, found, refused), refused)
    return json({"ok": True}) if wants_json(request) else redirect("conversation", group)


@require_safe
@for_agents
def colleagues(request: HttpRequest) -> HttpResponse:
    """Whom and which team one may invite or hand a conversation on to."""
    return json(conversation_page.colleagues_with_states(request.user))
