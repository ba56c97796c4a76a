"""What agents do to a conversation besides writing in it, as plain forms and JSON.

The fields are those of the frames (docs/protocol.md), with the same checks.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import wants_json
from chat.ledger import access
from chat.limits import limits, member_keys
from chat.models import Conversation
from chat.posting import batches, visitor_actions
from chat.posting.actions import Edit, Recall
from chat.presence import leases
from chat.protocol import checks, forms
from chat.protocol.errors import Refused
from chat.reading import conversation_page
from chat.reading.next_waiting import next_waiting
from chat.views.common import done, json_response, parse_number
from chat.views.refusals import answer_refusals

from .workspace import for_agents, for_conversation, render_refused


@require_POST
@for_conversation
@answer_refusals(render_refused)
def perform(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """Performs `action`, a frame's type without "conversation." or "offer.", with the fields of the
    frame."""
    me = request.user.uuid
    form = checks.check_frame(frame_of(request, conversation.uuid), visitor=False)
    if not isinstance(form, forms.ActionForm | forms.DeclineForm):
        raise Refused("bad_field", "action is one of a conversation's.")
    limits.take("message", member_keys(me))
    leases.come_back(request.user)
    batches.do(visitor_actions.asked(form, me))
    if wants_json(request):
        return json_response({"ok": True})
    acts = isinstance(form, forms.ActionForm)
    if acts and form.name in DONE and request.user.opens_next:
        messages.success(request, DONE[form.name])
        group = next_waiting(request.user, conversation.uuid)
        return redirect("conversation", group) if group else redirect("workspace")
    if access.conversation_for(request.user, conversation.uuid) is None:
        return redirect("workspace")
    return redirect("conversation", conversation.uuid)


DONE = {
    "close": _("Conversation closed"),
    "snooze": _("Snoozed"),
    "transfer": _("Transferred"),
}
"""The actions after which the next conversation is opened, with what is said of them there."""
TEXTS = ("member", "team", "note", "tag", "reason", "summary")
"""The fields that are copied into the frame as they are."""


def frame_of(request: HttpRequest, group: str) -> dict:
    """The frame with the fields of a plain form, without those that were left empty."""
    fields = request.POST
    action = fields.get("action", "")
    about = "offer" if action == "decline" else "conversation"
    frame = {"type": f"{about}.{action}", "group": group}
    frame |= {name: fields[name] for name in TEXTS if fields.get(name)}
    if fields.get("take_over", "") not in ("", "0", "1"):
        raise Refused("bad_field", "take_over is 1 or 0.")
    if fields.get("minutes"):
        frame["minutes"] = parse_number(fields["minutes"], "minutes")
    return frame | {"take_over": fields.get("take_over") == "1"}


@require_POST
@for_conversation
@answer_refusals(render_refused)
def recall(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """Recalls the member's own message `seq`."""
    me = request.user.uuid
    seq = parse_number(request.POST.get("seq", ""), "seq")
    limits.take("message", member_keys(me))
    leases.come_back(request.user)
    batches.do(Recall(me, conversation.uuid, seq))
    return done(request, "conversation", conversation.uuid)


@require_POST
@for_conversation
@answer_refusals(render_refused)
def edit(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """Gives the member's own message `seq` the text `content`."""
    me, fields = request.user.uuid, request.POST
    frame = {"group": conversation.uuid, "content": fields.get("content")}
    frame["seq"] = parse_number(fields.get("seq", ""), "seq")
    form = checks.check_edit(frame, visitor=False)
    limits.take("message", member_keys(me))
    leases.come_back(request.user)
    batches.do(Edit(me, form.group, form.seq, form.content))
    return done(request, "conversation", conversation.uuid)


@require_safe
@for_agents
def colleagues(request: HttpRequest) -> HttpResponse:
    """The colleagues and teams that a conversation may be shared with or transferred to."""
    return json_response(conversation_page.colleagues_with_load(request.user))
