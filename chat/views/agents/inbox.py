"""The inbox as JSON: pages of it, and single rows."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts import rights
from chat.conversations import receptions, tags
from chat.limits import limits, member_keys
from chat.protocol import fields
from chat.protocol.errors import Refused
from chat.protocol.selection import Selection
from chat.reading import inbox, inbox_counts, search
from chat.views.common import json_response, parse_number
from chat.views.refusals import answer_refusals

from .workspace import for_agents

MAX_GROUPS = 50
"""Rows that one request may ask for by their uuid."""


@require_safe
@for_agents
@answer_refusals()
def page(request: HttpRequest) -> HttpResponse:
    """A page of a selection from the cursor `before`, or the rows of `group`, in any number."""
    member = request.user
    if "group" in request.GET:
        groups = [fields.uuid({"group": group}, "group") for group in requested_groups(request)]
        whole = member.may(rights.READ_ALL)
        rows = inbox.rows_of(member.uuid, member.enterprise.code, groups, whole)
        return json_response({"groups": rows})
    chosen = Selection.parse(request.GET)
    before = request.GET.get("before")
    if before and inbox.parse_cursor(before) is None:
        raise Refused("bad_field", "before is a cursor that this list gave out.")
    limit = parse_number(request.GET.get("limit", str(inbox.PAGE_SIZE)), "limit")
    if not 1 <= limit <= inbox.MAX_PAGE_SIZE:
        raise Refused("bad_field", f"limit is from 1 to {inbox.MAX_PAGE_SIZE}.")
    rows, more = inbox.page(member, before, limit, chosen)
    total, counts = inbox_counts.numbers(member)
    return json_response(
        {**chosen.facts, "groups": rows, "total": total, "counts": counts, "more": more}
    )


def requested_groups(request: HttpRequest) -> list[str]:
    groups = request.GET.getlist("group")
    if len(groups) > MAX_GROUPS:
        raise Refused("bad_field", f"At most {MAX_GROUPS} groups.")
    return groups


@require_safe
@for_agents
def counts(request: HttpRequest) -> HttpResponse:
    """How many conversations are in each view: pages ask for them after each change."""
    return json_response({"counts": inbox_counts.view_counts(request.user)})


@require_safe
@for_agents
def tags_in_use(request: HttpRequest) -> HttpResponse:
    """The enterprise's tags, the most used first: suggestions while an agent types one."""
    return json_response({"tags": tags.in_use(request.user.enterprise.code)})


@require_safe
@for_agents
def reasons_in_use(request: HttpRequest) -> HttpResponse:
    """The latest reasons for closing: suggestions while an agent types one."""
    return json_response({"reasons": receptions.reasons_in_use(request.user)})


@require_safe
@for_agents
@answer_refusals()
def find(request: HttpRequest) -> HttpResponse:
    """The messages with the words `q`, in the conversations that the member may see. `before` is
    the `more` of the previous page."""
    before = request.GET.get("before")
    cursor = parse_number(before, "before") if before else None
    search.terms_of(request.GET.get("q", ""))
    limits.take("search", member_keys(request.user.uuid))
    return json_response(search.find(request.user, request.GET["q"], cursor))
