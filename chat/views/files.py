"""Files that people sent, for the people of their group; to anybody else they are not there.

An address alone opens nothing: each request is looked up anew, the one for a copy that the browser
already has as well (`no-cache` has it ask, and an unchanged file is answered by 304).
"""

from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.models import Enterprise
from chat.delivery import access
from chat.delivery.threads import MESSAGE
from chat.files import storage
from chat.protocol.errors import Refused
from chat.visitors import cookies

from ..limits import limits, member_keys, visitor_keys
from ..models import Attachment, Conversation, GroupMessage
from .common import too_much

INLINE = {"image/png", "image/jpeg", "image/webp"}
"""Drawn by us, from pixels. All else is saved, never shown as a page of this site."""


def limited(view):
    """Counts the request for its member, or for its address, before anything is read."""

    @wraps(view)
    def counted(request: HttpRequest, key: str) -> HttpResponse:
        try:
            limits.take("fetch", keys_of(request))
        except Refused as refused:
            return too_much(request, refused)
        return view(request, key)

    return counted


def keys_of(request: HttpRequest) -> dict[str, str]:
    if request.user.is_authenticated:
        return member_keys(request.user.uuid)
    return visitor_keys(None, request.META.get("REMOTE_ADDR", ""), "")


@require_safe
@limited
def file(request: HttpRequest, key: str) -> HttpResponse:
    found = found_or_404(request, key)
    return answer(request, found, found.mime, small=False)


@require_safe
@limited
def small(request: HttpRequest, key: str) -> HttpResponse:
    """The picture as the thread shows it."""
    return answer(request, found_or_404(request, key), "image/webp", small=True)


def found_or_404(request: HttpRequest, key: str) -> Attachment:
    # MariaDB takes a key in capitals for the same.
    found = Attachment.objects.filter(key=key).first() if storage.KEY.match(key) else None
    row = found and storage.find_message(found)
    if row is None or not (for_member(request, row) or for_visitor(request, row)):
        raise Http404
    return found


def for_member(request: HttpRequest, row: GroupMessage) -> bool:
    member = request.user
    return member.is_authenticated and bool(access.conversation_for(member, row.group_id))


def for_visitor(request: HttpRequest, row: GroupMessage) -> bool:
    """Whether the visitor of the message's conversation asks; never for a note."""
    enterprise = Enterprise.objects.filter(code=row.ent_id).first()
    if row.message_type != MESSAGE or enterprise is None or not enterprise.is_open:
        return False
    guest = cookies.identify_guest(request.COOKIES, enterprise)
    if not guest or not guest.stored or guest.blocked:
        return False
    return Conversation.objects.filter(uuid=row.group_id, visitor_id=guest.uuid).exists()


def answer(request: HttpRequest, found: Attachment, mime: str, small: bool) -> HttpResponse:
    tag = f'"{found.key}{"-small" if small else ""}"'
    response = get_conditional_response(request, etag=tag)
    if response is None:
        content = storage.read(found.key, small)
        if content is None:
            raise Http404
        response = HttpResponse(content, content_type=mime)
        saved = mime not in INLINE
        response["Content-Disposition"] = content_disposition_header(saved, found.name)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
