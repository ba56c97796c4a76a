"""What people do to a conversation beside writing in it, by HTTP: forms and JSON.

The fields are those of the frames, and the same checks and functions stand behind them.
"""

import uuid
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import wants_json

from .. import access, conversations, forms, pages, posting
from ..actions import Action, Rating, Recall
from ..errors import Refused
from ..limits import limits, of_member
from . import visitor, workspace
from .common import json, number, refusal, tell_wait, unauthorised
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
        posting.do(Action.of(form, me))
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
        limits.take("message", of_member(me))
        posting.do(Recall(me, found.uuid, seq))
    except Refused as refused:
        if wants_json(request):
            return refusal(refused)
        return tell_wait(workspace.show(request, found, refused), refused)
    return json({"ok": True}) if wants_json(request) else redirect("conversation", group)


@require_safe
@for_agents
def colleagues(request: HttpRequest) -> HttpResponse:
    """Whom and which team one may invite or hand a conversation on to."""
    return json(pages.colleagues_now(request.user))


def for_the_visitor(view):
    """What a visitor does to their conversation with the team of the page: `view` gets the
    request, the visitor's uuid and the group, and answers what is to be done, or refuses."""

    @require_POST
    @never_cache
    @visitor.limited
    @wraps(view)
    def guarded(request: HttpRequest, ent_id: str) -> HttpResponse:
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
                raise guest.closed_out()
            group = conversations.find(guest.uuid, team.id)
            item = view(request, guest.uuid, group)
            if group is None:
                raise Refused("not_found", "You have not written yet.")
            limits.take("message", visitor.keys_of(request, guest.uuid, ent_id))
            posting.do(item)
        except Refused as refused:
            if wants_json(request):
                return refusal(refused)
            if guest.blocked:
                return visitor.closed_out(request, enterprise, guest)
            return tell_wait(visitor.show(request, enterprise, team, guest, refused), refused)
        if wants_json(request):
            return json({"ok": True})
        return redirect(visitor.page_url(request, enterprise))

    return guarded


@for_the_visitor
def rate(request: HttpRequest, who: str, group: str | None) -> Rating:
    """The visitor's word on the latest reception of the team of the page."""
    score = request.POST.get("score", "")
    frame = {
        "score": int(score) if score in ("1", "2", "3", "4", "5") else None,
        "comment": request.POST.get("comment"),
    }
    form = forms.rate(frame, visitor=True)
    return Rating(who, group, form.score, form.comment)


@for_the_visitor
def recall_own(request: HttpRequest, who: str, group: str | None) -> Recall:
    """Takes back the own message `seq`."""
    return Recall(who, group, number(request.POST.get("seq", ""), "seq"))
