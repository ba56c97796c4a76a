"""Conversations: a list, one of them, one that begins, and what is done to them."""

from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from accounts import rights
from accounts.models import AccessToken, Member
from accounts.tokens import Scope
from chat.ledger import access
from chat.models import Conversation
from chat.posting import batches, beginnings, visitor_actions
from chat.protocol import checks
from chat.protocol.errors import Refused
from chat.reading import conversation_list, conversation_page
from chat.views.common import json_response

from . import pages, schemas
from .door import makes, named, reads, take_message, writes

router = Router(tags=["conversations"])
FOR_PEOPLE = ("claim", "leave")
"""What a service account cannot do: it holds no claim and has no seat."""
ACTIONS_OF = {
    "member": ("invite", "remove", "transfer"),
    "team": ("transfer",),
    "tag": ("tag", "untag"),
    "minutes": ("snooze",),
    "reason": ("close",),
    "summary": ("close",),
}
"""Which actions read a field. A note may come with any of them."""
NAMED = ("visitor", "name", "erased")
"""What a conversation tells of its visitor without the scope visitors:read."""


class ListQuery(pages.PageQuery):
    state: Literal["open", "closed"] | None = Field(None, description="Without it, both")
    team: str | None = Field(None, description="The slug of a team")
    cursor: str | None = Field(None, description="That of the page before")
    limit: int = Field(50, ge=1, le=100)


@router.get(
    "",
    **reads(schemas.ConversationPage, Scope.CONVERSATIONS_READ),
    **named("conversations", "list_conversations", "List conversations"),
)
def conversations(request: HttpRequest, query: Query[ListQuery]) -> HttpResponse:
    """The conversations of the enterprise (of a bot: those in which it has a seat), the latest
    begun first. Pages neither skip nor repeat one while others begin and change."""
    token = request.token
    if query.team is not None and not token.member.enterprise.teams.filter(slug=query.team):
        raise Refused("bad_field", "There is no such team.", field="team")
    (after,) = pages.place(query.cursor, token, "conversations", int) or [None]
    found = conversation_list.page(token.member, query.state, query.team, after, query.limit)
    shown = [within_scopes(one, token) for one in found.conversations]
    last = found.last and pages.cursor(token, "conversations", found.last)
    return json_response({"conversations": shown, "cursor": last})


def within_scopes(conversation: dict, token: AccessToken) -> dict:
    """A conversation object without what the token's scopes do not read."""
    shown = dict(conversation)
    if Scope.MESSAGES_READ not in token.scopes:
        shown["last"] = None
        for name in ("messages", "more"):
            shown.pop(name, None)
    if Scope.VISITORS_READ not in token.scopes:
        shown["visitor"] = {name: shown["visitor"][name] for name in NAMED}
    return shown


@router.post(
    "",
    **makes(schemas.ConversationAnswer, Scope.CONVERSATIONS_WRITE, Scope.MESSAGES_WRITE),
    **named("conversations", "begin_conversation", "Write to a visitor first"),
)
def begin(request: HttpRequest, body: schemas.NewConversation) -> HttpResponse:
    """201 where the message has opened the conversation. 200 where the visitor has one with that
    team: it has the message then, and is open. Nobody waits because of it, and it counts in no
    report. It is mailed only to an address that the visitor gave or proved, or the site signed. For
    service accounts."""
    token = request.token
    if token.member.role != rights.SERVICE:
        raise Refused("forbidden", "This is for service accounts.")
    take_message(token.member)
    begun = beginnings.begin(token.member, body.dict())
    found = conversation_or_refuse(token.member, UUID(begun.group))
    shown = within_scopes(conversation_page.agent_page(token.member, found), token)
    return json_response({"conversation": shown}, 201 if begun.is_new else 200)


@router.get(
    "{uuid:group}/",
    **reads(schemas.ConversationAnswer, Scope.CONVERSATIONS_READ),
    **named("conversation", "get_conversation", "Read a conversation"),
)
def conversation(request: HttpRequest, group: UUID) -> HttpResponse:
    """Its state, visitor and participants, and with the scope messages:read the newest 50
    messages."""
    token = request.token
    found = conversation_or_refuse(token.member, group)
    shown = conversation_page.agent_page(token.member, found)
    return json_response({"conversation": within_scopes(shown, token)})


def conversation_or_refuse(member: Member, group: UUID) -> Conversation:
    found = access.conversation_for(member, str(group))
    if found is None:
        raise access.merged(member.uuid, str(group)) or Refused(
            "not_found", "There is no such conversation for you."
        )
    return found


@router.post(
    "{uuid:group}/actions/",
    **writes(schemas.Done, Scope.CONVERSATIONS_WRITE),
    **named("conversation-actions", "act_on_conversation", "Close, transfer, tag … a conversation"),
)
def act(request: HttpRequest, group: UUID, body: schemas.Action) -> HttpResponse:
    """What is so already is answered likewise. A service account can neither claim nor leave: it
    holds no claim and has no seat."""
    member = request.token.member
    found = conversation_or_refuse(member, group)
    name = body.action
    if name not in schemas.ACTIONS:
        raise Refused(
            "bad_field", f"action is one of {', '.join(schemas.ACTIONS)}.", field="action"
        )
    if name in FOR_PEOPLE and member.role == rights.SERVICE:
        raise Refused("forbidden", "A service account holds no claim and has no seat.")
    fields = body.dict(exclude_none=True)
    for field in fields:
        if name not in ACTIONS_OF.get(field, schemas.ACTIONS):
            raise Refused("bad_field", f"{name} has no {field}.", field=field)
    frame = fields | {"type": f"conversation.{name}", "group": found.uuid}
    form = checks.check_frame(frame, visitor=False)
    take_message(member)
    batches.do(visitor_actions.asked(form, member.uuid))
    return json_response({"ok": True})
