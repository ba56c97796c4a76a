"""The visitor of a conversation: their profile, and what agents change of it."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from accounts import audit, factors
from accounts.models import Member
from accounts.requests import wants_json
from chat.background import upkeep
from chat.channels.mail import copies
from chat.limits import limits, member_keys
from chat.models import Conversation
from chat.posting import batches, visitor_forms
from chat.presence import leases
from chat.reading import profiles
from chat.views.common import done, json_response
from chat.views.refusals import answer_refusals

from .workspace import for_conversation, render_refused, render_workspace


@require_http_methods(["GET", "HEAD", "POST"])
@for_conversation
@answer_refusals(render_refused)
def visitor(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """GET: the visitor as JSON. POST: performs `action`, with its fields."""
    member = request.user
    if request.method != "POST":
        profile = profiles.profile(member, conversation.visitor, conversation.uuid)
        return json_response({"visitor": profile})
    if request.POST.get("action") == "contacts":
        return show_contacts(request, conversation)
    if request.POST.get("action") == "copy":
        return settle_copy(request, conversation)
    action = visitor_forms.check(request.POST, member.uuid, conversation.uuid)
    if action.name == "erase" and not factors.fresh.is_fresh(request):
        return factors.fresh.ask(request)
    action.address = request.META.get("REMOTE_ADDR", "")
    limits.take("message", member_keys(member.uuid))
    leases.come_back(member)
    batches.do(action)
    # The sockets of a visitor who is blocked now are closed with the next upkeep.
    upkeep.soon()
    return done(request, "conversation", conversation.uuid)


def show_contacts(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """The profile with the contact data that the enterprise hides from agents, for this answer
    only; that it was shown is in the audit."""
    member, visitor = request.user, conversation.visitor
    limits.take("message", member_keys(member.uuid))
    about = {"kind": "visitor", "object_id": visitor.uuid, "visitor": visitor.uuid}
    origin = audit.of_request(request)
    audit.note(audit.Action.SHOWN, member.enterprise_id, origin, **about)
    if wants_json(request):
        profile = profiles.profile(member, visitor, conversation.uuid, contacts=True)
        return json_response({"visitor": profile})
    return render_workspace(request, conversation, contacts=True)


def settle_copy(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """Has answers go to an `address` in Cc of their mails, too, or with `accepted` 0 no more."""
    member: Member = request.user  # type: ignore[assignment]  # for_agents
    limits.take("message", member_keys(member.uuid))
    accepted = request.POST.get("accepted") == "1"
    copies.accept(member, conversation.uuid, request.POST.get("address", ""), accepted)
    return done(request, "conversation", conversation.uuid)
