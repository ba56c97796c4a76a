"""What the visitor's and the agents' views share: forms in, JSON or a page out."""

import uuid

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from accounts.requests import error_page, wants_json
from chat import metrics
from chat.posting import batches, uploads
from chat.posting.batches import Draft
from chat.protocol import forms
from chat.protocol.errors import Refused
from chat.protocol.fields import MAX_SEQ
from chat.reading import history

from ..models import Conversation


def json(data: dict, status: int = 200) -> HttpResponse:
    """As JsonResponse, with times as the sockets write them."""
    body = orjson.dumps(data, option=orjson.OPT_UTC_Z)
    response = HttpResponse(body, content_type="application/json", status=status)
    response["Cache-Control"] = "no-store"
    return response


def refusal(refused: Refused) -> HttpResponse:
    """The error object of docs/protocol.md, with its status."""
    metrics.REFUSALS.labels(refused.code).inc()
    answer = {"error": refused.code, "detail": refused.detail, **refused.facts}
    return tell_wait(json(answer, refused.status), refused)


def tell_wait(response: HttpResponse, refused: Refused) -> HttpResponse:
    """Adds when to try again, where waiting helps."""
    if refused.code in ("rate_limited", "challenge"):
        response["Retry-After"] = str(refused.facts.get("retry_after", 1))
    return response


def too_much(request: HttpRequest, refused: Refused) -> HttpResponse:
    """What is answered in the place of a whole page that a limit refused."""
    if wants_json(request):
        return refusal(refused)
    title, detail = _("Too many requests"), _("Wait a moment, then try again.")
    return tell_wait(error_page(request, 429, title, detail), refused)


def unauthorised() -> HttpResponse:
    return json({"error": "forbidden", "detail": "Sign in first."}, 401)


def posted(request: HttpRequest, who: str, group: str | None) -> forms.Send:
    """The form of a posted message, checked as the frame `message.send` is. A plain form may
    leave client_id out, and then a second submit is a second message.

    A page says by `me` whose it is: after somebody else signed in in the same browser, what
    stands in it must not go out under that other name.
    """
    if request.POST.get("me") not in (None, "", who):
        raise Refused("forbidden", "Somebody else is signed in now. Reload the page.")
    with_file = file_of(request) is not None
    fields = request.POST
    frame = {
        "client_id": fields.get("client_id") or str(uuid.uuid4()),
        "content": fields.get("content"),
        "group": group,
    }
    if fields.get("reply_to"):
        frame["reply_to"] = number(fields["reply_to"], "reply_to")
    if fields.get("question"):
        frame["question"] = number(fields["question"], "question")
    visitor = group is None
    if visitor:
        frame["introduction"] = introduced(fields)
        frame["proof"] = fields.get("proof") or None
        return forms.send(frame, visitor, with_file)
    if fields.get("mentions"):
        frame["mentions"] = fields["mentions"].split(",")
    if fields.get("note", "") not in ("", "0", "1", "on", "true", "false"):
        raise Refused("bad_field", "note is 1 or 0.")
    frame["note"] = fields.get("note") in ("1", "on", "true")
    if fields.get("seen"):
        frame["seen"] = number(fields["seen"], "seen")
    return forms.send(frame, visitor, with_file)


def introduced(fields: QueryDict) -> dict:
    """What a visitor says of themselves in a form's own fields."""
    said: dict = {name: fields[name] for name in ("name", "email", "phone") if fields.get(name)}
    if fields.get("consent", "") not in ("", "1", "on", "true"):
        raise Refused("bad_field", "consent is 1.", field="consent")
    for name in ("topic", "rule"):
        if fields.get(name):
            said[name] = number(fields[name], name)
    if fields.get("visit"):
        said["visit"] = fields["visit"]
    return said | {"consent": True} if fields.get("consent") else said


def file_of(request: HttpRequest) -> UploadedFile | None:
    """The file that a form brings, if it brings one. A plain form without one sends none, or in
    some browsers an empty one without a name."""
    sent = [file for name in request.FILES for file in request.FILES.getlist(name)]
    if len(sent) > 1 or set(request.FILES) - {"file"}:
        raise Refused("bad_field", "One file at a time, as `file`.")
    return sent[0] if sent else None


def store(request: HttpRequest, draft: Draft, ent_id: str, keys: dict[str, str]) -> dict:
    """Stores the posted message, with its file if it has one, and returns its acceptance."""
    file = file_of(request)
    if file is None:
        return batches.post(draft)
    return uploads.post(draft, file, ent_id, keys)


def number(text: str, name: str) -> int:
    """A whole number from a form or query, 0 to 2³¹−1."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= MAX_SEQ):
        raise Refused("bad_field", f"{name} must be a whole number.")
    return int(text)


def history_page(request: HttpRequest, conversation: Conversation, as_visitor: bool) -> dict:
    """The answer to GET …/messages/?after=|before=&limit=."""
    bounds = {
        name: number(request.GET[name], name) for name in ("after", "before") if name in request.GET
    }
    limit = number(request.GET.get("limit", str(history.PAGE)), "limit")
    if len(bounds) > 1 or not 1 <= limit <= 200:
        raise Refused("bad_field", "after or before, and limit from 1 to 200.")
    found, more = history.messages(conversation, as_visitor, limit=limit, **bounds)
    last = conversation.public_seq if as_visitor else conversation.last_seq
    return {"messages": found, "last_seq": last, "more": more}
