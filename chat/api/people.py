"""Teams, and the members to whom conversations can be given."""

from collections import defaultdict

from django.http import HttpRequest, HttpResponse
from ninja import Router

from accounts import rights
from accounts.models import Member, TeamMember
from accounts.tokens import Scope
from chat.reading import conversation_page
from chat.views.common import json_response

from . import schemas
from .door import named, reads

router = Router(tags=["people"])


@router.get(
    "teams/",
    **reads(schemas.TeamList, Scope.CONVERSATIONS_READ),
    **named("teams", "list_teams", "List teams"),
)
def teams(request: HttpRequest) -> HttpResponse:
    """The teams of the enterprise, to which conversations can be transferred."""
    found = conversation_page.colleagues_with_states(request.token.member)
    return json_response({"teams": found["teams"]})


@router.get(
    "members/",
    **reads(schemas.MemberList, Scope.CONVERSATIONS_READ),
    **named("members", "list_members", "List members"),
)
def members(request: HttpRequest) -> HttpResponse:
    """The enabled members with a workspace, by name: those whom `invite` and `transfer` take."""
    found = conversation_page.colleagues_with_states(request.token.member)["members"]
    known = Member.objects.filter(uuid__in=[one["member"] for one in found])
    places = TeamMember.objects.filter(member__in=known).order_by("team_id")
    slugs = defaultdict(list)
    for who, slug in places.values_list("member__uuid", "team__slug"):
        slugs[who].append(slug)
    rows = [one | {"teams": slugs[one["member"]]} for one in found]
    if request.token.member.may(rights.REPORTS):
        # Nobody else needs what members sign in with, a bot least of all.
        accounts = dict(known.values_list("uuid", "name"))
        rows = [row | {"account": accounts[row["member"]]} for row in rows]
    return json_response({"members": rows})
