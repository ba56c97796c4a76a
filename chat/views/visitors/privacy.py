"""The data that is stored about a visitor: a page about it, its export, and its erasure."""

from functools import wraps

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Enterprise
from accounts.requests import as_file
from chat.background import upkeep
from chat.care import erasure, personal_data
from chat.limits import limits
from chat.models import ArticleUse, Conversation, Visitor
from chat.protocol.errors import Refused
from chat.views.common import done, unauthorised
from chat.views.refusals import (
    answer_refusals,
    for_address,
    limit_requests,
    rate_limit_response,
    refusal_json,
)
from chat.visitors import cookies
from chat.visitors.cookies import Guest

from . import guests
from .embed import allow_framing, page_query


def for_guests(view):
    """Decorates a view: it gets the request, the enterprise, and the guest, who may be None or
    not stored. Blocked guests are let in: they, too, may know what is stored about them."""

    @never_cache
    @limit_requests(for_address)
    @wraps(view)
    def guarded(request: HttpRequest, ent_id: str) -> HttpResponse:
        enterprise, team = guests.enterprise_and_team_or_404(request, ent_id)
        if not enterprise.is_open:
            return allow_framing(guests.closed_page(request), request, enterprise)
        guest = guests.guest_of(request, enterprise)
        with timezone.override(guests.zone_of(enterprise, team)):
            return allow_framing(view(request, enterprise, guest), request, enterprise)

    return guarded


@require_safe
@for_guests
def page(request: HttpRequest, enterprise: Enterprise, guest: Guest | None) -> HttpResponse:
    """What is stored about the visitor."""
    return render_page(request, None, enterprise, guest)


def render_page(
    request: HttpRequest, refused: Refused | None, enterprise: Enterprise, guest: Guest | None
) -> HttpResponse:
    """The page; `refused` is why an erasure was refused."""
    known = visitor_of(enterprise, guest)
    row = known if known and known.pk else None
    status = refused.status if refused else 200
    context = {
        "enterprise": enterprise,
        "page_query": page_query(request),
        "held": row and personal_data.facts(row),
        "conversations": row
        and [conversation_row(request, one) for one in personal_data.conversations_of(row)],
        "linked": row is None and cookies.linked_guest(request.COOKIES, enterprise),
        "reads": known and row is None,
        "erased": status == 200 and request.GET.get("erased") == "1" and known is None,
        "refused": refused,
        "blocked": guest and guest.blocked,
    }
    return render(request, "chat/visitor/privacy.html", context, status=status)


def conversation_row(request: HttpRequest, conversation: Conversation) -> dict:
    """The summary of a conversation, with the query that leads to it in this language and frame."""
    summary = personal_data.summary(conversation)
    return summary | {"query": page_query(request, team=summary["slug"])}


def visitor_of(enterprise: Enterprise, guest: Guest | None) -> Visitor | None:
    """The stored visitor; one without a `pk` where only what they did with articles is stored;
    None for one of whom nothing is known."""
    if guest is None:
        return None
    reader = Visitor(uuid=guest.uuid, ent_id=enterprise.code)
    row = Visitor.objects.filter(uuid=guest.uuid).first()
    return row or (reader if ArticleUse.objects.by(reader).exists() else None)


@require_safe
@for_guests
@answer_refusals(rate_limit_response)
def export(request: HttpRequest, enterprise: Enterprise, guest: Guest | None) -> HttpResponse:
    """All that is stored about the visitor, as a JSON file."""
    row = visitor_of(enterprise, guest)
    if guest is None or row is None:
        return unauthorised() if guest is None else refusal_json(nothing_stored())
    limits.take("transcript", guests.limit_keys(request, guest.uuid, enterprise.code))
    data = personal_data.export(enterprise, row)
    guests.note_export(enterprise, row.uuid, "visitor-export", kind="visitor", object_id=row.uuid)
    body = orjson.dumps(data, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2)
    name = f"{enterprise.code}-{timezone.now():%Y-%m-%d}.json"
    return as_file(body, name, "application/json")


@require_POST
@for_guests
@answer_refusals(render_page)
def erase(request: HttpRequest, enterprise: Enterprise, guest: Guest | None) -> HttpResponse:
    """Erases the visitor for good; `sure` must be 1."""
    row = visitor_of(enterprise, guest)
    if guest is None or row is None:
        raise nothing_stored()
    if guest.blocked:
        # Otherwise an erasure would be a way out of a block.
        raise guest.closed_out()
    limits.take("message", guests.limit_keys(request, guest.uuid, enterprise.code))
    if request.POST.get("sure") != "1":
        raise Refused("bad_field", "sure is 1: it cannot be undone.")
    if row.pk:
        personal_data.erase(guest.uuid)
    else:
        erasure.of_reader(row)
    # The visitor's sockets are closed with the next upkeep, and their pages start afresh.
    upkeep.soon()
    query, own = page_query(request), request.path.removesuffix("erase/")
    return done(request, f"{own}{query}{'&' if query else '?'}erased=1")


def nothing_stored() -> Refused:
    return Refused("not_found", "Nothing is kept of you here.")
