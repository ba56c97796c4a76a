"""A customer's page beside the workspace: of all their conversations those that the member may
read. What only managers do stands in the administration."""

import uuid
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import hours, rights
from accounts.models import Member
from chat.customers import links
from chat.models import Visitor, theirs
from chat.protocol.errors import Refused
from chat.visitor_page import acts
from chat.visitor_page import page as pages

from .workspace import for_agents


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def page(request: HttpRequest, visitor: uuid.UUID) -> HttpResponse:
    """404 for whoever may read none of this visitor's conversations; managers are sent to the page
    in the administration. POST: does `action` where the member sits."""
    member: Member = request.user  # type: ignore[assignment]  # for_agents
    seated = None if member.may(rights.READ_ALL) else member
    people = readable(member, str(visitor), seated)
    if not people:
        raise Http404
    if member.may(rights.LEAD):
        return redirect("admin:chat_visitor_change", visitor)
    if request.method == "POST":
        # Of visitors who are read without a seat nothing is changed.
        groups = pages.latest_groups(people, member)
        mine = [one for one in people if one.uuid in groups]
        return acts.answer(request, mine, partial(show, request, member, people, seated))
    return show(request, member, people, seated)


def show(
    request: HttpRequest,
    member: Member,
    people: list[Visitor],
    seated: Member | None,
    refused: Refused | None = None,
) -> HttpResponse:
    """The page; `refused` is why the form that was sent was not done."""
    try:
        context = pages.context(member, people, request.GET, seated)
    except Refused as wrong:
        raise Http404 from wrong
    if seated is None:
        pages.note_opened(request, context["enterprise"], people[0])
    form = request.POST.dict() if refused else {}
    context |= acts.drafts(
        people, context["values"], form, refused.facts.get("wrong", {}) if refused else {}
    )
    with timezone.override(hours.zone_named(context["enterprise"].zone)):
        return render(request, "chat/agent/customer.html", {"thread": "conversation", **context})


def readable(member: Member, who: str, seated: Member | None) -> list[Visitor]:
    """The visitors of the customer that this visitor (uuid) is, without those with whom the member
    has no seat if they are `seated`; none where it is this one."""
    code = member.enterprise.code  # type: ignore[union-attr]  # for_agents
    found = Visitor.objects.filter(theirs(code), uuid=who).first()
    people = links.visitors_of(found) if found else []
    if seated:
        talks = pages.conversations(people, seated)
        known = set(talks.values_list("visitor_id", flat=True))
        people = [one for one in people if one.uuid in known]
    return people if found in people else []
