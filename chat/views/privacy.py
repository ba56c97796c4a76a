"""What is kept of a visitor: their page about it, all of it as a file, and its end."""

from functools import wraps

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Enterprise
from accounts.requests import wants_json
from chat.background import upkeep
from chat.care import personal_data
from chat.protocol.errors import Refused
from chat.visitors.cookies import Guest

from ..limits import limits
from ..models import Conversation, Visitor
from . import visitor
from .common import json, refusal, tell_wait, too_much, unauthorised
from .framing import allow_framing, page_query


def at_the_door(view):
    """`view` gets the request, the enterprise, and the guest, who may be None or have written
    nothing. Also for who is blocked: what is kept of them is theirs to know."""

    @never_cache
    @visitor.limited
    @wraps(view)
    def guarded(request: HttpRequest, ent_id: str) -> HttpResponse:
        enterprise, _team = visitor.door(request, ent_id)
        if not enterprise.is_open:
            return allow_framing(visitor.closed(request), request, enterprise)
        guest = visitor.guest_of(request, enterprise)
        return allow_framing(view(request, enterprise, guest), request, enterprise)

    return guarded


@require_safe
@at_the_door
def page(request: HttpRequest, enterprise: Enterprise, guest: Guest | None) -> HttpResponse:
    return show(request, enterprise, guest)


def show(
    request: HttpRequest,
    enterprise: Enterprise,
    guest: Guest | None,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    row = row_of(guest)
    context = {
        "enterprise": enterprise,
        "page_query": page_query(request),
        "held": row and personal_data.facts(row),
        "conversations": row
        and [talk(request, one) for one in personal_data.conversations_of(row)],
        "erased": status == 200 and request.GET.get("erased") == "1" and row is None,
        "refused": refused,
    }
    return render(request, "chat/privacy.html", context, status=status)


def talk(request: HttpRequest, conversation: Conversation) -> dict:
    """A conversation in a line, with the query that leads to it in this language and frame."""
    told = personal_data.summary(conversation)
    return told | {"query": page_query(request, team=told["slug"])}


def row_of(guest: Guest | None) -> Visitor | None:
    return Visitor.objects.filter(uuid=guest.uuid).first() if guest and guest.stored else None


@require_safe
@at_the_door
def export(request: HttpRequest, enterprise: Enterprise, guest: Guest | None) -> HttpResponse:
    """All of it as a JSON file."""
    row = row_of(guest)
    if row is None:
        return unauthorised() if guest is None else refusal(nothing())
    try:
        limits.take("transcript", visitor.keys_of(request, guest.uuid, enterprise.code))
    except Refused as refused:
        return too_much(request, refused)
    held = personal_data.export(enterprise, row)
    body = orjson.dumps(held, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2)
    response = HttpResponse(body, content_type="application/json")
    name = f"{enterprise.code}-{timezone.now():%Y-%m-%d}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@at_the_door
def erase(request: HttpRequest, enterprise: Enterprise, guest: Guest | None) -> HttpResponse:
    """For good; `sure` is 1."""
    try:
        if row_of(guest) is None:
            raise nothing()
        if guest.blocked:
            # Else a block would end by it.
            raise guest.closed_out()
        limits.take("message", visitor.keys_of(request, guest.uuid, enterprise.code))
        if request.POST.get("sure") != "1":
            raise Refused("bad_field", "sure is 1: it cannot be undone.")
        personal_data.erase(guest.uuid)
        # Their sockets close with the next beat, and their pages begin anew.
        upkeep.soon()
    except Refused as refused:
        if wants_json(request):
            return refusal(refused)
        return tell_wait(show(request, enterprise, guest, refused, refused.status), refused)
    if wants_json(request):
        return json({"ok": True})
    query = page_query(request)
    return redirect(f"{request.path.removesuffix('erase/')}{query}{'&' if query else '?'}erased=1")


def nothing() -> Refused:
    return Refused("not_found", "Nothing is kept of you here.")
