"""Visitors: read, edited, erased."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from accounts.models import Member
from accounts.tokens import Scope
from chat.background import upkeep
from chat.ledger import access
from chat.models import Visitor, theirs
from chat.posting import batches, visitor_forms
from chat.posting.visitor_actions import VisitorAction
from chat.protocol.errors import Refused
from chat.reading import profiles
from chat.views.common import json_response

from . import schemas, visitor_schemas
from .door import named, reads, take_message, writes

router = Router(tags=["visitors"])


def visitor_or_refuse(member: Member, uuid: UUID) -> tuple[Visitor, dict[str, dict]]:
    """A visitor with a conversation that the account may read, or any if it may read all; and these
    conversations by group, the latest active first."""
    code = member.enterprise.code  # type: ignore[union-attr]  # a program has one
    found = Visitor.objects.filter(theirs(code), uuid=str(uuid)).first()
    known = profiles.readable_conversations(member, found) if found else {}
    if found is None or not (known or access.visitor_for(member, found.uuid)):
        raise Refused("not_found", "There is no such visitor.")
    return found, known


def action_on(name: str, member: Member, uuid: UUID) -> VisitorAction:
    """What the account does about a visitor. Refuses where there is none for it."""
    found, known = visitor_or_refuse(member, uuid)
    return VisitorAction(name, member.uuid, next(iter(known), ""), visitor=found.uuid)


@router.get(
    "{uuid:visitor}/",
    **reads(visitor_schemas.VisitorAnswer, Scope.VISITORS_READ),
    **named("visitor", "get_visitor", "Read a visitor"),
)
def read(request: HttpRequest, visitor: UUID) -> HttpResponse:
    """All that is known of the visitor, their conversations, and the last ten receptions."""
    return answer(request.token.member, visitor)


def answer(member: Member, uuid: UUID) -> HttpResponse:
    found, known = visitor_or_refuse(member, uuid)
    return json_response({"visitor": profiles.of_all(member, found, known)})


@router.patch(
    "{uuid:visitor}/",
    **writes(schemas.Done, Scope.VISITORS_WRITE),
    **named("visitor", "edit_visitor", "Edit a visitor"),
)
def edit(request: HttpRequest, visitor: UUID, body: visitor_schemas.VisitorChange) -> HttpResponse:
    """`name` and `contact` are lines of up to 125 characters; at least one of them or `attributes`
    is given."""
    member = request.token.member
    action = action_on("edit", member, visitor)
    visitor_forms.check_edit(body.dict(exclude_none=True), action)
    take_message(member)
    batches.do(action)
    return json_response({"ok": True})


@router.delete(
    "{uuid:visitor}/",
    **writes(schemas.Done, Scope.VISITORS_WRITE),
    **named("visitor", "erase_visitor", "Erase a visitor"),
)
def erase(request: HttpRequest, visitor: UUID) -> HttpResponse:
    """Deletes for good all that names them, with the text of all their messages. Doing it again
    changes nothing."""
    member = request.token.member
    action = action_on("erase", member, visitor)
    action.address = request.META.get("REMOTE_ADDR", "")
    take_message(member)
    batches.do(action)
    # Their sockets are closed with the next upkeep.
    upkeep.soon()
    return json_response({"ok": True})
