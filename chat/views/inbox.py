"""The inbox as JSON: pages of it, and single rows."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chat.conversations import receptions, tags
from chat.protocol import fields
from chat.protocol.errors import Refused
from chat.protocol.selection import Selection
from chat.reading import inbox, search

from ..limits import limits, member_keys
from .common import json, number, refusal
from .workspace import for_agents

MOST_GROUPS = 50
"""Rows that may be asked for by name at once."""


@require_safe
@for_agents
def page(request: HttpRequest) -> HttpResponse:
    """A page of a selection from the cursor `before`, or the rows of `group`, in any number."""
    member = request.user
    try:
        if "group" in request.GET:
            groups = [fields.uuid({"group": group}, "group") for group in asked_for(request)]
            return json({"groups": inbox.rows_of(member.uuid, groups)})
        chosen = Selection.of(request.GET)
        before = request.GET.get("before")
        if before and inbox.parse_cursor(before) is None:
            raise Refused("bad_field", "before is a cursor that this list gave out.")
        limit = number(request.GET.get("limit", str(inbox.PAGE_SIZE)), "limit")
        if not 1 <= limit <= inbox.MAX_PAGE_SIZE:
            raise Refused("bad_field", f"limit is from 1 to {inbox.MAX_PAGE_SIZE}.")
    except Refused as refused:
        return refusal(refused)
    rows, more = inbox.page(member.uuid, before, limit, chosen)
    return json(
        {
            "view": chosen.view,
            "tag": chosen.tag,
            "groups": rows,
            "total": inbox.total_unread(member.uuid),
            "counts": inbox.view_counts(member),
            "more": more,
        }
    )


def asked_for(request: HttpRequest) -> list[str]:
    groups = request.GET.getlist("group")
    if len(groups) > MOST_GROUPS:
        raise Refused("bad_field", f"At most {MOST_GROUPS} groups.")
    return groups


@require_safe
@for_agents
def counts(request: HttpRequest) -> HttpResponse:
    """How many the views hold: what a page asks again after each change that may move them."""
    return json({"counts": inbox.view_counts(request.user)})


@require_safe
@for_agents
def tags_in_use(request: HttpRequest) -> HttpResponse:
    """The enterprise's tags, the most used first: what is offered as one is typed."""
    return json({"tags": tags.in_use(request.user.enterprise.code)})


@require_safe
@for_agents
def reasons_in_use(request: HttpRequest) -> HttpResponse:
    """Why colleagues have closed lately: what is offered as one is typed."""
    return json({"reasons": receptions.reasons_in_use(request.user)})


@require_safe
@for_agents
def find(request: HttpRequest) -> HttpResponse:
    """What has these words, among the member's own conversations; `before` goes on from an
    answer's `more`."""
    try:
        before = request.GET.get("before")
        cursor = number(before, "before") if before else None
        search.terms_of(request.GET.get("q", ""))
        limits.take("search", member_keys(request.user.uuid))
        return json(search.find(request.user, request.GET["q"], cursor))
    except Refused as refused:
        return refusal(refused)
