"""What the views of visitors and agents share: they read forms and queries, and answer JSON."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import IO

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from accounts import audit
from accounts.models import Enterprise
from accounts.requests import wants_json
from chat.ledger.access import READING
from chat.posting import batches, uploads
from chat.posting.batches import Draft
from chat.protocol import checks, forms
from chat.protocol.errors import Refused
from chat.protocol.fields import MAX_SEQ
from chat.reading import history

CHUNK = 256 * 1024
"""Bytes of a file that are read at a time."""


def json_response(data: dict, status: int = 200) -> HttpResponse:
    """`data` as JSON that no cache keeps. Times have the format that sockets send: UTC with Z."""
    body = orjson.dumps(data, option=orjson.OPT_UTC_Z)
    response = HttpResponse(body, content_type="application/json", status=status)
    response["Cache-Control"] = "no-store"
    return response


def done(request: HttpRequest, page: str, *args: str) -> HttpResponse:
    """The answer to what was done: to scripts that it was, to others the way to a page, whose
    address or name with arguments is given."""
    return json_response({"ok": True}) if wants_json(request) else redirect(page, *args)


def unauthorised() -> HttpResponse:
    """The 401 for whoever has no cookie or is not signed in."""
    return json_response({"error": "forbidden", "detail": "Sign in first."}, 401)


def note_archive_read(request: HttpRequest, enterprise: Enterprise) -> None:
    """Notes in the audit that somebody reads what visitors of the enterprise wrote to others."""
    about = {"kind": "archive", "object_id": enterprise.code}
    origin = audit.of_request(request)
    audit.note_once(READING, audit.Action.READ, enterprise.pk, origin, **about)


async def pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    """The file, piece by piece, then closed; asynchronous, as ASGI would collect any other
    iterator."""
    with file:
        while piece := await asyncio.to_thread(file.read, CHUNK):
            yield piece


def refuse_others(fields: QueryDict, who: str) -> None:
    """The field `me` says for whom the page was made. If another person, `who`, has signed in in
    the same browser since, nothing is sent in their name, and nothing of theirs shown there."""
    if fields.get("me") not in (None, "", who):
        raise Refused("forbidden", "Somebody else is signed in now. Reload the page.")


def read_message_form(request: HttpRequest, who: str, group: str | None) -> forms.SendForm:
    """The message in a form, checked as the frame `message.send` is.

    `who` is the sender's uuid, `group` the conversation's; None means a visitor's message.
    Raises `Refused` for a wrong field. Without `client_id` in the form a new one is made, so a
    second submit stores a second message.
    """
    refuse_others(request.POST, who)
    with_file = uploaded_file(request) is not None
    fields = request.POST
    frame = {
        "client_id": fields.get("client_id") or str(uuid.uuid4()),
        "content": fields.get("content"),
        "group": group,
    }
    if fields.get("reply_to"):
        frame["reply_to"] = parse_number(fields["reply_to"], "reply_to")
    if fields.get("question"):
        frame["question"] = parse_number(fields["question"], "question")
    visitor = group is None
    if visitor:
        frame["introduction"] = read_introduction(fields)
        frame["proof"] = fields.get("proof") or None
        agents = ("note", "seen", "mentions")
        frame |= {name: fields[name] for name in agents if fields.get(name)}  # Refused
        return checks.check_send(frame, visitor, with_file)
    if fields.get("mentions"):
        frame["mentions"] = fields["mentions"].split(",")
    if fields.get("note", "") not in ("", "0", "1", "on", "true", "false"):
        raise Refused("bad_field", "note is 1 or 0.")
    frame["note"] = fields.get("note") in ("1", "on", "true")
    if fields.get("seen"):
        frame["seen"] = parse_number(fields["seen"], "seen")
    return checks.check_send(frame, visitor, with_file)


def read_introduction(fields: QueryDict) -> dict:
    """The `introduction` of the frame `message.send`, from the fields of a form."""
    introduction: dict = {
        name: fields[name] for name in ("name", "email", "phone") if fields.get(name)
    }
    if fields.get("consent", "") not in ("", "1", "on", "true"):
        raise Refused("bad_field", "consent is 1.", field="consent")
    for name in ("topic", "rule"):
        if fields.get(name):
            introduction[name] = parse_number(fields[name], name)
    if fields.get("visit"):
        introduction["visit"] = fields["visit"]
    return introduction | {"consent": True} if fields.get("consent") else introduction


def uploaded_file(request: HttpRequest) -> UploadedFile | None:
    """The file in a form, or None. Raises `Refused` for several, or under another name."""
    files = [file for name in request.FILES for file in request.FILES.getlist(name)]
    if len(files) > 1 or set(request.FILES) - {"file"}:
        raise Refused("bad_field", "One file at a time, as `file`.")
    return files[0] if files else None


def store_message(request: HttpRequest, draft: Draft, ent_id: str, keys: dict[str, str]) -> dict:
    """Stores a message, with the file in the form if there is one.

    `ent_id` is the enterprise's code, `keys` says for whom the file is counted. Returns the
    fields of the event `message.accepted`. Raises `Refused`.
    """
    file = uploaded_file(request)
    if file is None:
        return batches.post(draft)
    return uploads.post(draft, file, ent_id, keys)


def parse_number(text: str, name: str) -> int:
    """The whole number in the field `name` of a form or a query, 0 to 2³¹−1, or `Refused`."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= MAX_SEQ):
        raise Refused("bad_field", f"{name} must be a whole number.")
    return int(text)


def history_bounds(request: HttpRequest) -> dict[str, int]:
    """What GET …/messages/?after=|before=&limit= asks for: `limit` messages, 1 to 200, with a seq
    after or before the one given."""
    bounds = {
        name: parse_number(request.GET[name], name)
        for name in ("after", "before")
        if name in request.GET
    }
    limit = parse_number(request.GET.get("limit") or str(history.PAGE_SIZE), "limit")
    if len(bounds) > 1 or not 1 <= limit <= 200:
        raise Refused("bad_field", "after or before, and limit from 1 to 200.")
    return bounds | {"limit": limit}
