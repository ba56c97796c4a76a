"""Mails as they came, for members and programs that may read their conversation and see contact
data: a mail's headers are full of it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from accounts.models import Member
from chat.channels.mail import markup, parsing
from chat.files import storage

from ..models import Attachment
from .files import file_keys, is_for_member, is_for_program, program_of
from .refusals import limit_requests

MAX_PICTURES = 8 * 1024 * 1024
"""Bytes of the pictures within a mail that its HTML is sent with."""


def mail_or_404(request: HttpRequest, key: str) -> bytes:
    """The mail. Raises PermissionDenied for who may read the conversation without contact data."""
    stored = Attachment.objects.filter(key=key, mime=storage.MAIL)
    file = stored.first() if storage.KEY.match(key) else None
    row = storage.find_message_of_mail(file) if file else None
    if row is None or not (is_for_program(request, row) or is_for_member(request, row)):
        raise Http404
    reader = program_of(request) or request.user
    if not isinstance(reader, Member) or not reader.sees_contacts:
        raise PermissionDenied
    content = storage.read(key, small=False)
    if content is None:
        raise Http404
    return content


@require_safe
@limit_requests(file_keys)
def raw(request: HttpRequest, key: str) -> HttpResponse:
    """The mail as a file."""
    response = HttpResponse(mail_or_404(request, key), content_type=storage.MAIL)
    response["Content-Disposition"] = "attachment; filename=mail.eml"
    return guarded(response, "default-src 'none'; sandbox")


@require_safe
@limit_requests(file_keys)
@xframe_options_sameorigin
def shown(request: HttpRequest, key: str) -> HttpResponse:
    """What its HTML looks like, for a frame of the workspace. It runs nothing, and with `pictures`
    alone it fetches pictures from elsewhere, which shows their senders that it was read."""
    mail = parsing.parse(mail_or_404(request, key))
    if not mail.html:
        raise Http404
    left = MAX_PICTURES

    def picture(cid: str) -> tuple[str, bytes] | None:
        nonlocal left
        found = next((part for part in mail.parts if part.cid == cid), None)
        left -= len(found.content) if found else 0
        return (found.mime, found.content) if found and left >= 0 else None

    page = f'<!doctype html><meta charset="utf-8">{markup.shown(mail.html, picture)}'
    response = HttpResponse(page)
    pictures = " https:" if "pictures" in request.GET else ""
    response["Referrer-Policy"] = "no-referrer"
    return guarded(
        response,
        f"default-src 'none'; img-src data:{pictures}; style-src 'unsafe-inline';"
        " form-action 'none'; base-uri 'none'; frame-ancestors 'self';"
        " sandbox allow-popups allow-popups-to-escape-sandbox",
    )


def guarded(response: HttpResponse, policy: str) -> HttpResponse:
    response["Content-Security-Policy"] = policy
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
