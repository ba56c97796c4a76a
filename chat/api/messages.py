"""Messages of a conversation: its history, and writing, with files too."""

import uuid
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, UploadedFile
from pydantic import Field

from accounts import rights
from accounts.tokens import Scope
from chat.limits import member_keys
from chat.posting import uploads
from chat.posting.items import Draft
from chat.protocol import checks
from chat.protocol.errors import Refused
from chat.protocol.fields import MAX_SEQ
from chat.reading import history
from chat.views.common import json_response, store_message

from . import pages, schemas
from .conversations import conversation_or_refuse
from .door import named, reads, take_message, writes

router = Router(tags=["messages"])


class HistoryQuery(pages.PageQuery):
    after: int | None = Field(None, ge=0, le=MAX_SEQ, description="Newer ones than this seq")
    before: int | None = Field(None, ge=0, le=MAX_SEQ, description="Older ones than this seq")
    limit: int = Field(history.PAGE_SIZE, ge=1, le=200)


@router.get(
    "{uuid:group}/messages/",
    **reads(schemas.History, Scope.MESSAGES_READ),
    **named("conversation-messages", "list_messages", "Read messages"),
)
def messages(request: HttpRequest, group: UUID, query: Query[HistoryQuery]) -> HttpResponse:
    """Messages, notes and notices in ascending order: the newest, or with `after` or `before` (not
    both) those next to that seq."""
    found = conversation_or_refuse(request.token.member, group)
    bounds = query.dict(include={"after", "before"}, exclude_none=True)
    if len(bounds) > 1:
        raise Refused("bad_field", "after or before.", field="before")
    return json_response(history.page(found, as_visitor=False, limit=query.limit, **bounds))


@router.post(
    "{uuid:group}/messages/",
    **writes(schemas.Accepted, Scope.MESSAGES_WRITE),
    **named("conversation-messages", "send_message", "Write a message or a note"),
)
def send(request: HttpRequest, group: UUID, body: schemas.NewMessage) -> HttpResponse:
    """A message is read by the visitor, a note by agents only. It is stored when it is answered.
    Sent again with the same client_id it gets the same answer, so send it again whenever you do not
    know whether it arrived."""
    frame = body.dict(exclude_none=True)
    return stored(request, *draft_of(request, group, frame))


@router.post(
    "{uuid:group}/files/",
    **writes(schemas.AcceptedFile, Scope.MESSAGES_WRITE),
    **named("conversation-files", "send_file", "Send a file"),
)
def send_file(
    request: HttpRequest,
    group: UUID,
    fields: Form[schemas.FileFields],
    file: File[UploadedFile],
) -> HttpResponse:
    """A message with one file of up to 10 MiB, of a kind that people may send, too. Sent again with
    the same client_id and file it gets the same answer."""
    frame = fields.dict(exclude_none=True)
    return stored(request, *draft_of(request, group, frame, with_file=True))


def stored(request: HttpRequest, draft: Draft, ent_id: str) -> HttpResponse:
    """Stores it. A token that does not read messages gets none with the refusal `stale`, either."""
    try:
        return json_response(store_message(request, draft, ent_id, member_keys(draft.sender)))
    except Refused as refused:
        if "messages" in refused.facts and Scope.MESSAGES_READ not in request.token.scopes:  # type: ignore[attr-defined]
            refused.facts["messages"] = []
        raise


def draft_of(
    request: HttpRequest, group: UUID, frame: dict, with_file: bool = False
) -> tuple[Draft, str]:
    """The message of a program's, checked and counted, and its enterprise's code."""
    member = request.token.member
    found = conversation_or_refuse(member, group)
    frame = {"client_id": str(uuid.uuid4()), **frame, "group": found.uuid}
    form = checks.check_send(frame, visitor=False, with_file=with_file)
    take_message(member)
    draft = Draft.of_member(form, member, found.uuid)
    draft.bot, draft.service = member.role == rights.BOT, member.role == rights.SERVICE
    if with_file:
        uploads.refuse_early(draft, found)
    return draft, found.ent_id
