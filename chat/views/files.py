"""Files that people sent, for those who may read the message; everybody else gets 404.

Each request is checked anew, because addresses get copied. This includes requests for a copy in
the browser's cache: `no-cache` makes the browser ask, and the answer for an unchanged file is 304.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts import audit, tokens
from accounts.models import Enterprise, Member
from chat.files import storage
from chat.ledger import access
from chat.ledger.threads import MESSAGE
from chat.visitors import cookies

from ..limits import member_keys
from ..models import Attachment, Conversation, GroupMessage, theirs
from .refusals import for_address, limit_requests

INLINE_TYPES = {"image/png", "image/jpeg", "image/webp"}
"""Pictures that this server has encoded itself. A browser must save every other file: shown as a
page of this site, it could run scripts in its name."""


def file_keys(request: HttpRequest) -> dict[str, str]:
    """Counts a request for the member, a program's too, or for the address of anybody else."""
    if program := program_of(request):
        return member_keys(program.uuid)
    if request.user.is_authenticated:
        return member_keys(request.user.uuid)
    return for_address(request)


def program_of(request: HttpRequest) -> Member | None:
    """The account whose token the request carries, if that reads messages. Whatever else the header
    has may be a proxy's, and leaves the cookies valid."""
    header = request.headers.get("Authorization")
    if header and not hasattr(request, "token"):
        request.token = tokens.read(header)
    token = getattr(request, "token", None)
    return token.member if token and tokens.Scope.MESSAGES_READ in token.scopes else None


@require_safe
@limit_requests(file_keys)
def file(request: HttpRequest, key: str) -> HttpResponse:
    """The file itself."""
    attachment = attachment_or_404(request, key)
    return file_response(request, attachment, attachment.mime, small=False)


@require_safe
@limit_requests(file_keys)
def small(request: HttpRequest, key: str) -> HttpResponse:
    """The preview of a picture that the conversation shows."""
    return file_response(request, attachment_or_404(request, key), "image/webp", small=True)


def attachment_or_404(request: HttpRequest, key: str) -> Attachment:
    # MariaDB compares without case, so it would find the row by a key in capitals, too.
    found = Attachment.objects.filter(key=key).first() if storage.KEY.match(key) else None
    row = found and storage.find_message(found)
    readers = is_for_program, is_for_member, is_for_visitor
    if row is None or not any(may_read(request, row) for may_read in readers):
        raise Http404
    return found


def is_for_program(request: HttpRequest, row: GroupMessage) -> bool:
    """Whether a program sent the request that may read the conversation of the message."""
    member = program_of(request)
    if member is None or member.enterprise is None or member.enterprise.code != row.ent_id:
        return False
    return access.conversation_for(member, row.group_id) is not None


def is_for_member(request: HttpRequest, row: GroupMessage) -> bool:
    """Whether a member sent the request who may see the conversation of the message."""
    member = request.user
    origin = audit.of_request(request)
    if not member.is_authenticated or member.enterprise is None:
        return False
    return member.enterprise.code == row.ent_id and bool(
        access.opened_by(member, row.group_id, origin)
    )


def is_for_visitor(request: HttpRequest, row: GroupMessage) -> bool:
    """Whether the conversation's visitor sent the request, and the message is no note."""
    enterprise = Enterprise.objects.filter(code=row.ent_id).first()
    if row.message_type != MESSAGE or enterprise is None or not enterprise.is_open:
        return False
    linked = cookies.linked_guest(request.COOKIES, enterprise)
    if linked and linked.only.uuid == row.group_id and not linked.blocked:
        return True
    guest = cookies.identify_guest(request.COOKIES, enterprise)
    if not guest or not guest.stored or guest.blocked:
        return False
    theirs_too = Conversation.objects.whole().filter(theirs(row.ent_id), uuid=row.group_id)
    return theirs_too.filter(visitor_id=guest.uuid).exists()


def file_response(
    request: HttpRequest, attachment: Attachment, mime: str, small: bool
) -> HttpResponse:
    """The content with the type `mime`: the preview if `small`, otherwise the whole file."""
    tag = f'"{attachment.key}{"-small" if small else ""}"'
    response = get_conditional_response(request, etag=tag)
    if response is None:
        content = storage.read(attachment.key, small)
        if content is None:
            raise Http404
        response = HttpResponse(content, content_type=mime)
        saved = mime not in INLINE_TYPES
        response["Content-Disposition"] = content_disposition_header(saved, attachment.name)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
