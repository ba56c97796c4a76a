"""Messages of a conversation: its history, and writing."""

import uuid
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from accounts import rights
from accounts.tokens import Scope
from chat.posting import batches
from chat.posting.items import Draft
from chat.protocol import checks
from chat.protocol.errors import Refused
from chat.protocol.fields import MAX_SEQ
from chat.reading import history
from chat.views.common import json_response

from . import schemas
from .conversations import conversation_or_refuse
from .door import needs, take_message

router = Router(tags=["messages"])


class HistoryQuery(Schema):
    after: int | None = Field(None, ge=0, le=MAX_SEQ, description="Newer ones than this seq")
    before: int | None = Field(None, ge=0, le=MAX_SEQ, description="Older ones than this seq")
    limit: int = Field(history.PAGE_SIZE, ge=1, le=200)


@router.get(
    "{uuid:group}/messages/",
    **needs(Scope.MESSAGES_READ),
    response={200: schemas.History, **schemas.ERRORS},
    url_name="conversation-messages",
    operation_id="list_messages",
    summary="Read messages",
)
def messages(request: HttpRequest, group: UUID, query: Query[HistoryQuery]) -> HttpResponse:
    """Messages, notes and notices in ascending order: the newest, or with `after` or `before` (not
    both) those next to that seq."""
    found = conversation_or_refuse(request.token.member, group)
    bounds = query.dict(include={"after", "before"}, exclude_none=True)
    if len(bounds) > 1:
        raise Refused("bad_field", "after or before.", field="before")
    shown, more = history.messages(found, as_visitor=False, limit=query.limit, **bounds)
    return json_response({"messages": shown, "last_seq": found.last_seq, "more": more})


@router.post(
    "{uuid:group}/messages/",
    **needs(Scope.MESSAGES_WRITE),
    response={200: schemas.Accepted, **schemas.WRITE_ERRORS},
    url_name="conversation-messages",
    operation_id="send_message",
    summary="Write a message or a note",
)
def send(request: HttpRequest, group: UUID, body: schemas.NewMessage) -> HttpResponse:
    """A message is read by the visitor, a note by agents only. It is stored when it is answered.
    Sent again with the same client_id it gets the same answer, so send it again whenever you do not
    know whether it arrived."""
    member = request.token.member
    found = conversation_or_refuse(member, group)
    frame = body.dict(exclude_none=True) | {"group": found.uuid}
    frame.setdefault("client_id", str(uuid.uuid4()))
    form = checks.check_send(frame, visitor=False)
    take_message(member)
    draft = Draft.of_member(form, member, found.uuid)
    draft.bot, draft.service = member.role == rights.BOT, member.role == rights.SERVICE
    return json_response(batches.post(draft))
