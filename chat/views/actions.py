"""What people do to a conversation beside writing in it, by HTTP: forms and JSON.

The fields are those of the frames, and the same checks and functions stand behind them.
"""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import wants_json

from .. import access, conversations, forms, pages, posting, presence
from ..actions import Action, Rating
from ..errors import Refused
from ..limits import limits, of_member
from . import visitor, workspace
from .common import json, refusal, tell_wait, unauthorised
from .workspace import conversation_or_404, for_agents


@require_POST
@for_agents
def act(request: HttpRequest, group: uuid.UUID) -> HttpResponse:
    """`action` is the frame's type without "conversation."; its fields beside it."""
    found = conversation_or_404(request.user, group)
    me = request.user.uuid
    try:
        form = forms.check(frame_of(request, found.uuid), visitor=False)
        if not isinstance(form, forms.Act):
            raise Refused("bad_field", "action is one of a conversation's.")
        limits.take("message", of_member(me))
        posting.do(
            Action(form.name, me, form.group, form.member, form.team, form.note, form.take_over)
        )
    except Refused as refused:
        if wants_json(request):
            return refusal(refused)
        return tell_wait(workspace.show(request, found, refused), refused)
    if wants_json(request):
        return json({"ok": True})
    if access.conversation_for(request.user, found.uuid) is None:
        return redirect("workspace")
    return redirect("conversation", group)


def frame_of(request: HttpRequest, group: str) -> dict:
    """The frame that a plain form stands for: what was left empty is not there."""
    fields = request.POST
    frame = {"type": f"conversation.{fields.get('action', '')}", "group": group}
    frame |= {name: fields[name] for name in ("member", "team", "note") if fields.get(name)}
    if fields.get("take_over", "") not in ("", "0", "1"):
        raise Refused("bad_field", "take_over is 1 or 0.")
    return frame | {"take_over": fields.get("take_over") == "1"}


@require_safe
@for_agents
def colleagues(request: HttpRequest) -> HttpResponse:
    """Whom and which team one may invite or hand a conversation on to."""
    found = pages.colleagues(request.user)
    online = presence.online_members({one["member"] for one in found["members"]})
    for one in found["members"]:
        one["online"] = one["member"] in online
    return json(found)


@require_POST
@never_cache
@visitor.limited
def rate(request: HttpRequest, ent_id: str) -> HttpResponse:
    """The visitor's word on the latest reception of the team of the page."""
    enterprise, team = visitor.door(request, ent_id)
    if not enterprise.is_open:
        return visitor.closed(request)
    guest = visitor.guest_of(request, enterprise)
    if guest is None:
        if wants_json(request):
            return unauthorised()
        return redirect(visitor.page_url(request, enterprise))
    try:
        if guest.blocked:
            raise Refused("closed_out", "This conversation is closed to you.")
        score = request.POST.get("score", "")
        form = forms.rate(
            {
                "score": int(score) if score in ("1", "2", "3", "4", "5") else None,
                "comment": request.POST.get("comment"),
            },
            visitor=True,
        )
        group = conversations.find(guest.uuid, team.id)
        if group is None:
            raise Refused("not_found", "You have not written yet.")
        limits.take("message", visitor.keys_of(request, guest.uuid, ent_id))
        posting.do(Rating(guest.uuid, group, form.score, form.comment))
    except Refused as refused:
        if wants_json(request):
            return refusal(refused)
        if guest.blocked:
            return visitor.closed_out(request)
        return tell_wait(visitor.show(request, enterprise, team, guest, refused), refused)
    if wants_json(request):
        return json({"ok": True})
    return redirect(visitor.page_url(request, enterprise))
